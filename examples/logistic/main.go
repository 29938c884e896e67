// Command logistic trains a logistic regression on two clouds of points: the
// whole of a Tuff program on one page.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"

	"github.com/tuff-ml/tuff"
	"github.com/tuff-ml/tuff/layers"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/train/data"
	"github.com/tuff-ml/tuff/train/optim"
)

// logistic is a module: any struct whose exported tensors are its parameters.
type logistic struct {
	W *ops.Tensor // [2]
	B *ops.Tensor // [1]
}

func newLogistic(s *ops.Scope) *logistic {
	return &logistic{
		W: ops.NewParam(s, ops.Ones(s, ops.F32, 2)),
		B: ops.NewParam(s, ops.Zeros(s, ops.F32, 1)),
	}
}

// Forward takes points [n, 2] to probabilities [n].
func (m *logistic) Forward(x *ops.Tensor) *ops.Tensor {
	return ops.MatMul(x, m.W).Add(m.B).Sigmoid()
}

func main() {
	if err := run(context.Background(), os.Stdout, 50); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, epochs int) error {
	dev, err := tuff.Open(tuff.Options{Chosen: func(c tuff.Choice) { fmt.Fprintln(out, c) }})
	if err != nil {
		return err
	}
	defer dev.Close()
	loader, err := data.NewLoader(points(200), data.Stack, data.LoaderOptions{BatchSize: 8, Shuffle: true, Seed: 1})
	if err != nil {
		return err
	}

	var net *logistic
	var opt *optim.SGD
	err = dev.Scope(ctx, ops.Train(nil), func(s *ops.Scope) error {
		net = newLogistic(s) // parameters outlive the scope
		opt = optim.NewSGD(s, layers.Params(net), 0.05)
		return nil
	})
	if err != nil {
		return err
	}
	defer layers.Release(net)
	defer opt.Release()

	for epoch := range epochs {
		var loss, right float64
		for b, err := range loader.Epoch(ctx, epoch) {
			if err != nil {
				return err
			}
			err = dev.Scope(ctx, ops.Train(nil), func(s *ops.Scope) error {
				x, y := ops.FromSlice(s, b.X, b.N, 2), ops.FromSlice(s, b.Y, b.N)
				p := net.Forward(x)
				l := layers.BCE(p, y)
				l.Backward()
				opt.Step(s)
				opt.ZeroGrad()
				hits := p.GtScalar(0.5).Eq(y.GtScalar(0.5)).Cast(ops.F32).Sum()
				v, err := l.Item(ctx)
				if err != nil {
					return err
				}
				h, err := hits.Item(ctx)
				loss, right = loss+v*float64(b.N), right+h
				return err
			}) // temporaries are freed here
			if err != nil {
				return err
			}
		}
		if n := float64(loader.Examples()); epoch == 0 || (epoch+1)%10 == 0 {
			fmt.Fprintf(out, "epoch %2d  loss %.4f  accuracy %.1f %%\n", epoch+1, loss/n, 100*right/n)
		}
	}
	w, err := ops.ToSlice[float32](ctx, net.W)
	if err != nil {
		return err
	}
	b, err := net.B.Item(ctx)
	fmt.Fprintf(out, "p = sigmoid(%.2f x + %.2f y + %.2f)\n", w[0], w[1], b)
	return err
}

// points are n points of two classes around (−1, 1) and (1, −1).
func points(n int) data.Slice[data.Pair[float32, float32]] {
	r := rand.New(rand.NewPCG(1, 2))
	out := make(data.Slice[data.Pair[float32, float32]], n)
	for i := range out {
		class := float32(i % 2)
		center := 2*class - 1
		out[i] = data.Pair[float32, float32]{N: 1, Y: []float32{class}, X: []float32{
			center + 1.5*float32(r.NormFloat64()), -center + 1.5*float32(r.NormFloat64()),
		}}
	}
	return out
}

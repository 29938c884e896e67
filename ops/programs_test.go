package ops_test

import (
	"errors"
	"math"
	"sync"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// Twelve small programs that the interface was cut for. Each runs on the CPU
// and on Vulkan.

func TestProgramLogistic(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		var w, b, lr, step *ops.Tensor
		train(t, dev, nil, func(s *ops.Scope) error {
			w = param(s, []float32{1, 1}, 2, 1)
			b = param(s, []float32{0}, 1)
			lr = s.Keep(ops.Full(s, ops.F32, 0.5, 1))
			step = s.Keep(ops.Zeros(s, ops.F32, 1))
			return nil
		})
		defer release(w, b, lr, step)
		xs := ramp(64 * 2)
		ys := make([]float32, 64)
		for i := range ys {
			if xs[2*i]-2*xs[2*i+1] > 0.1 {
				ys[i] = 1
			}
		}
		var first, last float64
		for i := range 60 {
			train(t, dev, nil, func(s *ops.Scope) error {
				x, y := ops.FromSlice(s, xs, 64, 2), ops.FromSlice(s, ys, 64, 1)
				z := ops.MatMulBias(x, w, b, ops.NoActivation)
				loss := z.Softplus(1, 20).Sub(y.Mul(z)).Mean() // cross-entropy from logits
				loss.Backward()
				step.AddScalar_(s, 1)
				ops.SGDStep(s, ops.SGDAttr{}, lr, step, []*ops.Tensor{w, b}, []*ops.Tensor{w.Grad(), b.Grad()}, nil)
				w.ZeroGrad()
				b.ZeroGrad()
				last = item(t, loss)
				if i == 0 {
					first = last
				}
				return nil
			})
		}
		if !(last < 0.5*first) {
			t.Errorf("wanted the loss at least halved, got %v → %v", first, last)
		}
	})
}

// adamNet is a small network with dropout and its Adam state.
type adamNet struct {
	params, m, v []*ops.Tensor
	lr, step     *ops.Tensor
}

func newAdamNet(s *ops.Scope) *adamNet {
	n := &adamNet{}
	add := func(k int, shape ...int) {
		n.params = append(n.params, param(s, ramp(k), shape...))
		n.m = append(n.m, s.Keep(ops.Zeros(s, ops.F32, shape...)))
		n.v = append(n.v, s.Keep(ops.Zeros(s, ops.F32, shape...)))
	}
	add(8*32, 8, 32)
	add(32, 32)
	add(32*4, 32, 4)
	add(4, 4)
	n.lr = s.Keep(ops.Full(s, ops.F32, 1e-2, 1))
	n.step = s.Keep(ops.Zeros(s, ops.F32, 1))
	return n
}

func (n *adamNet) all() []*ops.Tensor {
	out := append([]*ops.Tensor{n.lr, n.step}, n.params...)
	return append(append(out, n.m...), n.v...)
}

func (n *adamNet) forward(x *ops.Tensor) *ops.Tensor {
	h := ops.MatMulBias(x, n.params[0], n.params[1], ops.ActReLU).Dropout(0.1)
	return ops.MatMulBias(h, n.params[2], n.params[3], ops.NoActivation)
}

// update is one training step on x and the one-hot targets y.
func (n *adamNet) update(s *ops.Scope, x, y *ops.Tensor) *ops.Tensor {
	loss := n.forward(x).LogSoftmax(-1).Mul(y).Sum(-1).Mean().Neg()
	loss.Backward()
	grads := make([]*ops.Tensor, len(n.params))
	for i, p := range n.params {
		grads[i] = p.Grad()
	}
	n.step.AddScalar_(s, 1)
	ops.AdamStep(s, ops.AdamAttr{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}, n.lr, n.step, n.params, grads, n.m, n.v)
	for _, p := range n.params {
		p.ZeroGrad()
	}
	return loss
}

// batch is 16 samples with classes.
func batch(s *ops.Scope, shift int) (x, y *ops.Tensor) {
	xs, ids := ramp(16*8 + shift)[shift:], make([]int64, 16)
	for i := range ids {
		for k := range 4 {
			if xs[8*i+k] > xs[8*i+int(ids[i])] {
				ids[i] = int64(k)
			}
		}
	}
	return ops.FromSlice(s, xs, 16, 8), ops.FromSlice(s, ids, 16).OneHot(4, ops.F32)
}

func TestProgramMLP(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		rng := newRand(t, dev, 1)
		var net *adamNet
		train(t, dev, rng, func(s *ops.Scope) error { net = newAdamNet(s); return nil })
		defer release(net.all()...)
		var losses []float64
		for range 60 {
			train(t, dev, rng, func(s *ops.Scope) error {
				x, y := batch(s, 0)
				losses = append(losses, item(t, net.update(s, x, y)))
				return nil
			})
		}
		if last := losses[len(losses)-1]; !(last < 0.5*losses[0]) {
			t.Errorf("wanted the loss at least halved, got %v → %v", losses[0], last)
		}
	})
}

func TestProgramRunningStatistics(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		var mean, count *ops.Tensor
		infer(t, dev, func(s *ops.Scope) error {
			mean = s.Keep(ops.Zeros(s, ops.F32, 3))
			count = s.Keep(ops.Zeros(s, ops.F32, 1))
			return nil
		})
		defer release(mean, count)
		norm := func(s *ops.Scope, x *ops.Tensor) *ops.Tensor {
			if !s.Training() {
				return x.Sub(mean)
			}
			m := x.Mean(0)
			count.AddScalar_(s, 1)
			mean.LerpTensor_(s, s.In(count).Reciprocal(), m.Detach()) // cumulative average
			return x.Sub(m)
		}
		for i := range 4 {
			train(t, dev, nil, func(s *ops.Scope) error {
				x := ops.Full(s, ops.F32, float64(i), 5, 3).Watch()
				loss := norm(s, x).Square().Sum()
				loss.Backward()
				if v := values(t, x.Grad()); v[0] != 0 {
					t.Errorf("wanted gradient 0 at the mean, got %v", v[0])
				}
				return nil
			})
		}
		infer(t, dev, func(s *ops.Scope) error {
			for _, v := range values(t, norm(s, ops.Full(s, ops.F32, 2, 1, 3))) {
				if math.Abs(float64(v)-0.5) > 1e-6 { // mean of 0, 1, 2, 3 is 1.5
					t.Errorf("wanted 0.5, got %v", v)
				}
			}
			return nil
		})
	})
}

func TestProgramConcurrentReaders(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		var net *adamNet
		train(t, dev, nil, func(s *ops.Scope) error { net = newAdamNet(s); return nil })
		defer release(net.all()...)
		ask := func() ([]float32, error) {
			var out []float32
			err := dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) (err error) {
				x, _ := batch(s, 3)
				out, err = ops.ToSlice[float32](ctx, net.forward(x))
				return err
			})
			return out, err
		}
		want, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 64 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for range 5 {
					got, err := ask()
					if err != nil {
						t.Error(err)
						return
					}
					for i := range want {
						if got[i] != want[i] {
							t.Errorf("wanted the same bits from every goroutine, got %v and %v at %d", got[i], want[i], i)
							return
						}
					}
				}
			}()
		}
		wg.Wait()
	})
}

func TestProgramGradientAccumulation(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		var w *ops.Tensor
		train(t, dev, nil, func(s *ops.Scope) error { w = param(s, []float32{2, 3}, 2); return nil })
		defer release(w)
		for range 2 {
			train(t, dev, nil, func(s *ops.Scope) error {
				ops.FromSlice(s, []float32{1, 10}, 2).Mul(w).Sum().Backward()
				return nil
			})
		}
		if g := values(t, w.Grad()); g[0] != 2 || g[1] != 20 {
			t.Errorf("wanted [2 20] after two scopes, got %v", g)
		}
		w.ZeroGrad()
		if w.Grad() != nil {
			t.Error("wanted no gradient after ZeroGrad")
		}
	})
}

func TestProgramPenaltyAndTying(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		var w *ops.Tensor
		train(t, dev, nil, func(s *ops.Scope) error { w = param(s, []float32{1, 2, 3, 4}, 2, 2); return nil })
		defer release(w)
		train(t, dev, nil, func(s *ops.Scope) error {
			x := ops.FromSlice(s, []float32{1, 1}, 1, 2)
			y := ops.MatMul(ops.MatMul(x, w), w.T()) // w used twice, once transposed
			loss := y.Sum().Add(s.In(w).Square().Sum().MulScalar(0.5))
			loss.Backward()
			// y = x·w·wᵀ: x·w = [4 6]; Σy = 4·(1+3) + 6·(2+4) = 52; with
			// c = w's column sums [4 6]: d/dw[i,j] = (x_i + 1)·c_j here, plus w.
			want := []float32{8 + 1, 12 + 2, 8 + 3, 12 + 4}
			for i, g := range values(t, w.Grad()) {
				if math.Abs(float64(g-want[i])) > 1e-5 {
					t.Errorf("gradient %d: wanted %v, got %v", i, want[i], g)
				}
			}
			if v := item(t, loss); math.Abs(v-67) > 1e-4 {
				t.Errorf("wanted loss 52 + 15, got %v", v)
			}
			return nil
		})
		w.ZeroGrad()
	})
}

func TestProgramCaches(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		var growing, fixed, at *ops.Tensor
		infer(t, dev, func(s *ops.Scope) error {
			growing = s.Keep(ops.Zeros(s, ops.F32, 0, 2))
			fixed = s.Keep(ops.Zeros(s, ops.F32, 4, 2))
			at = s.Keep(ops.Zeros(s, ops.I64, 1))
			return nil
		})
		for i := range 3 {
			infer(t, dev, func(s *ops.Scope) error {
				row := ops.Full(s, ops.F32, float64(i+1), 1, 2)
				s.Replace(&growing, ops.Concat(0, s.In(growing), row))
				fixed.WriteAt(s, 0, at, row)
				at.AddScalar_(s, 1)
				return nil
			})
		}
		defer func() { release(growing, fixed, at) }()
		if g := values(t, growing); len(g) != 6 || g[0] != 1 || g[5] != 3 {
			t.Errorf("growing cache: wanted rows 1 2 3, got %v", g)
		}
		if f := values(t, fixed); f[0] != 1 || f[4] != 3 || f[6] != 0 {
			t.Errorf("fixed cache: wanted rows 1 2 3 0, got %v", f)
		}
	})
}

func TestProgramFailingScope(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		var w *ops.Tensor
		train(t, dev, nil, func(s *ops.Scope) error { w = param(s, []float32{1, 2}, 2); return nil })
		before := dev.Stats()
		stop := errors.New("stop")
		run := func(end func(s *ops.Scope, x *ops.Tensor) error) error {
			return dev.Scope(ctx, ops.Train(nil), func(s *ops.Scope) error {
				x := s.In(w).Square()
				x.Sum().Backward()
				s.Keep(ops.Zeros(s, ops.F32, 1000))
				k := w
				s.Replace(&k, ops.Zeros(s, ops.F32, 10))
				return end(s, x)
			})
		}
		if err := run(func(*ops.Scope, *ops.Tensor) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("wanted the function's error, got %v", err)
		}
		err := run(func(s *ops.Scope, x *ops.Tensor) error { x.Reshape(7); return nil })
		wantError(t, err, "reshape", "f32[2]")
		func() {
			defer func() {
				if r := recover(); r != "other" {
					t.Errorf("wanted the panic to pass on, got %v", r)
				}
			}()
			_ = run(func(*ops.Scope, *ops.Tensor) error { panic("other") })
		}()
		if w.Grad() != nil {
			t.Error("wanted the gradient cleared")
		}
		if err := dev.Sync(); err != nil {
			t.Fatal(err)
		}
		after := dev.Stats()
		if after.InUse != before.InUse || after.Kept != before.Kept || after.Scopes != 0 {
			t.Errorf("leak: before %+v, after %+v", before, after)
		}
		w.Release()
	})
}

func TestProgramSecondOrder(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		train(t, dev, nil, func(s *ops.Scope) error {
			x := ops.FromSlice(s, []float32{0.5, -1.5}, 2).Watch()
			y := x.Square().Mul(x).Sum() // Σx³
			g := ops.Gradients(y, []*ops.Tensor{x}, true)[0]
			h := ops.Gradients(g.Square().Sum(), []*ops.Tensor{x}, false)[0] // of Σ9x⁴: 36x³
			for i, v := range values(t, h) {
				xi := float64([]float32{0.5, -1.5}[i])
				if want := 36 * xi * xi * xi; math.Abs(float64(v)-want) > 1e-4*math.Abs(want) {
					t.Errorf("wanted %v, got %v", want, v)
				}
			}
			if x.Grad() != nil {
				t.Error("wanted Gradients to leave Grad alone")
			}
			return nil
		})
	})
}

func TestProgramCaptureReplay(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		run := func(captured bool) (losses []float64, weights []float32) {
			rng := newRand(t, dev, 7)
			var net *adamNet
			train(t, dev, rng, func(s *ops.Scope) error { net = newAdamNet(s); return nil })
			defer release(net.all()...)
			step := func(s *ops.Scope, in []*ops.Tensor) []*ops.Tensor {
				return []*ops.Tensor{net.update(s, in[0], in[1])}
			}
			if captured {
				prog, err := dev.Capture(ops.Train(rng), func(s *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) {
					return step(s, in), nil
				}, ops.NewSpec(ops.F32, 16, 8), ops.NewSpec(ops.F32, 16, 4))
				if err != nil {
					t.Fatal(err)
				}
				defer prog.Close()
				step = func(s *ops.Scope, in []*ops.Tensor) []*ops.Tensor { return prog.Run(s, in...) }
			}
			for i := range 50 {
				train(t, dev, rng, func(s *ops.Scope) error {
					x, y := batch(s, i)
					net.lr.Copy_(s, ops.Full(s, ops.F32, 1e-2/float64(1+i), 1)) // a rate that changes
					losses = append(losses, item(t, step(s, []*ops.Tensor{x, y})[0]))
					return nil
				})
			}
			return losses, values(t, net.params[0])
		}
		el, ew := run(false)
		cl, cw := run(true)
		for i := range el {
			if el[i] != cl[i] {
				t.Fatalf("step %d: eager loss %v, replayed %v", i, el[i], cl[i])
			}
		}
		for i := range ew {
			if ew[i] != cw[i] {
				t.Fatalf("weight %d: eager %v, replayed %v", i, ew[i], cw[i])
			}
		}
	})
}

func release(ts ...*ops.Tensor) {
	for _, t := range ts {
		t.ZeroGrad()
		t.Release()
	}
}

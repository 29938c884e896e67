package train_test

import (
	"context"
	"iter"
	"runtime"
	"testing"

	"github.com/tuff-ml/tuff/layers"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/train"
	"github.com/tuff-ml/tuff/train/optim"
)

// TestNoLeak: over 2,000 steps of an MLP with dropout, clipping and Adam, eager
// or captured, device memory stays as it was after the first 200, to the byte,
// and the heap within 1 MiB.
func TestNoLeak(t *testing.T) {
	for name, captured := range map[string]bool{"eager": false, "captured": true} {
		t.Run(name, func(t *testing.T) { longRun(t, captured) })
	}
}

func longRun(t *testing.T, captured bool) {
	dev := newDevice(t)
	rng, err := dev.NewRand(3)
	if err != nil {
		t.Fatal(err)
	}
	var net layers.Sequential
	var opt *optim.Adam
	err = dev.Scope(t.Context(), ops.Train(rng), func(s *ops.Scope) error {
		net = layers.Sequential{layers.NewLinear(s, 8, 16), layers.GELU{}, layers.Dropout{P: 0.2}, layers.NewLinear(s, 16, 4)}
		opt = optim.NewAdam(s, layers.Params(net), 1e-2)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	step := func(s *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) {
		loss := layers.CrossEntropy(net.Forward(in[0]), in[1])
		loss.Backward()
		optim.ClipGradNorm(s, layers.Params(net), 1)
		opt.Step(s)
		opt.ZeroGrad()
		return []*ops.Tensor{loss.Detach()}, nil
	}
	var prog *ops.Program
	if captured {
		if prog, err = dev.Capture(ops.Train(rng), step, ops.NewSpec(ops.F32, 6, 8), ops.NewSpec(ops.I64, 6)); err != nil {
			t.Fatal(err)
		}
		defer prog.Close()
	}
	memory := func() (device int64, heap uint64) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return dev.Stats().InUse, m.HeapAlloc
	}
	var device int64
	var heap uint64
	l := train.Loop[int]{
		Device: dev, Rand: rng, Epochs: 10,
		Batches: func(context.Context, int) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				for i := range 200 {
					if !yield(i, nil) {
						return
					}
				}
			}
		},
		Step: func(s *ops.Scope, _ int) (*ops.Tensor, error) {
			y := make([]int64, 6)
			for i := range y {
				y[i] = int64(i % 4)
			}
			in := []*ops.Tensor{ops.Normal(s, ops.F32, 0, 1, 6, 8), ops.FromSlice(s, y, 6)}
			if captured {
				return prog.Run(s, in...)[0], nil
			}
			out, err := step(s, in)
			return out[0], err
		},
		Hooks: []train.Hooks{{Epoch: func(e train.EpochStats) error {
			d, h := memory()
			if e.Epoch == 0 {
				device, heap = d, h
			}
			if d != device || h > heap+1<<20 {
				t.Errorf("epoch %d: wanted %d bytes on the device and about %d on the heap, got %d and %d", e.Epoch, device, heap, d, h)
			}
			return nil
		}}},
	}
	r, err := l.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first, last := r.History[0].Loss, r.History[9].Loss; r.Steps != 2000 || !(last < first) {
		t.Errorf("wanted 2,000 steps and a falling loss, got %d, %v to %v", r.Steps, first, last)
	}
	opt.Release()
	layers.Release(net)
	rng.Release()
}

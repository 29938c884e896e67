package train_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/layers"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/train"
	"github.com/tuff-ml/tuff/train/checkpoint"
	"github.com/tuff-ml/tuff/train/data"
	"github.com/tuff-ml/tuff/train/optim"
)

type batch = data.Pair[float32, float32]

// line is y = 2x − 1 on eight points.
func line() *data.Loader[batch, batch] {
	var x, y []float32
	for i := range 8 {
		v := float32(i)/4 - 1
		x, y = append(x, v), append(y, 2*v-1)
	}
	d, err := data.NewTable(x, y, 8)
	if err != nil {
		panic(err)
	}
	l, err := data.NewLoader(d, data.Stack, data.LoaderOptions{BatchSize: 3, Shuffle: true, Seed: 1, Workers: 2})
	if err != nil {
		panic(err)
	}
	return l
}

func Example() {
	b, err := cpu.New(cpu.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	dev := ops.NewDevice(b, nil)
	defer dev.Close()
	rng, err := dev.NewRand(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rng.Release()
	ctx := context.Background()
	var net *layers.Linear
	var opt *optim.SGD
	err = dev.Scope(ctx, ops.Train(rng), func(s *ops.Scope) error {
		net = layers.NewLinear(s, 1, 1)
		opt = optim.NewSGD(s, layers.Params(net), 0.1, optim.SGDOptions{Momentum: 0.5})
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer layers.Release(net)
	defer opt.Release()
	loader := line()
	loop := train.Loop[batch]{
		Device: dev, Rand: rng, Epochs: 100, Batches: loader.Epoch,
		Size: func(b batch) int { return b.N },
		Step: func(s *ops.Scope, b batch) (*ops.Tensor, error) {
			x, y := ops.FromSlice(s, b.X, b.N, 1), ops.FromSlice(s, b.Y, b.N, 1)
			loss := layers.MSE(net.Forward(x), y)
			loss.Backward()
			opt.Step(s)
			opt.ZeroGrad()
			return loss, nil
		},
	}
	result, err := loop.Run(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	w, _ := net.Weight.Item(ctx)
	c, _ := net.Bias.Item(ctx)
	fmt.Printf("%d steps: y = %.2f x %+.2f\n", result.Steps, w, c)
	// Output: 300 steps: y = 2.00 x -1.00
}

func newDevice(t testing.TB) *ops.Device {
	t.Helper()
	b, err := cpu.New(cpu.Options{Threads: 2, Poison: true, Guard: true})
	if err != nil {
		t.Fatal(err)
	}
	dev := ops.NewDevice(b, nil)
	t.Cleanup(func() {
		if err := dev.Close(); err != nil {
			t.Error(err)
		}
	})
	return dev
}

// losses makes a loop whose step i of an epoch has the loss given, and whose
// batches are 0, 1, ….
func losses(dev *ops.Device, epochs int, values ...float64) train.Loop[int] {
	return train.Loop[int]{
		Device: dev, Epochs: epochs, StepsPerEpoch: len(values),
		Batches: func(ctx context.Context, epoch int) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				for i := range values {
					if !yield(i, ctx.Err()) {
						return
					}
				}
			}
		},
		Step: func(s *ops.Scope, i int) (*ops.Tensor, error) { return ops.Full(s, ops.F32, values[i]), nil },
	}
}

// TestHooks: their order, the mean weighted by size, the metrics in the
// history, whatever the reading of losses stays behind.
func TestHooks(t *testing.T) {
	dev := newDevice(t)
	for _, behind := range []int{-1, 0, 1, 100} {
		l := losses(dev, 2, 1, 2, 6)
		l.Behind = behind
		l.Size = func(i int) int { return i + 1 }
		l.Validate = func(_ context.Context, epoch int) (map[string]float64, error) {
			return map[string]float64{"accuracy": float64(epoch)}, nil
		}
		var log []string
		note := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
		l.Hooks = []train.Hooks{{}, {
			Start: func(p train.Plan) error { note("start %d×%d", p.Epochs, p.StepsPerEpoch); return nil },
			Step:  func(s train.StepStats) error { note("%d.%d %v", s.Epoch, s.Step, s.Loss); return nil },
			Epoch: func(e train.EpochStats) error {
				note("epoch %d %.3f %v", e.Epoch, e.Loss, e.Metrics["accuracy"])
				return nil
			},
			End: func(r *train.Result) { note("end %d", r.Steps) },
		}}
		r, err := l.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// (1·1 + 2·2 + 3·6)/6 = 23/6
		want := []string{"start 2×3", "0.0 1", "0.1 2", "0.2 6", "epoch 0 3.833 0", "1.0 1", "1.1 2", "1.2 6", "epoch 1 3.833 1", "end 6"}
		if !slices.Equal(log, want) {
			t.Errorf("behind %d: wanted %v, got %v", behind, want, log)
		}
		if len(r.History) != 2 || r.Steps != 6 || r.Stopped || r.PeakBytes <= 0 || r.Device == "" || r.History[1].Steps != 3 {
			t.Errorf("wanted a whole result, got %+v", r)
		}
		if n := dev.Stats().Kept; n != 0 {
			t.Errorf("wanted no losses left on the device, got %d", n)
		}
	}
}

func TestNaN(t *testing.T) {
	dev := newDevice(t)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		l := losses(dev, 3, 1, 2, bad, 4, 5, 6, 7, 8, 9, 10)
		ended := 0
		l.Hooks = []train.Hooks{{End: func(*train.Result) { ended++ }}}
		r, err := l.Run(t.Context())
		var e *train.LossError
		if !errors.As(err, &e) || e.Epoch != 0 || e.Step != 2 || !strings.HasPrefix(err.Error(), "train: epoch 1, step 3: wanted a finite loss, got ") {
			t.Errorf("wanted an error that names epoch 1, step 3, got %v", err)
		}
		if r == nil || r.Steps > 7 || len(r.History) != 0 || ended != 1 {
			t.Errorf("wanted the loop to end at most 4 steps later, and End called once, got %+v, %d", r, ended)
		}
		if n := dev.Stats().Kept; n != 0 {
			t.Errorf("wanted no losses left on the device, got %d", n)
		}
	}
}

func TestStop(t *testing.T) {
	dev := newDevice(t)
	l := losses(dev, 10, 1, 2)
	l.Hooks = []train.Hooks{{Epoch: func(e train.EpochStats) error {
		if e.Epoch == 2 {
			return train.ErrStop
		}
		return nil
	}}}
	r, err := l.Run(t.Context())
	if err != nil || !r.Stopped || len(r.History) != 3 {
		t.Errorf("wanted 3 epochs and no error, got %+v, %v", r, err)
	}
	broken := errors.New("disk full")
	l.Hooks = []train.Hooks{{Step: func(train.StepStats) error { return broken }}}
	if r, err = l.Run(t.Context()); !errors.Is(err, broken) || r.Stopped {
		t.Errorf("wanted the hook's error, got %v", err)
	}
}

// TestInterrupted: when the context ends in a step, that step is completed,
// and the model can be saved and loaded again.
func TestInterrupted(t *testing.T) {
	dev := newDevice(t)
	var w *ops.Tensor
	build := func() {
		if err := dev.Scope(t.Context(), ops.Train(nil), func(s *ops.Scope) error {
			w = ops.NewParam(s, ops.Zeros(s, ops.F32, 3))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	build()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := losses(dev, 5, 1, 2, 3, 4)
	steps := 0
	l.Step = func(s *ops.Scope, i int) (*ops.Tensor, error) {
		if steps++; steps == 6 {
			cancel()
		}
		w.AddScalar_(s, 1)
		return s.In(w).Sum(), s.Context().Err()
	}
	r, err := l.Run(ctx)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "stopped behind epoch 2, step 2") {
		t.Fatalf("wanted the context's error behind epoch 2, step 2, got %v", err)
	}
	if r.Steps != 6 || !r.Stopped || len(r.History) != 1 {
		t.Errorf("wanted 6 steps and one whole epoch, got %+v", r)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	model := struct{ W *ops.Tensor }{w}
	if err := checkpoint.Save(t.Context(), path, layers.StateDict(model), nil); err != nil {
		t.Fatal(err)
	}
	w.Release()
	build()
	model.W = w
	if _, err := checkpoint.Load(t.Context(), path, layers.StateDict(model)); err != nil {
		t.Fatal(err)
	}
	got, err := ops.ToSlice[float32](t.Context(), w)
	if err != nil || !slices.Equal(got, []float32{6, 6, 6}) {
		t.Errorf("wanted 6 steps' work, got %v, %v", got, err)
	}
	w.Release()
}

func TestErrors(t *testing.T) {
	dev := newDevice(t)
	broken := errors.New("broken")
	for want, change := range map[string]func(l *train.Loop[int]){
		"train: loop: wanted Device, Batches and Step, got nil": func(l *train.Loop[int]) { l.Step = nil },
		"train: loop: wanted at least 0 epochs, got -1":         func(l *train.Loop[int]) { l.Epochs = -1 },
		"train: epoch 1: wanted at least one batch, got none":   func(l *train.Loop[int]) { *l = losses(dev, 1) },
		"train: epoch 1: validation: broken": func(l *train.Loop[int]) {
			l.Validate = func(context.Context, int) (map[string]float64, error) { return nil, broken }
		},
		"train: epoch 1, step 1: wanted a loss of one float element, got tensor f32[2]": func(l *train.Loop[int]) {
			l.Step = func(s *ops.Scope, _ int) (*ops.Tensor, error) { return ops.Zeros(s, ops.F32, 2), nil }
		},
		"train: epoch 1, step 2: broken": func(l *train.Loop[int]) {
			l.Step = func(s *ops.Scope, i int) (*ops.Tensor, error) {
				if i == 1 {
					return nil, broken
				}
				return ops.Zeros(s, ops.F32), nil
			}
		},
		"train: epoch 1, step 1: ops: reshape: wanted a shape of 2 elements": func(l *train.Loop[int]) {
			l.Step = func(s *ops.Scope, _ int) (*ops.Tensor, error) { return ops.Zeros(s, ops.F32, 2).Reshape(3), nil }
		},
		"train: epoch 1, step 1: data: loader: example 1: broken": func(l *train.Loop[int]) {
			d := data.Map[int, int]{Of: data.Slice[int]{0, 1}, F: func(i int) (int, error) {
				if i == 1 {
					return 0, broken
				}
				return i, nil
			}}
			loader, err := data.NewLoader(d, func(v []int) (int, error) { return v[0], nil }, data.LoaderOptions{BatchSize: 2, Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			l.Batches = loader.Epoch
		},
	} {
		l := losses(dev, 1, 1, 2)
		change(&l)
		if _, err := l.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
	if n := dev.Stats().Kept; n != 0 {
		t.Errorf("wanted no losses left on the device, got %d", n)
	}
}

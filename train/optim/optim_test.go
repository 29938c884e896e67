package optim_test

import (
	"context"
	"encoding/json"
	"iter"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/train/optim"
)

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

// array is a tensor as tools/goldens/layers_torch.py writes it.
type array struct {
	Shape []int
	Data  []string
}

func (a *array) floats(t testing.TB) []float64 {
	out := make([]float64, len(a.Data))
	for i, s := range a.Data {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = v
	}
	return out
}

func (a *array) tensor(t testing.TB, s *ops.Scope, d ops.DType) *ops.Tensor {
	return ops.FromSlice(s, a.floats(t), a.Shape...).Cast(d)
}

type golden struct {
	Name    string
	Options struct {
		Momentum, Dampening, Eps float64
		WeightDecay              *float64 `json:"weight_decay"`
		Nesterov                 bool
		Betas                    [2]float64
		MaxNorm                  float64 `json:"max_norm"`
	}
	Start []array
	Grads [][]*array
	End   []array
}

func readGoldens(t *testing.T) []golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/optim.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []golden }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("wanted cases")
	}
	return file.Cases
}

func (c golden) optimizer(t *testing.T, s *ops.Scope, params iter.Seq2[string, *ops.Tensor]) optim.Optimizer {
	o := c.Options
	decay := 0.0
	if o.WeightDecay != nil {
		decay = *o.WeightDecay
	}
	switch c.Name {
	case "sgd":
		return optim.NewSGD(s, params, 0.05, optim.SGDOptions{Momentum: o.Momentum, Dampening: o.Dampening, WeightDecay: decay, Nesterov: o.Nesterov})
	case "adam":
		return optim.NewAdam(s, params, 0.05, optim.AdamOptions{Betas: o.Betas, Eps: o.Eps, WeightDecay: decay})
	case "adamw":
		return optim.NewAdamW(s, params, 0.05, optim.AdamWOptions{
			Betas: o.Betas, Eps: o.Eps, WeightDecay: decay, NoWeightDecay: o.WeightDecay != nil && decay == 0,
		})
	}
	t.Fatalf("wanted an optimizer for %q", c.Name)
	return nil
}

// list gives parameters names.
func list(params ...*ops.Tensor) iter.Seq2[string, *ops.Tensor] {
	return func(yield func(string, *ops.Tensor) bool) {
		for i, p := range params {
			if !yield("p"+strconv.Itoa(i), p) {
				return
			}
		}
	}
}

var tolerance = map[ops.DType]float64{ops.F32: 4e-6, ops.F64: 1e-12}

func compare(t *testing.T, what string, got *ops.Tensor, want array) {
	t.Helper()
	g := read(t, got)
	for i, w := range want.floats(t) {
		if !(math.Abs(g[i]-w) <= tolerance[got.DType()]*math.Max(1, math.Abs(w))) {
			t.Errorf("%v: %s: element %d: wanted %v, got %v", got.DType(), what, i, w, g[i])
		}
	}
}

func read(t *testing.T, x *ops.Tensor) []float64 {
	t.Helper()
	if x.DType() == ops.F64 {
		g, err := ops.ToSlice[float64](context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	h, err := ops.ToSlice[float32](context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	g := make([]float64, len(h))
	for i, v := range h {
		g[i] = float64(v)
	}
	return g
}

func scope(t *testing.T, dev *ops.Device, f func(s *ops.Scope)) {
	t.Helper()
	if err := dev.Scope(t.Context(), ops.Train(nil), func(s *ops.Scope) error { f(s); return nil }); err != nil {
		t.Fatal(err)
	}
}

// TestAgainstTorch: ten steps with changing rate, in which some parameters
// have no gradient.
func TestAgainstTorch(t *testing.T) {
	dev := newDevice(t)
	for i, c := range readGoldens(t) {
		if c.Name == "clip" {
			continue
		}
		t.Run(c.Name+"/"+strconv.Itoa(i), func(t *testing.T) {
			for _, d := range []ops.DType{ops.F32, ops.F64} {
				c.steps(t, dev, d)
			}
		})
	}
}

func (c golden) steps(t *testing.T, dev *ops.Device, d ops.DType) {
	var params []*ops.Tensor
	var opt optim.Optimizer
	scope(t, dev, func(s *ops.Scope) {
		for i := range c.Start {
			params = append(params, ops.NewParam(s, c.Start[i].tensor(t, s, d)))
		}
		opt = c.optimizer(t, s, list(params...))
	})
	for step, grads := range c.Grads {
		scope(t, dev, func(s *ops.Scope) {
			if step == 5 {
				opt.SetLR(s, opt.LR()/2)
			}
			for i, g := range grads {
				if g != nil {
					params[i].SetGrad(s, g.tensor(t, s, d))
				}
			}
			opt.Step(s)
			opt.ZeroGrad()
		})
	}
	for i, p := range params {
		compare(t, "parameter "+strconv.Itoa(i), p, c.End[i])
		p.Release()
	}
	opt.Release()
	if n := dev.Stats().Kept; n != 0 {
		t.Errorf("wanted nothing left on the device, got %d tensors", n)
	}
}

func TestClipAgainstTorch(t *testing.T) {
	dev := newDevice(t)
	ran := 0
	for _, c := range readGoldens(t) {
		if c.Name != "clip" {
			continue
		}
		ran++
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			scope(t, dev, func(s *ops.Scope) {
				var params []*ops.Tensor
				for i := range c.Start {
					p := ops.NewParam(s, c.Start[i].tensor(t, s, d))
					p.SetGrad(s, c.Grads[0][i].tensor(t, s, d))
					params = append(params, p)
				}
				norm := optim.ClipGradNorm(s, list(params...), c.Options.MaxNorm)
				compare(t, "norm", norm, c.End[len(params)])
				for i, p := range params {
					compare(t, "gradient "+strconv.Itoa(i), p.Grad(), c.End[i])
					p.Release()
				}
			})
		}
	}
	if ran != 2 {
		t.Errorf("wanted 2 cases, got %d", ran)
	}
}

type maker func(s *ops.Scope, p iter.Seq2[string, *ops.Tensor]) optim.Optimizer

// TestCaptured: captured steps with a rate that changes between runs give the
// same bits as eager ones, also when only some parameters take part.
func TestCaptured(t *testing.T) {
	dev := newDevice(t)
	for name, make := range map[string]maker{
		"sgd": func(s *ops.Scope, p iter.Seq2[string, *ops.Tensor]) optim.Optimizer {
			return optim.NewSGD(s, p, 0.1, optim.SGDOptions{Momentum: 0.9, Dampening: 0.1})
		},
		"adam": func(s *ops.Scope, p iter.Seq2[string, *ops.Tensor]) optim.Optimizer { return optim.NewAdam(s, p, 0.1) },
	} {
		t.Run(name, func(t *testing.T) {
			eager, replayed := run(t, dev, make, false), run(t, dev, make, true)
			for i := range eager {
				if eager[i] != replayed[i] {
					t.Fatalf("value %d: wanted %v as eagerly, got %v", i, eager[i], replayed[i])
				}
			}
			if eager[0] == 0.5 || eager[4] == 1.5 {
				t.Errorf("wanted parameters that moved, got %v", eager)
			}
		})
	}
}

// step is a training step on some of the parameters.
func step(opt optim.Optimizer, which ...*ops.Tensor) func(s *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) {
	return func(s *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) {
		loss := ops.Zeros(s, ops.F32)
		for _, p := range which {
			loss = loss.Add(in[0].Mul(p).Square().Sum())
		}
		loss.Backward()
		optim.ClipGradNorm(s, list(which...), 5)
		opt.Step(s)
		opt.ZeroGrad()
		return []*ops.Tensor{loss.Detach()}, nil
	}
}

// run does steps on all three parameters and on one or two of them in turn.
func run(t *testing.T, dev *ops.Device, make maker, captured bool) (end []float64) {
	var p []*ops.Tensor
	var opt optim.Optimizer
	scope(t, dev, func(s *ops.Scope) {
		for i := range 3 {
			p = append(p, ops.NewParam(s, ops.Full(s, ops.F32, float64(i)+0.5, 4)))
		}
		opt = make(s, list(p...))
	})
	steps := []func(*ops.Scope, []*ops.Tensor) ([]*ops.Tensor, error){step(opt, p[0], p[2]), step(opt, p[1]), step(opt, p...)}
	var progs []*ops.Program
	for _, f := range steps {
		if captured {
			prog, err := dev.Capture(ops.Train(nil), f, ops.NewSpec(ops.F32, 4))
			if err != nil {
				t.Fatal(err)
			}
			progs = append(progs, prog)
		}
	}
	for i := range 30 {
		scope(t, dev, func(s *ops.Scope) {
			opt.SetLR(s, 0.1/float64(1+i/7))
			x := ops.FromSlice(s, []float32{1, 2, 3, float32(i)}, 4)
			k := (i + i/5) % 3
			if captured {
				progs[k].Run(s, x)
			} else if _, err := steps[k](s, []*ops.Tensor{x}); err != nil {
				t.Fatal(err)
			}
		})
	}
	for _, prog := range progs {
		if err := prog.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, x := range p {
		end = append(end, read(t, x)...)
		x.Release()
	}
	opt.Release()
	return end
}

func TestErrors(t *testing.T) {
	dev := newDevice(t)
	for _, c := range []struct {
		want string
		f    func(s *ops.Scope, p *ops.Tensor)
	}{
		{"optim_sgd: wanted a learning rate of at least 0, got -1", func(s *ops.Scope, p *ops.Tensor) { optim.NewSGD(s, list(p), -1) }},
		{"optim_sgd: wanted a momentum above 0 and no dampening with Nesterov, got 0 and 0", func(s *ops.Scope, p *ops.Tensor) {
			optim.NewSGD(s, list(p), 1, optim.SGDOptions{Nesterov: true})
		}},
		{"optim_adam: wanted betas in [0, 1), got [0.9 1]", func(s *ops.Scope, p *ops.Tensor) {
			optim.NewAdam(s, list(p), 1, optim.AdamOptions{Betas: [2]float64{0.9, 1}})
		}},
		{"optim_adamw: wanted a weight decay or NoWeightDecay, got both (0.1)", func(s *ops.Scope, p *ops.Tensor) {
			optim.NewAdamW(s, list(p), 1, optim.AdamWOptions{WeightDecay: 0.1, NoWeightDecay: true})
		}},
		{"optim_adam: wanted at least one parameter, got none", func(s *ops.Scope, p *ops.Tensor) { optim.NewAdam(s, list(), 1) }},
		{`optim_adam: wanted each parameter once, got "p0" again as "p1"`, func(s *ops.Scope, p *ops.Tensor) { optim.NewAdam(s, list(p, p), 1) }},
		{`optim_adam: wanted parameters, got "p0", which is none`, func(s *ops.Scope, p *ops.Tensor) {
			optim.NewAdam(s, list(ops.Zeros(s, ops.F32, 2)), 1)
		}},
		{"clip_grad_norm: wanted a norm of at least 0, got -1", func(s *ops.Scope, p *ops.Tensor) { optim.ClipGradNorm(s, list(p), -1) }},
	} {
		err := dev.Scope(t.Context(), ops.Train(nil), func(s *ops.Scope) error {
			c.f(s, ops.NewParam(s, ops.Zeros(s, ops.F32, 2)))
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("wanted %q, got %v", c.want, err)
		}
	}
	if st := dev.Stats(); st.Kept != 0 || st.InUse != 0 {
		t.Errorf("wanted nothing kept by failing constructors, got %d tensors, %d bytes", st.Kept, st.InUse)
	}
}

// TestSetLRInCapture: an upload inside Capture would freeze the rate.
func TestSetLRInCapture(t *testing.T) {
	dev := newDevice(t)
	var opt optim.Optimizer
	var p *ops.Tensor
	scope(t, dev, func(s *ops.Scope) {
		p = ops.NewParam(s, ops.Zeros(s, ops.F32, 2))
		opt = optim.NewSGD(s, list(p), 0.1)
	})
	_, err := dev.Capture(ops.Train(nil), func(s *ops.Scope, _ []*ops.Tensor) ([]*ops.Tensor, error) {
		opt.SetLR(s, 0.2)
		return nil, nil
	})
	if err == nil || !strings.Contains(err.Error(), "inside Capture") || opt.LR() != 0.1 {
		t.Errorf("wanted an error about Capture and the rate 0.1, got %v and %v", err, opt.LR())
	}
	p.Release()
	opt.Release()
}

// TestState: names for checkpoints, in one order.
func TestState(t *testing.T) {
	dev := newDevice(t)
	scope(t, dev, func(s *ops.Scope) {
		p, q := ops.NewParam(s, ops.Zeros(s, ops.F32, 2)), ops.NewParam(s, ops.Zeros(s, ops.F64, 3))
		var names []string
		opt := optim.NewAdam(s, list(p, q), 0.1)
		for name := range opt.State() {
			names = append(names, name)
		}
		want := "exp_avg.p0 exp_avg_sq.p0 step.f32 lr.f32 exp_avg.p1 exp_avg_sq.p1 step.f64 lr.f64"
		if got := strings.Join(names, " "); got != want {
			t.Errorf("wanted %s, got %s", want, got)
		}
		opt.Release()
		p.Release()
		q.Release()
	})
}

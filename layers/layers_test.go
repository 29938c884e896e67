package layers_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/layers"
	"github.com/tuff-ml/tuff/ops"
)

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
	var net layers.Sequential
	ctx := context.Background()
	err = dev.Scope(ctx, ops.Train(rng), func(s *ops.Scope) error {
		net = layers.Sequential{layers.NewLinear(s, 8, 32), layers.ReLU{}, layers.Dropout{P: 0.1}, layers.NewLinear(s, 32, 4)}
		x := ops.Normal(s, ops.F32, 0, 1, 5, 8)
		loss := layers.CrossEntropy(net.Forward(x), ops.FromSlice(s, []int64{0, 1, 2, 3, 0}, 5))
		loss.Backward()
		for name, p := range layers.Params(net) {
			fmt.Println(name, p.Shape(), p.Grad().Shape())
		}
		return nil
	})
	fmt.Println(err)
	layers.Release(net)
	// Output:
	// 0.weight [32 8] [32 8]
	// 0.bias [32] [32]
	// 3.weight [4 32] [4 32]
	// 3.bias [4] [4]
	// <nil>
}

// inScope runs f in a Train scope with a generator.
func inScope(t *testing.T, dev *ops.Device, f func(s *ops.Scope)) error {
	t.Helper()
	rng, err := dev.NewRand(11)
	if err != nil {
		t.Fatal(err)
	}
	defer rng.Release()
	return dev.Scope(t.Context(), ops.Train(rng), func(s *ops.Scope) error { f(s); return nil })
}

func values(t *testing.T, x *ops.Tensor) []float32 {
	t.Helper()
	v, err := ops.ToSlice[float32](context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// moments are mean, variance, least and largest.
func moments(v []float32) (mean, variance, lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, x := range v {
		mean += float64(x) / float64(len(v))
		lo, hi = min(lo, float64(x)), max(hi, float64(x))
	}
	for _, x := range v {
		variance += (float64(x) - mean) * (float64(x) - mean) / float64(len(v))
	}
	return mean, variance, lo, hi
}

// TestInitialisers: bounds and variances as torch.nn.init's formulas give them
// for a weight [100, 50, 4], fan in 200, fan out 400. The drawings are 20,000
// numbers: their standard deviation has a standard error below 0.5 %.
func TestInitialisers(t *testing.T) {
	dev := newDevice(t)
	for name, c := range map[string]struct {
		f   func(s *ops.Scope, w *ops.Tensor)
		std float64
		uni bool
	}{
		"uniform":         {func(s *ops.Scope, w *ops.Tensor) { layers.InitUniform(s, w, -2, 2) }, 2 / math.Sqrt(3), true},
		"normal":          {func(s *ops.Scope, w *ops.Tensor) { layers.InitNormal(s, w, 0, 0.5) }, 0.5, false},
		"xavier_uniform":  {func(s *ops.Scope, w *ops.Tensor) { layers.InitXavierUniform(s, w, 2) }, 2 * math.Sqrt(2.0/600), true},
		"xavier_normal":   {func(s *ops.Scope, w *ops.Tensor) { layers.InitXavierNormal(s, w, 1) }, math.Sqrt(2.0 / 600), false},
		"kaiming_uniform": {func(s *ops.Scope, w *ops.Tensor) { layers.InitKaimingUniform(s, w) }, math.Sqrt(2.0 / 200), true},
		"kaiming_normal": {func(s *ops.Scope, w *ops.Tensor) {
			layers.InitKaimingNormal(s, w, layers.Kaiming{FanOut: true, Nonlinearity: layers.GainTanh})
		}, 5.0 / 3 / math.Sqrt(400), false},
	} {
		err := inScope(t, dev, func(s *ops.Scope) {
			w := ops.Zeros(s, ops.F32, 100, 50, 4)
			c.f(s, w)
			mean, variance, lo, hi := moments(values(t, w))
			if std := math.Sqrt(variance); math.Abs(mean) > 0.04*c.std || math.Abs(std/c.std-1) > 0.03 {
				t.Errorf("%s: wanted mean 0 and deviation %v, got %v and %v", name, c.std, mean, std)
			}
			if bound := c.std * math.Sqrt(3); c.uni && (hi >= bound*(1+1e-6) || lo < -bound*(1+1e-6) || hi < 0.99*bound || lo > -0.99*bound) {
				t.Errorf("%s: wanted values to ±%v, got %v to %v", name, bound, lo, hi)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
	err := inScope(t, dev, func(s *ops.Scope) {
		w := ops.Zeros(s, ops.F32, 3)
		layers.InitConstant(s, w, 2.5)
		if v := values(t, w); v[0] != 2.5 || v[2] != 2.5 {
			t.Errorf("constant: wanted 2.5, got %v", v)
		}
		layers.InitOnes(s, w)
		if v := values(t, w); v[1] != 1 {
			t.Errorf("ones: wanted 1, got %v", v)
		}
		layers.InitZeros(s, w)
		if v := values(t, w); v[1] != 0 {
			t.Errorf("zeros: wanted 0, got %v", v)
		}
		half := ops.Zeros(s, ops.BF16, 64)
		layers.InitUniform(s, half, 1, 2)
		if _, _, lo, hi := moments(values(t, half.Cast(ops.F32))); lo < 1 || hi > 2 || lo == hi {
			t.Errorf("bf16: wanted values from 1 to 2, got %v to %v", lo, hi)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// TestLinearInit: U(−1/√in, 1/√in) for weight and bias.
func TestLinearInit(t *testing.T) {
	dev := newDevice(t)
	err := inScope(t, dev, func(s *ops.Scope) {
		l := layers.NewLinear(s, 16, 500)
		for name, p := range layers.Params(l) {
			_, variance, lo, hi := moments(values(t, p))
			if math.Abs(math.Sqrt(variance)*4*math.Sqrt(3)-1) > 0.06 || lo < -0.25 || hi > 0.25 || hi < 0.245 {
				t.Errorf("%s: wanted a uniform distribution to ±0.25, got %v to %v, variance %v", name, lo, hi, variance)
			}
		}
		bare := layers.NewLinear(s, 3, 2, layers.LinearOptions{NoBias: true})
		if bare.Bias != nil {
			t.Error("wanted no bias")
		}
		double := layers.NewLinear(s, 3, 2, layers.LinearOptions{DType: ops.F64})
		if d := double.Weight.DType(); d != ops.F64 {
			t.Errorf("wanted f64, got %v", d)
		}
		layers.Release([]*layers.Linear{l, bare, double})
	})
	if err != nil {
		t.Error(err)
	}
}

// TestDropout: in Train scopes a share of P is 0 and the rest scaled, in Infer
// scopes the input passes.
func TestDropout(t *testing.T) {
	dev := newDevice(t)
	err := inScope(t, dev, func(s *ops.Scope) {
		x := ops.Ones(s, ops.F32, 10000)
		zeros := 0
		for _, v := range values(t, layers.Dropout{P: 0.25}.Forward(x)) {
			switch {
			case v == 0:
				zeros++
			case math.Abs(float64(v)-1/0.75) > 1e-6:
				t.Fatalf("wanted 0 or 4/3, got %v", v)
			}
		}
		if zeros < 2200 || zeros > 2800 { // 2,500 ± 7 standard deviations
			t.Errorf("wanted about 2,500 zeros, got %d", zeros)
		}
		if y := (layers.Dropout{}).Forward(x); y != x {
			t.Error("wanted the zero value to drop nothing")
		}
	})
	if err != nil {
		t.Error(err)
	}
	err = dev.Scope(t.Context(), ops.Infer(), func(s *ops.Scope) error {
		x := ops.Ones(s, ops.F32, 10)
		if y := (layers.Dropout{P: 0.9}).Forward(x); y != x {
			t.Error("wanted the input back in an Infer scope")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestErrors: each names the layer, what was wanted and what came.
func TestErrors(t *testing.T) {
	dev := newDevice(t)
	f32 := func(s *ops.Scope, shape ...int) *ops.Tensor { return ops.Zeros(s, ops.F32, shape...) }
	i64 := func(s *ops.Scope, shape ...int) *ops.Tensor { return ops.Zeros(s, ops.I64, shape...) }
	for want, f := range map[string]func(s *ops.Scope){
		"linear: wanted x [batch…, 3], got shape [2 4]": func(s *ops.Scope) { layers.NewLinear(s, 3, 2).Forward(f32(s, 2, 4)) },
		"linear: wanted x [batch…, 3], got shape []":    func(s *ops.Scope) { layers.NewLinear(s, 3, 2).Forward(f32(s)) },
		"linear: wanted x of the weight's dtype f32, got f64; use Cast": func(s *ops.Scope) {
			layers.NewLinear(s, 3, 2).Forward(ops.Zeros(s, ops.F64, 2, 3))
		},
		"linear: wanted at least 1 feature in and out, got in 0, out 2": func(s *ops.Scope) { layers.NewLinear(s, 0, 2) },
		"linear: wanted a float dtype, got i32": func(s *ops.Scope) {
			layers.NewLinear(s, 3, 2, layers.LinearOptions{DType: ops.I32})
		},
		"linear: wanted at most one options struct, got 2": func(s *ops.Scope) {
			layers.NewLinear(s, 3, 2, layers.LinearOptions{}, layers.LinearOptions{})
		},
		"linear: wanted a scope, got nil":                                 func(s *ops.Scope) { layers.NewLinear(nil, 3, 2) },
		"sequential: wanted a layer at position 1, got nil":               func(s *ops.Scope) { layers.Sequential{layers.ReLU{}, nil}.Forward(f32(s, 1)) },
		"init_xavier_normal: wanted a weight [out, in, …], got shape [3]": func(s *ops.Scope) { layers.InitXavierNormal(s, f32(s, 3), 1) },
		"mse_loss: wanted a target like the input, f32[4, 1], got f32[4]": func(s *ops.Scope) { layers.MSE(f32(s, 4, 1), f32(s, 4)) },
		"mse_loss: wanted a target, got nil":                              func(s *ops.Scope) { layers.MSE(f32(s, 4), nil) },
		"mse_loss: wanted the reduction ReduceMean, ReduceSum or ReduceNone, got 7": func(s *ops.Scope) {
			layers.MSELoss{Reduction: 7}.Forward(f32(s, 4), f32(s, 4))
		},
		"bce_loss: wanted a target like the input, f32[4], got i64[4]": func(s *ops.Scope) { layers.BCE(f32(s, 4), i64(s, 4)) },
		"bce_loss: wanted a weight that broadcasts to the input f32[4], got f32[3]": func(s *ops.Scope) {
			layers.BCELoss{Weight: f32(s, 3)}.Forward(f32(s, 4), f32(s, 4))
		},
		"bce_with_logits_loss: wanted a pos_weight that broadcasts to the input f32[4], got f32[2, 4]": func(s *ops.Scope) {
			layers.BCEWithLogitsLoss{PosWeight: f32(s, 2, 4)}.Forward(f32(s, 4), f32(s, 4))
		},
		"cross_entropy: wanted class numbers i64[5] for logits f32[5, 3], got i64[4]": func(s *ops.Scope) {
			layers.CrossEntropy(f32(s, 5, 3), i64(s, 4))
		},
		"cross_entropy: wanted class numbers of i64, or probabilities like the logits, f32[5, 3], got i32[5]": func(s *ops.Scope) {
			layers.CrossEntropy(f32(s, 5, 3), ops.Zeros(s, ops.I32, 5))
		},
		"cross_entropy: wanted class weights f32[3], got f32[4]": func(s *ops.Scope) {
			layers.CrossEntropyLoss{Weight: f32(s, 4)}.Forward(f32(s, 5, 3), i64(s, 5))
		},
		"cross_entropy: wanted label smoothing in [0, 1], got 1.5": func(s *ops.Scope) {
			layers.CrossEntropyLoss{LabelSmoothing: 1.5}.Forward(f32(s, 5, 3), i64(s, 5))
		},
		"cross_entropy: wanted logits [N, C], [N, C, d…] or [C], got shape []": func(s *ops.Scope) { layers.CrossEntropy(f32(s), i64(s)) },
		"wanted an index in [0, 3), got 3": func(s *ops.Scope) {
			layers.CrossEntropy(f32(s, 1, 3), ops.FromSlice(s, []int64{3}, 1))
		},
	} {
		if err := inScope(t, dev, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
	err := dev.Scope(t.Context(), ops.Train(nil), func(s *ops.Scope) error { layers.NewLinear(s, 3, 2); return nil })
	if err == nil || !strings.Contains(err.Error(), "linear: wanted a scope with a generator") || !strings.Contains(err.Error(), "layers_test.go") {
		t.Errorf("wanted an error about the generator with this file's name, got %v", err)
	}
	if st := dev.Stats(); st.Kept != 0 || st.InUse != 0 {
		t.Errorf("wanted nothing left by failing scopes, got %d tensors, %d bytes", st.Kept, st.InUse)
	}
}

// TestLossOfKeptTensors: targets and weights may lie outside scopes, and class
// numbers may be ignored without an index error.
func TestLossOfKeptTensors(t *testing.T) {
	dev := newDevice(t)
	var target, weight *ops.Tensor
	if err := inScope(t, dev, func(s *ops.Scope) {
		target = s.Keep(ops.FromSlice(s, []int64{1, -100}, 2))
		weight = s.Keep(ops.FromSlice(s, []float32{1, 3}, 2))
	}); err != nil {
		t.Fatal(err)
	}
	err := inScope(t, dev, func(s *ops.Scope) {
		loss := layers.CrossEntropyLoss{Weight: weight}.Forward(ops.Zeros(s, ops.F32, 2, 2), target)
		if v := values(t, loss); math.Abs(float64(v[0])-math.Ln2) > 1e-6 {
			t.Errorf("wanted ln 2, got %v", v)
		}
	})
	if err != nil {
		t.Error(err)
	}
	target.Release()
	weight.Release()
}

// TestCaptured: model and losses replay, and give the bits of the eager run.
func TestCaptured(t *testing.T) {
	dev := newDevice(t)
	var net layers.Sequential
	err := inScope(t, dev, func(s *ops.Scope) {
		net = layers.Sequential{layers.Flatten{}, layers.NewLinear(s, 6, 8, layers.LinearOptions{Activation: ops.ActGELU}), layers.NewLinear(s, 8, 3)}
	})
	if err != nil {
		t.Fatal(err)
	}
	f := func(s *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) {
		y := net.Forward(in[0])
		ce := layers.CrossEntropyLoss{LabelSmoothing: 0.1}.Forward(y, in[1])
		p := y.Softmax(1)
		bce := layers.BCE(p, p.Detach())
		logits := layers.BCEWithLogits(y, p.Detach())
		mse := layers.MSE(y, p.Detach())
		loss := ce.Add(bce).Add(logits).Add(mse)
		loss.Backward()
		out := []*ops.Tensor{loss.Detach()}
		for _, w := range layers.Params(net) {
			out = append(out, s.In(w.Grad()).Clone())
		}
		layers.ZeroGrad(net)
		return out, nil
	}
	prog, err := dev.Capture(ops.Train(nil), f, ops.NewSpec(ops.F32, 4, 2, 3), ops.NewSpec(ops.I64, 4))
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		err = inScope(t, dev, func(s *ops.Scope) {
			in := []*ops.Tensor{ops.Normal(s, ops.F32, 0, 1, 4, 2, 3), ops.FromSlice(s, []int64{0, 2, -100, int64(round)}, 4)}
			want, _ := f(s, in)
			got := prog.Run(s, in...)
			for i := range want {
				w, g := values(t, want[i]), values(t, got[i])
				for k := range w {
					if w[k] != g[k] {
						t.Fatalf("round %d, output %d: wanted %v as eagerly, got %v", round, i, w, g)
					}
				}
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
	if err := prog.Close(); err != nil {
		t.Error(err)
	}
	layers.Release(net)
}

// TestManyReaders: one model serves many goroutines in Infer scopes.
func TestManyReaders(t *testing.T) {
	dev := newDevice(t)
	var net layers.Sequential
	if err := inScope(t, dev, func(s *ops.Scope) {
		net = layers.Sequential{layers.NewLinear(s, 4, 4), layers.Tanh{}, layers.Dropout{P: 0.5}, layers.NewLinear(s, 4, 2), layers.LogSoftmax{Dim: 1}}
	}); err != nil {
		t.Fatal(err)
	}
	var want []float32
	ask := func() (got []float32, err error) {
		err = dev.Scope(t.Context(), ops.Infer(), func(s *ops.Scope) error {
			got, err = ops.ToSlice[float32](t.Context(), net.Forward(ops.Arange(s, ops.F32, 0, 0.1, 12).Reshape(3, 4)))
			return err
		})
		return got, err
	}
	want, err := ask()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 16 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 10 {
				got, err := ask()
				if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("wanted %v, got %v, %v", want, got, err)
				}
			}
		}()
	}
	all.Wait()
	layers.Release(net)
}

// TestPeak: a tower of layers frees what it no longer needs: in an Infer scope
// the peak does not grow with its height.
func TestPeak(t *testing.T) {
	peak := func(height int) int64 {
		dev := newDevice(t)
		var net layers.Sequential
		if err := inScope(t, dev, func(s *ops.Scope) {
			for range height {
				net = append(net, layers.NewLinear(s, 8, 8), layers.Tanh{})
			}
		}); err != nil {
			t.Fatal(err)
		}
		params := dev.Stats().InUse
		if err := dev.Scope(t.Context(), ops.Infer(), func(s *ops.Scope) error {
			net.Forward(ops.Ones(s, ops.F32, 4096, 8))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		p := dev.Stats().Peak - params
		layers.Release(net)
		return p
	}
	if low, high := peak(2), peak(30); high > 2*low {
		t.Errorf("wanted the peak of 30 layers near that of 2, %d bytes, got %d", low, high)
	}
}

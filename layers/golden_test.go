package layers_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/layers"
	"github.com/tuff-ml/tuff/ops"
)

// newDevice opens a device that poisons new memory and guards every buffer.
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

// golden is one case of tools/goldens/layers_torch.py.
type golden struct {
	Name    string
	Options struct {
		Reduction      string
		IgnoreIndex    *int    `json:"ignore_index"`
		LabelSmoothing float64 `json:"label_smoothing"`
	}
	In   map[string]array
	Out  array
	DOut array
	Grad map[string]array
}

type array struct {
	Kind  string
	Shape []int
	Data  []json.RawMessage
}

func (a array) floats(t testing.TB) []float64 {
	out := make([]float64, len(a.Data))
	for i, raw := range a.Data {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = v
	}
	return out
}

// tensor is the array in dtype d, or in i64.
func (a array) tensor(t testing.TB, s *ops.Scope, d ops.DType) *ops.Tensor {
	if a.Kind == "i64" {
		out := make([]int64, len(a.Data))
		for i, raw := range a.Data {
			if err := json.Unmarshal(raw, &out[i]); err != nil {
				t.Fatal(err)
			}
		}
		return ops.FromSlice(s, out, a.Shape...)
	}
	return ops.FromSlice(s, a.floats(t), a.Shape...).Cast(d)
}

func readGoldens(t *testing.T, path string) []golden {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Torch string
		Cases []golden
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if file.Torch == "" || len(file.Cases) == 0 {
		t.Fatalf("%s: wanted torch's version and cases", path)
	}
	return file.Cases
}

// tolerances for composed functions: relative to the largest element, per dtype.
var tolerance = map[ops.DType]float64{ops.F32: 4e-6, ops.F64: 1e-12}

func compare(t *testing.T, what string, got *ops.Tensor, want array) {
	t.Helper()
	if got == nil {
		t.Errorf("%s: wanted a tensor, got none", what)
		return
	}
	w := want.floats(t)
	if g := got.Shape(); len(g) != len(want.Shape) || got.Len() != len(w) {
		t.Errorf("%s: wanted shape %v, got %v", what, want.Shape, g)
		return
	}
	var g []float64
	var err error
	if got.DType() == ops.F64 {
		g, err = ops.ToSlice[float64](context.Background(), got)
	} else {
		var h []float32
		h, err = ops.ToSlice[float32](context.Background(), got)
		for _, v := range h {
			g = append(g, float64(v))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range w {
		// Gradients of saturated elements reach 1e12: compare each by itself.
		limit := tolerance[got.DType()] * math.Max(1, math.Abs(w[i]))
		if !(math.Abs(g[i]-w[i]) <= limit) {
			t.Errorf("%s: element %d: wanted %v, got %v", what, i, w[i], g[i])
		}
	}
}

// check runs one case in both dtypes, forward and backward.
func check(t *testing.T, dev *ops.Device, c golden, f func(s *ops.Scope, in map[string]*ops.Tensor) *ops.Tensor) {
	t.Helper()
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		err := dev.Scope(t.Context(), ops.Train(nil), func(s *ops.Scope) error {
			in := map[string]*ops.Tensor{}
			for k, a := range c.In {
				in[k] = a.tensor(t, s, d)
				if _, ok := c.Grad[k]; ok {
					in[k].Watch()
				}
			}
			y := f(s, in)
			compare(t, d.String()+": result", y, c.Out)
			y.BackwardWith(c.DOut.tensor(t, s, d))
			for k, want := range c.Grad {
				compare(t, d.String()+": gradient of "+k, in[k].Grad(), want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestModulesAgainstTorch(t *testing.T) {
	dev := newDevice(t)
	plain := map[string]layers.Layer{
		"relu": layers.ReLU{}, "leaky_relu": layers.LeakyReLU{}, "leaky_relu_0.3": layers.LeakyReLU{NegativeSlope: 0.3},
		"gelu": layers.GELU{}, "silu": layers.SiLU{}, "sigmoid": layers.Sigmoid{}, "tanh": layers.Tanh{},
		"softmax": layers.Softmax{Dim: 1}, "softmax_0": layers.Softmax{}, "log_softmax": layers.LogSoftmax{Dim: -1},
		"softplus": layers.Softplus{}, "softplus_2_1": layers.Softplus{Beta: 2, Threshold: 1},
		"identity": layers.Identity{}, "flatten": layers.Flatten{}, "flatten_0_1": layers.Flatten{StartDim: -3, EndDim: 1},
	}
	acts := map[string]ops.Activation{
		"linear": 0, "linear_batch": 0, "linear_no_bias": 0, "linear_row": 0, "linear_relu": ops.ActReLU,
		"linear_sigmoid": ops.ActSigmoid, "linear_tanh": ops.ActTanh, "linear_gelu": ops.ActGELU, "linear_silu": ops.ActSiLU,
	}
	for _, c := range readGoldens(t, "testdata/modules.json") {
		t.Run(c.Name, func(t *testing.T) {
			check(t, dev, c, func(s *ops.Scope, in map[string]*ops.Tensor) *ops.Tensor {
				if l, ok := plain[c.Name]; ok {
					return l.Forward(in["x"])
				}
				act, ok := acts[c.Name]
				if !ok {
					t.Fatalf("wanted a layer for case %q", c.Name)
				}
				l := layers.Linear{Weight: in["weight"], Bias: in["bias"], Act: act}
				return l.Forward(in["x"])
			})
		})
	}
}

func TestLossesAgainstTorch(t *testing.T) {
	dev := newDevice(t)
	reductions := map[string]layers.Reduction{"mean": layers.ReduceMean, "sum": layers.ReduceSum, "none": layers.ReduceNone}
	for _, c := range readGoldens(t, "testdata/losses.json") {
		r, ok := reductions[c.Options.Reduction]
		if !ok {
			t.Fatalf("unknown reduction %q", c.Options.Reduction)
		}
		t.Run(c.Name+"/"+c.Options.Reduction, func(t *testing.T) {
			check(t, dev, c, func(s *ops.Scope, in map[string]*ops.Tensor) *ops.Tensor {
				x, y, w := in["x"], in["y"], in["weight"]
				switch c.Name {
				case "mse":
					return layers.MSELoss{Reduction: r}.Forward(x, y)
				case "bce":
					return layers.BCELoss{Weight: w, Reduction: r}.Forward(x, y)
				case "bce_with_logits":
					return layers.BCEWithLogitsLoss{Weight: w, PosWeight: in["pos_weight"], Reduction: r}.Forward(x, y)
				case "cross_entropy":
					return layers.CrossEntropyLoss{
						Weight: w, Reduction: r, IgnoreIndex: c.Options.IgnoreIndex, LabelSmoothing: c.Options.LabelSmoothing,
					}.Forward(x, y)
				}
				t.Fatalf("wanted a loss for case %q", c.Name)
				return nil
			})
		})
	}
}

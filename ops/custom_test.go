package ops_test

import (
	"fmt"
	"testing"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/ops"
)

// A custom op as another module would add one: its name is qualified, its
// gradient is made of ops, its CPU kernel is registered from outside. Vulkan
// has no kernel for it, so Compose serves there.
const cubeOp ops.Op = "example.com/test.cube"

func init() {
	ops.Register(ops.Def{
		Op: cubeOp, Kind: ops.Elementwise, Doc: "y = x³", SaveIn: 1,
		Infer: func(out, in []ops.Spec, _ any) ([]ops.Spec, error) {
			if len(in) != 1 || in[0].DType != ops.F32 {
				return nil, fmt.Errorf("wanted one f32 tensor, got %v", in)
			}
			return append(out, in[0]), nil
		},
		VJP: func(g *ops.Grad) []*ops.Tensor {
			return []*ops.Tensor{g.D(0).Mul(g.In(0).Square().MulScalar(3))}
		},
		Compose: func(in []*ops.Tensor, _ any, _ [2]float64) []*ops.Tensor {
			return []*ops.Tensor{in[0].Square().Mul(in[0])}
		},
	})
	cpu.Register(cubeOp, cpu.Kernel{Plan: func(c *ops.Call) (cpu.Run, int, error) {
		n := c.Out[0].Len()
		body := func(c *ops.Call, lo, hi int) {
			x, y := cpu.Data[float32](&c.In[0]), cpu.Data[float32](&c.Out[0])
			for i := lo; i < hi; i++ {
				y[i] = x[i] * x[i] * x[i]
			}
		}
		return func(x *cpu.Ctx, c *ops.Call) error { x.Parallel(c, n, 16384, body); return nil }, 0, nil
	}})
}

func TestProgramCustomOp(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		train(t, dev, nil, func(s *ops.Scope) error {
			x := ops.FromSlice(s, []float32{2, -3, 0.5}, 3).Watch()
			y := ops.Apply(cubeOp, nil, x)[0]
			y.Sum().Backward()
			for i, want := range []float32{8, -27, 0.125} {
				if v := values(t, y)[i]; v != want {
					t.Errorf("wanted %v, got %v", want, v)
				}
			}
			for i, want := range []float32{12, 27, 0.75} {
				if v := values(t, x.Grad())[i]; v != want {
					t.Errorf("gradient: wanted %v, got %v", want, v)
				}
			}
			return nil
		})
		err := dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
			ops.Apply(cubeOp, nil, ops.Zeros(s, ops.F64, 1))
			return nil
		})
		wantError(t, err, string(cubeOp), "f32", "custom_test.go:")
		err = dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
			ops.Apply("example.com/test.missing", nil, ops.Zeros(s, ops.F32, 1))
			return nil
		})
		wantError(t, err, "registered")
	})
}

func TestRegisterPanics(t *testing.T) {
	infer := func(out, in []ops.Spec, _ any) ([]ops.Spec, error) { return out, nil }
	for name, d := range map[string]ops.Def{
		"duplicate":  {Op: cubeOp, Kind: ops.Elementwise, Infer: infer},
		"no kind":    {Op: "example.com/test.a", Infer: infer},
		"no rule":    {Op: "example.com/test.b", Kind: ops.Elementwise},
		"no view":    {Op: "example.com/test.c", Kind: ops.ViewOp, Infer: infer},
		"no compose": {Op: "example.com/test.d", Kind: ops.Composed, Infer: infer},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("wanted a panic")
				}
			}()
			ops.Register(d)
		})
	}
}

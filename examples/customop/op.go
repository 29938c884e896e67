// Command customop adds an op to Tuff from outside: hard swish, with its
// meaning and gradient (op.go), a CPU kernel (cpu.go) and a Vulkan kernel
// (vulkan.go, hard_swish.comp). Its test runs Tuff's conformance suite on it.
package main

import (
	"fmt"

	"github.com/tuff-ml/tuff/ops"
)

// opName is qualified by the module's path, so that no other op has it.
const opName ops.Op = "github.com/tuff-ml/tuff/examples/customop.hard_swish"

func init() {
	ops.Register(ops.Def{
		Op: opName, Kind: ops.Elementwise, Stem: "hard_swish",
		Doc:    "y = x·min(max(x+3, 0), 6)/6",
		SaveIn: 1, // the gradient reads input 0
		Infer:  infer,
		VJP:    gradient,
	})
}

// infer is the only shape rule: kernels trust it.
func infer(out, in []ops.Spec, _ any) ([]ops.Spec, error) {
	if len(in) != 1 || in[0].DType != ops.F32 && in[0].DType != ops.F64 {
		return nil, fmt.Errorf("wanted one tensor of f32 or f64, got %v", in)
	}
	return append(out, in[0]), nil
}

// gradient is dy·y′: y′ is 0 up to −3, 1 from 3 on, and (2x + 3)/6 between.
// Made of ops, it runs on every device and has a gradient itself.
func gradient(g *ops.Grad) []*ops.Tensor {
	x, dy := g.In(0), g.D(0)
	inner := dy.Mul(x.MulScalar(2).AddScalar(3)).DivScalar(6)
	outer := dy.Mul(x.GtScalar(0).Cast(x.DType()))
	return []*ops.Tensor{ops.Where(x.Abs().LtScalar(3), inner, outer)}
}

// HardSwish is x·min(max(x+3, 0), 6)/6 (Howard et al. 2019, "Searching for
// MobileNetV3", section 5.2). Shapes: any. dtypes: f32, and f64 on the CPU.
func HardSwish(x *ops.Tensor) *ops.Tensor { return ops.Apply(opName, nil, x)[0] }

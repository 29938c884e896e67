package main

import (
	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/ops"
)

func init() { cpu.Register(opName, cpu.Kernel{Plan: planCPU}) }

// planCPU looks at dtype and shape once; what it returns runs every such call.
// Inputs are dense, because the Def does not say AnyView.
func planCPU(c *ops.Call) (cpu.Run, int, error) {
	n, body := c.Out[0].Len(), apply[float32]
	if c.In[0].DType == ops.F64 {
		body = apply[float64]
	}
	return func(x *cpu.Ctx, c *ops.Call) error {
		x.Parallel(c, n, 16384, body) // pieces of at least 16,384 elements
		return nil
	}, 0, nil
}

func apply[T float32 | float64](c *ops.Call, lo, hi int) {
	x, y := cpu.Data[T](&c.In[0]), cpu.Data[T](&c.Out[0])
	for i := lo; i < hi; i++ {
		switch v := x[i]; {
		case v <= -3:
			y[i] = 0
		case v >= 3:
			y[i] = v
		default: // NaN too
			y[i] = v * ((v + 3) * (1.0 / 6))
		}
	}
}

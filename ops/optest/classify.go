package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

var classes = map[ops.Op]func(x float64) bool{
	"isnan":    math.IsNaN,
	"isinf":    func(x float64) bool { return math.IsInf(x, 0) },
	"isfinite": finite,
}

func classifyRef(c *Case, in []Array, out []ops.Spec) []Array {
	y := NewArray(out[0])
	for i := range y.I {
		y.I[i] = truth(classes[c.Op](in[0].F[i]))
	}
	return []Array{y}
}

func init() {
	mixed := cycle(1, nan, inf, -2.5, -inf, 0, -nan, 65504, 1e-7)
	for op := range classes {
		add := func(d ops.DType, l Layout, g Gen, values string, shape ...int) {
			Add(Case{
				Name: name(op, "shape", dims(shape), "view", l.Name, "dtype", d, "values", values), Op: op,
				In: []Input{input(d, l, g, shape...)}, Ref: classifyRef,
			})
		}
		for _, shape := range sizes {
			add(ops.F32, dense, mixed, "mixed", shape...)
		}
		for _, l := range views {
			add(ops.F32, l, mixed, "mixed", viewShape...)
		}
		add(ops.F32, reversed, mixed, "mixed", deepShape...)
		for _, d := range []ops.DType{ops.F64, ops.F16, ops.BF16} {
			for _, shape := range fewSizes {
				add(d, dense, mixed, "mixed", shape...)
			}
			for _, l := range []Layout{transposed, steppedTransposed, offset} {
				add(d, l, mixed, "mixed", viewShape...)
			}
		}
		for _, d := range []ops.DType{ops.F32, ops.F64, ops.F16, ops.BF16} {
			sp := specials(d)
			add(d, dense, cycle(sp...), "special", len(sp))
		}
	}
}

package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

func arangeRef(c *Case, _ []Array, out []ops.Spec) []Array {
	y := NewArray(out[0])
	start, step := c.constant(0, y.DType), c.constant(1, y.DType)
	if y.F == nil {
		for i := range y.I {
			y.I[i] = wrap(y.DType, int64(start)+int64(i)*int64(step))
		}
		return []Array{y}
	}
	for i := range y.F {
		y.F[i] = start + float64(i)*step
	}
	return []Array{y.withScale(func(i int) float64 { return math.Abs(start) + math.Abs(float64(i)*step) })}
}

func init() {
	add := func(d ops.DType, start, step float64, n int) {
		class := Quotient
		if start == math.Trunc(start) && step == math.Trunc(step) {
			class = Exact
		}
		Add(Case{
			Name: name("arange", "shape", n, "dtype", d, "c0", start, "c1", step), Op: "arange", Attr: createAttr(d, []int{n}),
			Const: [2]float64{start, step}, Ref: arangeRef, Class: class, AnyZero: true,
		})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64, ops.I32, ops.I64} {
		for _, n := range []int{0, 1, 13, 127, 1000, 70000} {
			add(d, 0, 1, n)
		}
		add(d, -5, 3, 127)
		add(d, 10, -2, 127)
		add(d, 7, 0, 13)
	}
	add(ops.F32, 0.5, 0.1, 1000)
	add(ops.F64, 0.5, 0.1, 1000)
	add(ops.F32, -1, 1.0/3, 70000)
	add(ops.I64, 1<<40, 1<<33, 127)
	add(ops.F32, 0, 1, 1<<20+3)
}

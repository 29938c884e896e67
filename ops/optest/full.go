package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

func fullRef(c *Case, _ []Array, out []ops.Spec) []Array {
	y := NewArray(out[0])
	for i := range y.F {
		y.F[i] = Round(y.DType, c.Const[0])
	}
	for i := range y.I {
		y.I[i] = int64(c.Const[0])
	}
	return []Array{y}
}

func createAttr(d ops.DType, shape []int) ops.CreateAttr {
	return ops.CreateAttr{DType: d, ShapeAttr: shapeAttr(shape)}
}

func init() {
	add := func(d ops.DType, v float64, shape ...int) {
		Add(Case{
			Name: name("full", "shape", dims(shape), "dtype", d, "c0", v), Op: "full", Attr: createAttr(d, shape), Const: [2]float64{v}, Ref: fullRef,
		})
	}
	for _, shape := range sizes {
		add(ops.F32, 2.5, shape...)
	}
	for _, d := range ops.DTypes() {
		add(d, 0, 127)
		add(d, 1, 13, 127)
		if d.IsFloat() {
			for _, v := range []float64{math.Copysign(0, -1), inf, -inf, nan, 0.1, 1e-40, 65519} {
				add(d, v, 13)
			}
		}
		if d.IsInt() {
			add(d, 200, 13)
		}
	}
	add(ops.I32, math.MinInt32, 13)
	add(ops.I64, -1<<40, 13)
	add(ops.F64, math.Pi, 70000)
	add(ops.Bool, 1, 70001)
	add(ops.U8, 7, 257, 129)
}

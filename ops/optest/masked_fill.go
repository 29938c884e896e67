package optest

import "github.com/tuff-ml/tuff/ops"

func maskedFillRef(c *Case, in []Array, out []ops.Spec) []Array {
	y := stretch(in[0], out[0]).clone()
	for i, m := range stretch(in[1], out[0]).I {
		switch {
		case m == 0:
		case y.F != nil:
			y.F[i] = c.constant(0, y.DType)
		default:
			y.I[i] = int64(c.Const[0])
		}
	}
	return []Array{y}
}

func init() {
	add := func(d ops.DType, lx, lm Layout, v float64, grad GradMode, shape, mask []int) {
		Add(Case{
			Name: name("masked_fill", "shape", dims(shape)+","+dims(mask), "view", lx.Name+","+lm.Name, "dtype", d, "value", v),
			Op:   "masked_fill", Const: [2]float64{v}, Ref: maskedFillRef, Grad: grad,
			In: []Input{input(d, lx, anyValue(d), shape...), input(ops.Bool, lm, anyValue(ops.Bool), mask...)},
		})
	}
	for _, d := range ops.DTypes() {
		v := 1.0
		if d.IsFloat() {
			v = -inf
		}
		add(d, dense, dense, v, NoGrad, []int{13, 127}, []int{13, 127})
		add(d, transposed, dense, 0, NoGrad, []int{13, 17}, []int{17})
	}
	for _, k := range []struct{ shape, mask []int }{{nil, nil}, {[]int{0}, []int{1}}, {[]int{1}, []int{1}}, {[]int{70000}, []int{70000}}, {[]int{5, 1}, []int{2, 1, 7}}} {
		add(ops.F32, dense, dense, 0.1, NoGrad, k.shape, k.mask)
	}
	add(ops.F32, stepped, transposed, nan, NoGrad, []int{13, 17}, []int{13, 17})
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, dense, dense, -2.5, GradFD, []int{3, 5}, []int{5})
		add(d, transposed, dense, 7, GradFD, []int{3, 1}, []int{2, 1, 4})
	}
}

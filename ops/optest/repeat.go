package optest

import "github.com/tuff-ml/tuff/ops"

func repeatRef(_ *Case, in []Array, out []ops.Spec) []Array {
	x := in[0]
	return []Array{pick(x, out[0], func(at, src []int) {
		for k := range src {
			src[k] = at[k] % x.Shape[k]
		}
	})}
}

func init() {
	add := func(d ops.DType, l Layout, times []int, grad GradMode, shape ...int) {
		var a ops.RepeatAttr
		copy(a.Times[:], times)
		Add(Case{
			Name: name("repeat", "shape", dims(shape), "times", dims(times), "view", l.Name, "dtype", d),
			Op:   "repeat", Attr: a, In: []Input{input(d, l, anyValue(d), shape...)}, Ref: repeatRef, Grad: grad,
		})
	}
	for _, d := range ops.DTypes() {
		add(d, dense, []int{2, 3}, NoGrad, 13, 127)
		add(d, transposed, []int{3, 1}, NoGrad, 13, 17)
	}
	for _, l := range []Layout{stepped, offset, broadcastFirst, steppedTransposed} {
		add(ops.F32, l, []int{1, 4}, NoGrad, 13, 17)
	}
	for _, k := range []struct{ times, shape []int }{
		{nil, nil}, {[]int{5}, []int{1}}, {[]int{1}, []int{13}}, {[]int{0}, []int{13}}, {[]int{3}, []int{0}}, {[]int{3, 0}, []int{1, 5}},
		{[]int{1000}, []int{127}}, {[]int{4, 1, 3}, []int{1, 5, 7}}, {[]int{2, 1, 2, 3}, []int{2, 3, 4, 5}}, {[]int{2, 2, 2, 2, 2}, []int{2, 3, 2, 3, 2}},
		{[]int{2, 1, 2, 2, 1, 2, 1, 3}, deepShape}, {[]int{2, 2, 2, 2, 2, 2, 2, 2}, []int{2, 1, 3, 1, 2, 3, 1, 5}},
	} {
		add(ops.F32, dense, k.times, NoGrad, k.shape...)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, dense, []int{2, 3}, GradFD, 3, 4)
		add(d, transposed, []int{2, 2, 2, 2}, GradFD, 2, 1, 3, 2)
		add(d, dense, []int{0, 2}, GradFD, 3, 4)
	}
}

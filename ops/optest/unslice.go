package optest

import "github.com/tuff-ml/tuff/ops"

func unsliceRef(c *Case, in []Array, out []ops.Spec) []Array {
	a, x, y := c.Attr.(ops.UnsliceAttr), in[0], NewArray(out[0])
	dst := make([]int, x.Rank)
	walk(x.Spec, func(i int, at []int) {
		for k, p := range at {
			dst[k] = a.Slice.Start[k] + p*a.Slice.Step[k]
		}
		y.copyFrom(flat(y.Spec, dst), &x, i)
	})
	return []Array{y}
}

func init() {
	type cut struct{ start, step, n, into []int }
	add := func(d ops.DType, l Layout, k cut, grad GradMode) {
		var a ops.UnsliceAttr
		a.Into = shapeAttr(k.into)
		copy(a.Slice.Start[:], k.start)
		copy(a.Slice.Step[:], k.step)
		copy(a.Slice.Len[:], k.n)
		Add(Case{
			Name: name("unslice", "shape", dims(k.n), "view", l.Name, "dtype", d, "into", dims(k.into), "step", dims(k.step)),
			Op:   "unslice", Attr: a, In: []Input{input(d, l, anyValue(d), k.n...)}, Ref: unsliceRef, Grad: grad,
		})
	}
	plain := cut{[]int{1, 2}, []int{3, 5}, []int{4, 25}, []int{13, 127}}
	for _, d := range ops.DTypes() {
		add(d, dense, plain, NoGrad)
		add(d, transposed, plain, NoGrad)
	}
	for _, l := range []Layout{stepped, padded, offset, broadcastFirst, steppedTransposed} {
		add(ops.F32, l, plain, NoGrad)
	}
	for _, k := range []cut{
		{[]int{0}, []int{1}, []int{1}, []int{1}},
		{[]int{3}, []int{1}, []int{1000}, []int{1003}},
		{[]int{0}, []int{1}, []int{1000}, []int{1000}},
		{[]int{1}, []int{7}, []int{10001}, []int{70009}},
		{[]int{5, 6}, []int{1, 9}, []int{1, 1}, []int{6, 7}},
		{[]int{0, 1, 0}, []int{1, 2, 1}, []int{5, 64, 33}, []int{5, 129, 33}},
		{[]int{0, 3}, []int{1, 1}, []int{0, 4}, []int{5, 7}}, // an empty input: zeros
		{[]int{1, 0, 1, 0, 2, 0, 1, 1}, []int{1, 2, 1, 1, 1, 1, 1, 1}, []int{1, 2, 1, 2, 1, 2, 1, 2}, deepShape},
	} {
		add(ops.F32, dense, k, NoGrad)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, dense, cut{[]int{1, 0}, []int{2, 3}, []int{3, 3}, []int{7, 9}}, GradFD)
		add(d, transposed, cut{[]int{1, 0}, []int{2, 3}, []int{3, 3}, []int{7, 9}}, GradFD)
	}
}

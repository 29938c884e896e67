package optest

import "github.com/tuff-ml/tuff/ops"

func topKRef(c *Case, in []Array, out []ops.Spec) []Array {
	a, x := c.Attr.(ops.TopKAttr), in[0]
	y, idx := NewArray(out[0]), NewArray(out[1])
	type line struct{ first, step int }
	var to []line
	rows(y.Spec, a.Dim, func(first, step, _ int) { to = append(to, line{first, step}) })
	row := 0
	rows(x.Spec, a.Dim, func(first, step, n int) {
		at := func(i int) int { return first + i*step }
		for k, i := range sortOrder(&x, n, !a.Smallest, at)[:a.K] {
			y.copyFrom(to[row].first+k*to[row].step, &x, at(i))
			idx.I[to[row].first+k*to[row].step] = int64(i)
		}
		row++
	})
	return []Array{y, idx}
}

func init() {
	add := func(d ops.DType, l Layout, a ops.TopKAttr, values string, g Gen, grad GradMode, shape []int) {
		pairs := []any{"shape", dims(shape), "view", l.Name, "dtype", d, "dim", a.Dim, "k", a.K, "smallest", a.Smallest, "values", values}
		if grad != NoGrad {
			pairs = append(pairs, "grad", 1)
		}
		Add(Case{Name: name("topk", pairs...), Op: "topk", Attr: a, Ref: topKRef, Grad: grad, In: []Input{input(d, l, g, shape...)}})
	}
	for _, d := range ops.DTypes() {
		for _, smallest := range []bool{false, true} {
			add(d, dense, ops.TopKAttr{Dim: 1, K: 5, Smallest: smallest}, "any", anyValue(d), NoGrad, []int{7, 127})
			for values, g := range sortGens(d) {
				add(d, dense, ops.TopKAttr{Dim: 0, K: 50, Smallest: smallest}, values, g, NoGrad, []int{130, 3})
			}
		}
	}
	for _, k := range []struct {
		a     ops.TopKAttr
		shape []int
	}{
		{ops.TopKAttr{K: 1}, []int{1}}, {ops.TopKAttr{K: 13}, []int{13}}, {ops.TopKAttr{Dim: 1, K: 2}, []int{0, 5}}, {ops.TopKAttr{K: 100}, []int{70001}},
		{ops.TopKAttr{Dim: 1, K: 3, Smallest: true}, []int{3, 1100, 5}}, {ops.TopKAttr{Dim: 4, K: 2}, deepShape}, {ops.TopKAttr{Dim: 1, K: 1}, []int{257, 129}},
	} {
		add(ops.F32, dense, k.a, "any", anyValue(ops.F32), NoGrad, k.shape)
	}
	for _, l := range views {
		add(ops.F32, l, ops.TopKAttr{Dim: 1, K: 11}, "any", anyValue(ops.F32), NoGrad, viewShape)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, dense, ops.TopKAttr{Dim: 1, K: 3}, "spread", spread(0.05), GradFD, []int{4, 7})
		add(d, transposed, ops.TopKAttr{Dim: 0, K: 2, Smallest: true}, "spread", spread(0.05), GradFD, []int{4, 5})
	}
}

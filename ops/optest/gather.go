package optest

import "github.com/tuff-ml/tuff/ops"

func gatherRef(c *Case, in []Array, out []ops.Spec) []Array {
	x, idx, dim := in[0], in[1], c.Attr.(ops.IndexAttr).Dim
	y, src := NewArray(out[0]), make([]int, x.Rank)
	walk(idx.Spec, func(i int, at []int) {
		copy(src, at)
		src[dim] = int(idx.I[i])
		y.copyFrom(i, &x, flat(x.Spec, src))
	})
	return []Array{y}
}

func init() {
	add := func(d ops.DType, lx, li Layout, dim int, grad GradMode, shape, count []int) {
		pairs := []any{"shape", dims(shape) + "," + dims(count), "view", lx.Name + "," + li.Name, "dtype", d, "dim", dim}
		if grad != NoGrad {
			pairs = append(pairs, "grad", 1)
		}
		n := 1
		if len(shape) > dim {
			n = max(1, shape[dim])
		}
		Add(Case{
			Name: name("gather", pairs...), Op: "gather", Attr: ops.IndexAttr{Dim: dim}, Ref: gatherRef, Grad: grad,
			In: []Input{input(d, lx, anyValue(d), shape...), input(ops.I64, li, integers(0, n-1), count...)},
		})
	}
	for _, d := range ops.DTypes() {
		add(d, dense, dense, 1, NoGrad, []int{13, 127}, []int{13, 31})
		add(d, dense, dense, 0, NoGrad, []int{13, 127}, []int{40, 100})
	}
	for _, k := range []struct {
		dim          int
		shape, count []int
	}{
		{0, []int{1}, []int{1}}, {0, []int{13}, []int{0}}, {0, []int{127}, []int{1000}}, {0, []int{70000}, []int{70000}},
		{1, []int{257, 129}, []int{257, 129}}, {0, []int{257, 129}, []int{300, 128}}, {1, []int{3, 5, 7}, []int{2, 9, 7}}, {2, []int{3, 5, 7}, []int{3, 4, 20}},
		{0, []int{3, 5, 7}, []int{8, 5, 6}}, {4, deepShape, []int{2, 2, 2, 1, 6, 2, 2, 3}}, {1, []int{70000, 3}, []int{70000, 1}},
	} {
		add(ops.F32, dense, dense, k.dim, NoGrad, k.shape, k.count)
	}
	for _, l := range []Layout{transposed, stepped, offset, broadcastFirst} {
		add(ops.F32, l, dense, 1, NoGrad, []int{13, 127}, []int{13, 31})
		add(ops.F32, dense, l, 1, NoGrad, []int{13, 127}, []int{13, 31})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, dense, dense, 1, GradFD, []int{3, 5}, []int{3, 8}) // some places twice, some never
		add(d, transposed, dense, 0, GradFD, []int{4, 5}, []int{6, 3})
	}
	add(ops.F32, dense, dense, 0, GradDevice, []int{257, 65}, []int{300, 65})
	for _, bad := range []int64{13, -1, 1 << 40} {
		Add(Case{
			Name: name("gather", "shape", "13,5", "dtype", ops.F32, "index", bad), Op: "gather", Attr: ops.IndexAttr{},
			In:        []Input{input(ops.F32, dense, normal(0, 1), 13), {Spec: ops.NewSpec(ops.I64, 5), Ints: []int64{0, 12, bad, 1, 2}}},
			WantIndex: &ops.IndexError{Op: "gather", Index: bad, Limit: 13},
		})
	}
}

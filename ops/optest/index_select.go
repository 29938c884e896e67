package optest

import "github.com/tuff-ml/tuff/ops"

func indexSelectRef(c *Case, in []Array, out []ops.Spec) []Array {
	idx, dim := in[1], c.Attr.(ops.RowsAttr).Dim
	return []Array{pick(in[0], out[0], func(at, src []int) {
		copy(src, at)
		src[dim] = int(idx.I[at[dim]])
	})}
}

func init() {
	add := func(d ops.DType, lx, li Layout, dim, n int, grad GradMode, shape ...int) {
		pairs := []any{"shape", dims(shape), "n", n, "view", lx.Name + "," + li.Name, "dtype", d, "dim", dim}
		if grad != NoGrad {
			pairs = append(pairs, "grad", 1)
		}
		Add(Case{
			Name: name("index_select", pairs...), Op: "index_select", Attr: ops.RowsAttr{Dim: dim}, Ref: indexSelectRef, Grad: grad,
			In: []Input{input(d, lx, anyValue(d), shape...), input(ops.I64, li, integers(0, max(0, shape[dim]-1)), n)},
		})
	}
	for _, d := range ops.DTypes() {
		add(d, dense, dense, 0, 40, NoGrad, 13, 127)
		add(d, dense, dense, 1, 31, NoGrad, 13, 127)
		add(d, offset, dense, 0, 5, NoGrad, 13, 4)
	}
	for _, k := range []struct {
		dim, n int
		shape  []int
	}{
		{0, 1, []int{1}}, {0, 0, []int{13}}, {0, 0, []int{0}}, {1, 3, []int{0, 5}}, {0, 1000, []int{127}}, {0, 70000, []int{70000}},
		{1, 129, []int{257, 129}}, {0, 300, []int{257, 64}}, {1, 9, []int{3, 5, 7}}, {2, 20, []int{3, 5, 7}}, {4, 6, deepShape}, {7, 2, deepShape},
		{0, 2048, []int{1000, 48}}, {1, 70000, []int{2, 3}},
	} {
		add(ops.F32, dense, dense, k.dim, k.n, NoGrad, k.shape...)
	}
	for _, l := range []Layout{transposed, stepped, broadcastFirst} {
		add(ops.F32, l, dense, 1, 31, NoGrad, 13, 17)
	}
	for _, l := range []Layout{stepped, offset, broadcastAll} {
		add(ops.F32, dense, l, 0, 31, NoGrad, 13, 17)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, dense, dense, 0, 8, GradFD, 5, 3) // some rows twice, some never
		add(d, transposed, dense, 1, 3, GradFD, 2, 5, 2)
		add(d, dense, dense, 0, 0, GradFD, 5, 3)
	}
	add(ops.F32, dense, dense, 0, 500, GradDevice, 100, 33)
	for _, bad := range []int64{13, -1, 1 << 40} {
		Add(Case{
			Name: name("index_select", "shape", "13x2", "dtype", ops.F32, "index", bad), Op: "index_select", Attr: ops.RowsAttr{},
			In:        []Input{input(ops.F32, dense, normal(0, 1), 13, 2), {Spec: ops.NewSpec(ops.I64, 5), Ints: []int64{0, 12, bad, 1, 2}}},
			WantIndex: &ops.IndexError{Op: "index_select", Index: bad, Limit: 13},
		})
	}
}

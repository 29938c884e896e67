package optest

import "github.com/tuff-ml/tuff/ops"

// scatterAddRef rounds after each addition, in the order of the source, so
// that the result is exact.
func scatterAddRef(c *Case, in []Array, _ []ops.Spec) []Array {
	idx, src, dim := in[1], in[2], c.Attr.(ops.IndexAttr).Dim
	y := in[0].clone()
	dst := make([]int, y.Rank)
	walk(idx.Spec, func(i int, at []int) {
		copy(dst, at)
		dst[dim] = int(idx.I[i])
		o := flat(y.Spec, dst)
		if y.F != nil {
			y.F[o] = Round(y.DType, y.F[o]+src.F[i])
		} else {
			y.I[o] = wrap(y.DType, y.I[o]+src.I[i])
		}
	})
	return []Array{y}
}

func init() {
	add := func(d ops.DType, l [3]Layout, dim int, grad GradMode, shape, count []int, below int) {
		pairs := []any{"shape", dims(shape) + "," + dims(count), "view", l[0].Name + "," + l[1].Name + "," + l[2].Name, "dtype", d, "dim", dim, "below", below}
		if grad != NoGrad {
			pairs = append(pairs, "grad", 1)
		}
		Add(Case{
			Name: name("scatter_add", pairs...), Op: "scatter_add", Attr: ops.IndexAttr{Dim: dim}, Ref: scatterAddRef, Grad: grad, Flush: true, AnyZero: true,
			In: []Input{input(d, l[0], anyValue(d), shape...), input(ops.I64, l[1], integers(0, below-1), count...), input(d, l[2], anyValue(d), count...)},
		})
	}
	plain := [3]Layout{dense, dense, dense}
	for _, d := range []ops.DType{ops.F32, ops.F64, ops.I32, ops.I64} {
		add(d, plain, 0, NoGrad, []int{13, 127}, []int{40, 127}, 13)
		add(d, plain, 1, NoGrad, []int{13, 127}, []int{13, 300}, 127)
	}
	for _, k := range []struct {
		dim          int
		shape, count []int
		below        int
	}{
		{0, []int{1}, []int{1}, 1}, {0, []int{1}, []int{1000}, 1}, {0, []int{127}, []int{1000}, 127}, {0, []int{1000}, []int{70000}, 1000},
		{0, []int{70000}, []int{70000}, 70000}, {0, []int{257, 129}, []int{300, 128}, 257}, {1, []int{257, 129}, []int{200, 300}, 129},
		{0, []int{127}, []int{5000}, 3}, {1, []int{3, 5, 7}, []int{2, 9, 7}, 5}, {2, []int{3, 5, 7}, []int{3, 4, 20}, 7},
		{4, deepShape, []int{2, 2, 2, 1, 6, 2, 2, 3}, 3}, {0, []int{1000, 64}, []int{4096, 64}, 1000},
	} {
		add(ops.F32, plain, k.dim, NoGrad, k.shape, k.count, k.below)
	}
	for i := range plain {
		for _, l := range []Layout{transposed, stepped, broadcastFirst} {
			ls := plain
			ls[i] = l
			add(ops.F32, ls, 1, NoGrad, []int{13, 127}, []int{13, 31}, 127)
		}
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, plain, 1, GradFD, []int{3, 5}, []int{3, 8}, 5)
		add(d, plain, 0, GradFD, []int{4, 5}, []int{6, 3}, 4)
	}
	for _, bad := range []int64{13, -1} {
		Add(Case{
			Name: name("scatter_add", "shape", "13,3", "dtype", ops.F32, "index", bad), Op: "scatter_add", Attr: ops.IndexAttr{},
			In: []Input{
				input(ops.F32, dense, normal(0, 1), 13), {Spec: ops.NewSpec(ops.I64, 3), Ints: []int64{0, bad, 1}}, input(ops.F32, dense, normal(0, 1), 3),
			},
			WantIndex: &ops.IndexError{Op: "scatter_add", Index: bad, Limit: 13},
		})
	}
}

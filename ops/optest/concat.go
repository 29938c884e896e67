package optest

import (
	"strings"

	"github.com/tuff-ml/tuff/ops"
)

func concatRef(c *Case, in []Array, out []ops.Spec) []Array {
	dim, at, y := c.Attr.(ops.ConcatAttr).Dim, 0, NewArray(out[0])
	for _, x := range in {
		dst := make([]int, x.Rank)
		walk(x.Spec, func(i int, pos []int) {
			copy(dst, pos)
			dst[dim] += at
			y.copyFrom(flat(y.Spec, dst), &x, i)
		})
		at += x.Shape[dim]
	}
	return []Array{y}
}

func init() {
	add := func(d ops.DType, dim int, grad GradMode, layouts []Layout, shapes ...[]int) {
		var in []Input
		var shape, view []string
		for i, s := range shapes {
			l := layouts[i%len(layouts)]
			in = append(in, input(d, l, anyValue(d), s...))
			if i < 4 {
				shape, view = append(shape, dims(s)), append(view, l.Name)
			}
		}
		pairs := []any{"shape", strings.Join(shape, ","), "n", len(shapes), "view", strings.Join(view, ","), "dtype", d, "dim", dim}
		if grad != NoGrad {
			pairs = append(pairs, "grad", 1)
		}
		Add(Case{Name: name("concat", pairs...), Op: "concat", Attr: ops.ConcatAttr{Dim: dim}, In: in, Ref: concatRef, Grad: grad})
	}
	plain, mixed := []Layout{dense}, []Layout{transposed, dense, stepped}
	for _, d := range ops.DTypes() {
		add(d, 1, NoGrad, plain, []int{13, 100}, []int{13, 1}, []int{13, 27})
		add(d, 0, NoGrad, mixed, []int{13, 127}, []int{2, 127}, []int{5, 127})
	}
	add(ops.F32, 0, NoGrad, plain, []int{1})
	add(ops.F32, 0, NoGrad, plain, []int{13}, []int{127})
	add(ops.F32, 0, NoGrad, plain, []int{70000}, []int{3}, []int{30001})
	add(ops.F32, 1, NoGrad, plain, []int{257, 129}, []int{257, 1})
	add(ops.F32, 2, NoGrad, plain, []int{3, 5, 7}, []int{3, 5, 1}, []int{3, 5, 7})
	add(ops.F32, 0, NoGrad, plain, []int{3, 5, 7}, []int{1, 5, 7})
	add(ops.F32, 0, NoGrad, plain, []int{0, 5}, []int{0, 5})
	add(ops.F32, 1, NoGrad, []Layout{broadcastFirst, offset, padded, steppedTransposed}, []int{13, 17}, []int{13, 2}, []int{13, 31}, []int{13, 3})
	add(ops.F32, 7, NoGrad, plain, deepShape, deepShape)
	add(ops.F32, 0, NoGrad, []Layout{reversed, dense}, deepShape, deepShape)
	many := make([][]int, 37) // more inputs than a kernel takes at a time
	for i := range many {
		many[i] = []int{5, 1 + i%4}
	}
	add(ops.F32, 1, NoGrad, mixed, many...)
	add(ops.I64, 1, NoGrad, plain, many...)
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, 1, GradFD, plain, []int{3, 4}, []int{3, 1}, []int{3, 5})
		add(d, 0, GradFD, mixed, []int{3, 4}, []int{1, 4}, []int{2, 4})
	}
}

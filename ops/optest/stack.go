package optest

import (
	"strings"

	"github.com/tuff-ml/tuff/ops"
)

func stackRef(c *Case, in []Array, out []ops.Spec) []Array {
	dim, y := c.Attr.(ops.ConcatAttr).Dim, NewArray(out[0])
	src := make([]int, in[0].Rank)
	walk(y.Spec, func(i int, at []int) {
		copy(src, at[:dim])
		copy(src[dim:], at[dim+1:])
		x := &in[at[dim]]
		y.copyFrom(i, x, flat(x.Spec, src))
	})
	return []Array{y}
}

func init() {
	add := func(d ops.DType, dim, n int, grad GradMode, layouts []Layout, shape ...int) {
		var in []Input
		var view []string
		for i := range n {
			l := layouts[i%len(layouts)]
			in, view = append(in, input(d, l, anyValue(d), shape...)), append(view, l.Name)
		}
		Add(Case{
			Name: name("stack", "shape", dims(shape), "n", n, "view", strings.Join(view, ","), "dtype", d, "dim", dim),
			Op:   "stack", Attr: ops.ConcatAttr{Dim: dim}, In: in, Ref: stackRef, Grad: grad,
		})
	}
	plain, mixed := []Layout{dense}, []Layout{transposed, dense, stepped}
	for _, d := range ops.DTypes() {
		add(d, 1, 3, NoGrad, plain, 13, 127)
		add(d, 2, 3, NoGrad, mixed, 13, 17)
	}
	for _, k := range []struct {
		dim, n int
		shape  []int
	}{{0, 2, nil}, {0, 3, []int{0}}, {1, 1, []int{1}}, {0, 4, []int{127}}, {1, 2, []int{70000}}, {7, 2, []int{2, 1, 3, 1, 2, 3, 2}}} {
		add(ops.F32, k.dim, k.n, NoGrad, plain, k.shape...)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, 0, 3, GradFD, mixed, 3, 4)
		add(d, 1, 2, GradFD, plain, 3, 4)
	}
}

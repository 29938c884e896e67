package optest

import "github.com/tuff-ml/tuff/ops"

func triangleRef(c *Case, in []Array, _ []ops.Spec) []Array {
	x, y, k := in[0], NewArray(in[0].Spec), c.Attr.(ops.TriangleAttr).Diagonal
	walk(x.Spec, func(i int, at []int) {
		row, col := at[x.Rank-2], at[x.Rank-1]
		if c.Op == "tril" && col <= row+k || c.Op == "triu" && col >= row+k {
			y.copyFrom(i, &x, i)
		}
	})
	return []Array{y}
}

func init() {
	for _, op := range []ops.Op{"tril", "triu"} {
		add := func(d ops.DType, l Layout, diagonal int, grad GradMode, shape ...int) {
			Add(Case{
				Name: name(op, "shape", dims(shape), "view", l.Name, "dtype", d, "diagonal", diagonal), Op: op, Attr: ops.TriangleAttr{Diagonal: diagonal},
				In: []Input{input(d, l, anyValue(d), shape...)}, Ref: triangleRef, Grad: grad,
			})
		}
		for _, d := range ops.DTypes() {
			add(d, dense, 0, NoGrad, 13, 127)
			add(d, transposed, -2, NoGrad, 2, 13, 17)
		}
		for _, l := range []Layout{stepped, padded, offset, broadcastLast} {
			add(ops.F32, l, 1, NoGrad, 13, 17)
		}
		for _, k := range []int{-5, -4, -1, 1, 4, 5, 1000} {
			add(ops.F32, dense, k, NoGrad, 5, 4)
		}
		for _, shape := range [][]int{{1, 1}, {0, 3}, {3, 0}, {257, 129}, {1, 70000}, {300, 300}, deepShape} {
			add(ops.F32, dense, 0, NoGrad, shape...)
		}
		// Infinities outside the triangle must not become NaN.
		Add(Case{
			Name: name(op, "shape", "7x9", "dtype", ops.F32, "kind", "special"), Op: op, Attr: ops.TriangleAttr{}, Ref: triangleRef,
			In: []Input{input(ops.F32, dense, cycle(inf, nan, -inf, 1), 7, 9)},
		})
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			add(d, dense, 0, GradFD, 2, 3, 3)
			add(d, transposed, 1, GradFD, 4, 3)
		}
	}
}

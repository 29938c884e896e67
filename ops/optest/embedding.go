package optest

import "github.com/tuff-ml/tuff/ops"

func embeddingRef(_ *Case, in []Array, out []ops.Spec) []Array {
	w, ids, y := in[0], in[1], NewArray(out[0])
	width := w.Shape[1]
	for i := range y.Len() {
		y.copyFrom(i, &w, int(ids.I[i/width])*width+i%width)
	}
	return []Array{y}
}

// embeddingGrad adds the weights of each row up, but for the padding row's.
func embeddingGrad(c *Case, in, w []Array) []Array {
	ids, d, width := in[1], NewArray(in[0].Spec), in[0].Shape[1]
	for i, x := range w[0].F {
		if row := int(ids.I[i/width]); row != c.Attr.(ops.EmbeddingAttr).Padding-1 {
			d.F[row*width+i%width] += x
		}
	}
	return []Array{d, {}}
}

func init() {
	add := func(d ops.DType, li Layout, rows, width, padding int, grad bool, shape ...int) {
		c := Case{
			Name: name("embedding", "shape", dims([]int{rows, width})+","+dims(shape), "view", "dense,"+li.Name, "dtype", d, "padding", padding-1, "grad", grad),
			Op:   "embedding", Attr: ops.EmbeddingAttr{Padding: padding}, Ref: embeddingRef,
			In: []Input{input(d, dense, anyValue(d), rows, width), input(ops.I64, li, integers(0, rows-1), shape...)},
		}
		if grad {
			c.RefGrad = embeddingGrad
			if padding == 0 {
				c.RefGrad, c.Grad = nil, GradFD
			}
		}
		Add(c)
	}
	for _, d := range ops.DTypes() {
		add(d, dense, 13, 7, 0, false, 3, 5)
	}
	for _, shape := range [][]int{{}, {0}, {1}, {127}, {13, 31}, {2, 1, 3, 1, 2, 3, 1}} {
		add(ops.F32, dense, 50, 33, 2, false, shape...)
	}
	add(ops.F32, transposed, 5, 3, 0, false, 4, 6)
	add(ops.F32, dense, 2000, 64, 1, false, 8, 100)
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, dense, 4, 3, 0, true, 3, 2)
		add(d, dense, 4, 3, 3, true, 5, 2) // the padding row is among the ids
	}
	for _, bad := range []int64{4, -1} {
		Add(Case{
			Name: name("embedding", "shape", "4x3", "dtype", ops.F32, "index", bad), Op: "embedding", Attr: ops.EmbeddingAttr{},
			In:        []Input{input(ops.F32, dense, normal(0, 1), 4, 3), {Spec: ops.NewSpec(ops.I64, 1, 3), Ints: []int64{0, bad, 3}}},
			WantIndex: &ops.IndexError{Op: "index_select", Index: bad, Limit: 4},
		})
	}
}

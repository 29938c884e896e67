package optest

import "github.com/tuff-ml/tuff/ops"

func whereRef(_ *Case, in []Array, out []ops.Spec) []Array {
	cond, x, y := stretch(in[0], out[0]), stretch(in[1], out[0]), stretch(in[2], out[0])
	z := NewArray(out[0])
	for i := range z.Len() {
		if cond.I[i] != 0 {
			z.copyFrom(i, &x, i)
		} else {
			z.copyFrom(i, &y, i)
		}
	}
	return []Array{z}
}

func init() {
	type operands struct {
		d       ops.DType
		layouts [3]Layout
		shapes  [3][]int
		gen     Gen
		grad    GradMode
		label   string
	}
	add := func(o operands) {
		if o.gen == nil {
			o.gen = anyValue(o.d)
		}
		var in []Input
		shape, view := "", ""
		for i, d := range []ops.DType{ops.Bool, o.d, o.d} {
			if o.layouts[i].build == nil {
				o.layouts[i] = dense
			}
			g := o.gen
			if i == 0 {
				g = integers(0, 1)
			}
			in = append(in, input(d, o.layouts[i], g, o.shapes[i]...))
			if i > 0 {
				shape, view = shape+",", view+","
			}
			shape, view = shape+dims(o.shapes[i]), view+o.layouts[i].Name
		}
		pairs := []any{"shape", shape, "view", view, "dtype", o.d}
		if o.label != "" {
			pairs = append(pairs, "values", o.label)
		}
		Add(Case{Name: name("where", pairs...), Op: "where", In: in, Ref: whereRef, Grad: o.grad})
	}
	same := func(s ...int) [3][]int { return [3][]int{s, s, s} }
	for _, shape := range sizes {
		add(operands{d: ops.F32, shapes: same(shape...)})
	}
	for _, d := range ops.DTypes() {
		if d != ops.F32 {
			add(operands{d: d, shapes: same(13, 127)})
		}
		add(operands{d: d, shapes: [3][]int{{13, 1}, {127}, {13, 127}}})
		add(operands{d: d, shapes: same(13, 127), layouts: [3]Layout{stepped, transposed, padded}})
		add(operands{d: d, shapes: same(13, 127), layouts: [3]Layout{offset, offset, dense}})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		// Special values pass untouched.
		add(operands{d: d, shapes: same(len(specials(d))), gen: cycle(specials(d)...), label: "special"})
	}
	add(operands{d: ops.F32, shapes: [3][]int{{}, {13, 127}, {}}})
	add(operands{d: ops.F32, shapes: [3][]int{{13, 127}, {}, {}}})
	add(operands{d: ops.F32, shapes: [3][]int{{0}, {1}, {}}})
	add(operands{d: ops.F32, shapes: same(deepShape...), layouts: [3]Layout{reversed, stepped, dense}})
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(operands{d: d, shapes: same(5, 7), grad: GradFD})
		add(operands{d: d, shapes: [3][]int{{5, 7}, {7}, {5, 1}}, grad: GradFD})
		add(operands{d: d, shapes: [3][]int{{7}, {5, 7}, {}}, grad: GradFD})
	}
	add(operands{d: ops.F32, shapes: [3][]int{{257, 129}, {129}, {257, 129}}, grad: GradDevice})
}

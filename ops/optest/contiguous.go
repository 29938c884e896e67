package optest

import "github.com/tuff-ml/tuff/ops"

func contiguousRef(_ *Case, in []Array, _ []ops.Spec) []Array { return in }

func init() {
	add := func(d ops.DType, l Layout, g Gen, grad GradMode, label string, shape ...int) {
		pairs := []any{"shape", dims(shape), "view", l.Name, "dtype", d}
		if label != "" {
			pairs = append(pairs, "values", label)
		}
		Add(Case{Name: name("contiguous", pairs...), Op: "contiguous", In: []Input{input(d, l, g, shape...)}, Ref: contiguousRef, Grad: grad})
	}
	for _, shape := range sizes {
		add(ops.F32, dense, normal(0, 3), NoGrad, "", shape...)
	}
	for _, d := range ops.DTypes() {
		for _, l := range append([]Layout{dense}, views...) {
			if d != ops.F32 || l.Name != "dense" {
				add(d, l, anyValue(d), NoGrad, "", viewShape...)
			}
		}
		if d.IsFloat() {
			// Moved bits stay: subnormals, infinities and both zeros.
			add(d, stepped, cycle(specials(d)...), NoGrad, "special", 41)
		} else {
			Add(Case{
				Name: name("contiguous", "shape", 41, "view", "stepped", "dtype", d, "values", "special"), Op: "contiguous",
				In: []Input{{Spec: ops.NewSpec(d, 41), Layout: stepped, Ints: integerEdges(d)}}, Ref: contiguousRef,
			})
		}
	}
	for _, shape := range [][]int{{257, 129}, {3, 129, 65}, {1000, 1}, {1, 1000}, deepShape, {1025, 1027}} {
		for _, l := range []Layout{transposed, reversed, steppedTransposed} {
			add(ops.F32, l, normal(0, 3), NoGrad, "", shape...)
		}
	}
	add(ops.F32, offset, normal(0, 3), NoGrad, "", 70000)
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, transposed, normal(0, 3), GradFD, "grad", 5, 7)
		add(d, broadcastLast, normal(0, 3), GradFD, "grad", 5, 7)
	}
	Add(Case{
		Name: name("contiguous", "shape", "8193x4099", "view", "transposed", "dtype", ops.F32), Op: "contiguous", Large: true,
		In: []Input{input(ops.F32, transposed, cycle(1, 2, 3, 4, 5, 6, 7), 8193, 4099)}, Ref: contiguousRef,
	})
}

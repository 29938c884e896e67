package optest

import (
	"cmp"
	"math"
	"slices"

	"github.com/tuff-ml/tuff/ops"
)

// sortOrder is the stable order of n elements, at(i) being where element i is;
// NaN counts as the largest.
func sortOrder(x *Array, n int, descending bool, at func(i int) int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if descending {
			i, j = j, i
		}
		i, j = at(i), at(j)
		if x.F == nil {
			return cmp.Compare(x.I[i], x.I[j])
		}
		a, b := x.F[i], x.F[j]
		switch {
		case math.IsNaN(a) || math.IsNaN(b):
			return cmp.Compare(step(math.IsNaN(a)), step(math.IsNaN(b)))
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	return order
}

func sortRef(c *Case, in []Array, out []ops.Spec) []Array {
	a, x := c.Attr.(ops.SortAttr), in[0]
	y, idx := NewArray(out[0]), NewArray(out[1])
	rows(x.Spec, a.Dim, func(first, step, n int) {
		at := func(i int) int { return first + i*step }
		for k, i := range sortOrder(&x, n, a.Descending, at) {
			y.copyFrom(at(k), &x, at(i))
			idx.I[at(k)] = int64(i)
		}
	})
	return []Array{y, idx}
}

// sortGens are values with many equals, and all that is special.
func sortGens(d ops.DType) map[string]Gen {
	switch {
	case d == ops.F32 || d == ops.F64:
		return map[string]Gen{"special": cycle(specials(d)...), "few": integers(-2, 2)}
	case d.IsFloat():
		return map[string]Gen{"special": cycle(0, math.Copysign(0, -1), nan, inf, -inf, 1, -1, 0x1p-14, -0x1p-14, 1000), "few": integers(-2, 2)}
	}
	return map[string]Gen{"few": integers(0, 1)}
}

func init() {
	add := func(d ops.DType, l Layout, dim int, down bool, values string, g Gen, grad GradMode, shape []int) {
		pairs := []any{"shape", dims(shape), "view", l.Name, "dtype", d, "dim", dim, "down", down, "values", values}
		if grad != NoGrad {
			pairs = append(pairs, "grad", 1)
		}
		Add(Case{Name: name("sort", pairs...), Op: "sort", Attr: ops.SortAttr{Dim: dim, Descending: down}, Ref: sortRef, Grad: grad,
			In: []Input{input(d, l, g, shape...)}})
	}
	for _, d := range ops.DTypes() {
		for _, down := range []bool{false, true} {
			add(d, dense, 0, down, "any", anyValue(d), NoGrad, []int{3000})
			add(d, dense, 0, down, "any", anyValue(d), NoGrad, []int{300, 3})
			for values, g := range sortGens(d) {
				add(d, dense, 0, down, values, g, NoGrad, []int{1500})
				add(d, dense, 1, down, values, g, NoGrad, []int{7, 127})
			}
		}
	}
	for _, d := range []ops.DType{ops.I32, ops.I64, ops.U8} {
		for _, n := range []int{100, 2000} {
			Add(Case{Name: name("sort", "shape", n, "dtype", d, "values", "edges"), Op: "sort", Attr: ops.SortAttr{}, Ref: sortRef,
				In: []Input{{Spec: ops.NewSpec(d, n), Ints: integerEdges(d)}}})
		}
	}
	for _, k := range []struct {
		dim   int
		shape []int
	}{
		{0, []int{0}}, {1, []int{3, 0, 5}}, {0, []int{1}}, {1, []int{5, 1, 3}}, {0, []int{2}}, {0, []int{8}}, {0, []int{9}}, {0, []int{127}}, {0, []int{128}},
		{0, []int{1023}}, {0, []int{1024}}, {0, []int{1025}}, {0, []int{2049}}, {0, []int{16384}}, {0, []int{70001}}, {0, []int{1<<20 + 3}},
		{1, []int{3000, 5}}, {0, []int{5, 3000}}, {1, []int{3, 1100, 5}}, {2, []int{2, 3, 2500}}, {0, []int{1030, 2, 3}}, {4, deepShape}, {1, []int{257, 129}},
	} {
		add(ops.F32, dense, k.dim, false, "any", anyValue(ops.F32), NoGrad, k.shape)
	}
	add(ops.F64, dense, 0, true, "any", anyValue(ops.F64), NoGrad, []int{70001})
	add(ops.I64, dense, 1, true, "any", anyValue(ops.I64), NoGrad, []int{3, 1200, 2})
	for _, l := range views {
		add(ops.F32, l, 0, false, "any", anyValue(ops.F32), NoGrad, viewShape)
		add(ops.F32, l, 1, true, "any", anyValue(ops.F32), NoGrad, []int{3, 1100})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, dense, 0, false, "spread", spread(0.05), GradFD, []int{7, 5})
		add(d, transposed, 1, true, "spread", spread(0.05), GradFD, []int{4, 9})
		add(d, dense, 1, false, "spread", spread(0.05), GradDevice, []int{3, 1100})
	}
}

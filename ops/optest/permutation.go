package optest

import (
	"cmp"
	"slices"

	"github.com/tuff-ml/tuff/ops"
)

// permutationRef sorts the numbers by their words, equal ones by number.
func permutationRef(_ *Case, in []Array, out []ops.Spec) []Array {
	y := NewArray(out[0])
	w := words(in[0].I, y.Len())
	for i := range y.I {
		y.I[i] = int64(i)
	}
	slices.SortStableFunc(y.I, func(a, b int64) int { return cmp.Compare(w[a], w[b]) })
	return []Array{y}
}

func init() {
	add := func(n int, st [2]int64) {
		Add(Case{
			Name: name("permutation", "shape", n, "dtype", ops.I64, "seed", st[0], "counter", st[1]), Op: "permutation",
			Attr: createAttr(ops.I64, []int{n}), In: []Input{state(st[0], st[1])}, Ref: permutationRef,
		})
	}
	for _, n := range []int{0, 1, 2, 3, 13, 127, 128, 1000, 1025, 60000, 70001, 300000} {
		add(n, states[0])
	}
	for _, st := range states[1:] {
		add(1000, st)
	}
}

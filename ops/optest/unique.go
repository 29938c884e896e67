package optest

import (
	"context"
	"math"
	"slices"

	"github.com/tuff-ml/tuff/ops"
)

// uniqueRef takes each element, in order, that differs from the one before;
// NaN differs from all.
func uniqueRef(in []Array) []Array {
	x := in[0]
	var at, counts []int64
	for _, i := range sortOrder(&x, x.Len(), false, func(i int) int { return i }) {
		if last := len(at) - 1; last >= 0 && (x.F != nil && x.F[i] == x.F[at[last]] || x.I != nil && x.I[i] == x.I[at[last]]) {
			counts[last]++
			continue
		}
		at, counts = append(at, int64(i)), append(counts, 1)
	}
	return []Array{x.take(ops.NewSpec(x.DType, len(at)), at), {Spec: ops.NewSpec(ops.I64, len(at)), I: counts}}
}

func init() {
	f := func(ctx context.Context, in []*ops.Tensor) ([]*ops.Tensor, error) {
		y, n, err := in[0].Unique(ctx)
		return []*ops.Tensor{y, n}, err
	}
	add := func(d ops.DType, l Layout, values string, g Gen, shape []int) {
		addHostSized("unique", f, uniqueRef, []any{"shape", dims(shape), "view", l.Name, "dtype", d, "values", values}, input(d, l, g, shape...))
	}
	for _, d := range hostDTypes {
		add(d, dense, "any", anyValue(d), viewShape)
		add(d, dense, "few", integers(0, 1), []int{2000})
	}
	for _, shape := range hostShapes {
		add(ops.F32, dense, "few", integers(-20, 20), shape)
	}
	for _, l := range views {
		add(ops.I64, l, "few", integers(-20, 20), viewShape)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		normal := slices.DeleteFunc(slices.Clone(specials(d)), func(x float64) bool { // a device may compare others as zeros
			return x != 0 && math.Abs(x) < smallestNormal(d)
		})
		add(d, dense, "special", cycle(normal...), []int{200})
	}
	add(ops.F32, dense, "same", constant(3), []int{3000})
}

package optest

import (
	"context"

	"github.com/tuff-ml/tuff/ops"
)

func maskedSelectRef(in []Array) []Array {
	x, mask := in[0], stretch(in[1], in[0].Spec)
	var at []int64
	for i := range x.Len() {
		if mask.holds(i) {
			at = append(at, int64(i))
		}
	}
	return []Array{x.take(ops.NewSpec(x.DType, len(at)), at)}
}

func init() {
	f := func(ctx context.Context, in []*ops.Tensor) ([]*ops.Tensor, error) {
		y, err := in[0].MaskedSelect(ctx, in[1])
		return []*ops.Tensor{y}, err
	}
	add := func(d ops.DType, l [2]Layout, values string, g Gen, shape, mask []int) {
		addHostSized("masked_select", f, maskedSelectRef,
			[]any{"shape", dims(shape) + "," + dims(mask), "view", l[0].Name + "," + l[1].Name, "dtype", d, "values", values},
			input(d, l[0], anyValue(d), shape...), input(ops.Bool, l[1], g, mask...))
	}
	plain := [2]Layout{dense, dense}
	for _, d := range ops.DTypes() {
		add(d, plain, "bits", integers(0, 1), viewShape, viewShape)
	}
	for _, shape := range hostShapes {
		add(ops.F32, plain, "any", integers(0, 1), shape, shape)
	}
	for _, l := range views {
		add(ops.F32, [2]Layout{l, dense}, "any", integers(0, 1), viewShape, viewShape)
		add(ops.F32, [2]Layout{dense, l}, "any", integers(0, 1), viewShape, viewShape)
	}
	add(ops.F32, plain, "any", integers(0, 1), viewShape, []int{127})
	add(ops.F32, plain, "any", integers(0, 1), viewShape, []int{13, 1})
	add(ops.F32, plain, "none", constant(0), []int{1100}, []int{1100})
	add(ops.F32, plain, "all", constant(1), []int{1100}, []int{})
}

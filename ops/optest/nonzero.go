package optest

import (
	"context"
	"fmt"

	"github.com/tuff-ml/tuff/ops"
)

// Results whose size depends on data are those of functions made of ops, not of
// ops: no shape rule knows them. Their cases stand with sort, which they are
// made of, call the function and compare sizes and elements.

// addHostSized registers a case whose outputs f computes and ref expects.
func addHostSized(function string, f func(ctx context.Context, in []*ops.Tensor) ([]*ops.Tensor, error), ref func(in []Array) []Array, pairs []any, in ...Input) {
	pairs = append([]any{"function", function}, pairs...)
	Add(Case{Name: name("sort", pairs...), Op: "sort", In: in, Do: func(t *Trial) error {
		given, err := t.Case.operands()
		if err != nil {
			return err
		}
		return t.Scope(ops.Infer(), func(s *ops.Scope) error {
			var args []*ops.Tensor
			for i := range given {
				_, view := upload(s, &given[i], false)
				args = append(args, view)
			}
			outs, err := f(context.Background(), args)
			if err != nil {
				return err
			}
			for i, want := range ref(values(given)) {
				got, err := t.Read(outs[i])
				if err != nil {
					return err
				}
				if err := t.Compare(fmt.Sprintf("output %d", i), got, want, Tol{}); err != nil {
					return err
				}
			}
			return nil
		})
	}})
}

// holds says whether element i is not 0.
func (a *Array) holds(i int) bool { return a.F != nil && a.F[i] != 0 || a.I != nil && a.I[i] != 0 }

func nonZeroRef(in []Array) []Array {
	x, at := in[0], []int64{}
	walk(x.Spec, func(i int, pos []int) {
		if x.holds(i) {
			for _, p := range pos {
				at = append(at, int64(p))
			}
		}
	})
	n := 0
	for i := range x.Len() {
		if x.holds(i) {
			n++
		}
	}
	return []Array{{Spec: ops.NewSpec(ops.I64, n, x.Rank), I: at}}
}

// hostShapes are small ones, and those that cross workgroups and blocks.
var hostShapes = [][]int{{}, {0}, {1}, {13}, {13, 127}, {3, 5, 7}, {1030}, {70001}, {3, 0, 5}, {2, 1, 3, 1, 2, 3, 1, 5}}

// hostDTypes are those that compare.
var hostDTypes = []ops.DType{ops.F32, ops.F64, ops.I32, ops.I64, ops.U8, ops.Bool}

func init() {
	f := func(ctx context.Context, in []*ops.Tensor) ([]*ops.Tensor, error) {
		y, err := in[0].NonZero(ctx)
		return []*ops.Tensor{y}, err
	}
	add := func(d ops.DType, l Layout, values string, g Gen, shape []int) {
		addHostSized("nonzero", f, nonZeroRef, []any{"shape", dims(shape), "view", l.Name, "dtype", d, "values", values}, input(d, l, g, shape...))
	}
	for _, d := range hostDTypes {
		add(d, dense, "bits", integers(0, 1), viewShape)
	}
	for _, shape := range hostShapes {
		add(ops.F32, dense, "few", integers(0, 2), shape)
	}
	for _, l := range views {
		add(ops.F32, l, "few", integers(0, 1), viewShape)
	}
	add(ops.F32, dense, "special", cycle(specials32[:13]...), []int{5, 13})
	add(ops.Bool, dense, "none", constant(0), []int{2000})
	add(ops.Bool, dense, "all", constant(1), []int{2000})
}

package ops

import (
	"fmt"
	"math/bits"
)

// The smallest element, extremes with their places, and their kin of bools.
var minDef, argMinDef, anyDef, allDef, maxIndexDef, minIndexDef *Def

func init() {
	minDef = reduction("min", "y = min x; NaN wins", true, 1, 1, nil, maxVJP)
	argMinDef = argReduction("argmin", "y = the first index of the smallest x along one dimension; NaN is the smallest")
	anyDef = boolReduction("any", "y = whether any x holds", 0)
	allDef = boolReduction("all", "y = whether all x hold", 1)
	maxIndexDef = withIndex("max_with_index", "y = max x along one dimension and its first index; NaN wins", func(x *Tensor, dim int) *Tensor { return x.ArgMaxKeep(dim) })
	minIndexDef = withIndex("min_with_index", "y = min x along one dimension and its first index; NaN wins", func(x *Tensor, dim int) *Tensor { return x.ArgMinKeep(dim) })
}

func boolReduction(op Op, doc string, empty float64) *Def {
	return Register(Def{
		Op: op, Kind: Reduction, Stem: "reduce", AnyView: true, Doc: doc,
		Empty: func(any) float64 { return empty },
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			s, err := inferFold(in, attr)
			if err != nil {
				return nil, err
			}
			if s.DType != Bool {
				return nil, fmt.Errorf("wanted bool, got %v; compare or Cast", s.DType)
			}
			return append(out, s), nil
		},
	})
}

// withIndex registers an op that finds the place of an extreme and takes the
// element there: the search reads all of x, what follows one element a row, so
// a kernel of its own would gain nothing that shows.
func withIndex(op Op, doc string, find func(x *Tensor, dim int) *Tensor) *Def {
	return Register(Def{
		Op: op, Kind: Composed, Stem: "reduce", Doc: doc,
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			out, err := inferArg(out, in, attr)
			if err != nil {
				return nil, err
			}
			last := len(out) - 1
			return append(out[:last], out[last].As(in[0].DType), out[last]), nil
		},
		Compose: func(in []*Tensor, attr any, _ [2]float64) []*Tensor {
			x, a := in[0], attr.(ReduceAttr)
			dim := bits.TrailingZeros8(a.Dims)
			at := find(x, dim)
			y := x.Gather(dim, at)
			if !a.Keep {
				s := a.Fold(x.view.Spec)
				y, at = y.Reshape(s.Shape[:s.Rank]...), at.Reshape(s.Shape[:s.Rank]...)
			}
			return []*Tensor{y, at}
		},
	})
}

// Min is the smallest element over dims (torch's amin); NaN wins; ties share
// the gradient. Over no elements it is an error. dtypes: f32, f64, i32, i64.
func (x *Tensor) Min(dims ...int) *Tensor { return x.reduce(minDef, ReduceAttr{}, dims) }

// MinKeep is Min with the dimensions kept.
func (x *Tensor) MinKeep(dims ...int) *Tensor { return x.reduce(minDef, ReduceAttr{Keep: true}, dims) }

// ArgMin is the first index of the smallest element along dim, i64; NaN counts
// as the smallest. No gradient. dtypes: f32, f64, i32, i64.
func (x *Tensor) ArgMin(dim int) *Tensor { return x.reduce(argMinDef, ReduceAttr{}, []int{dim}) }

// ArgMinKeep is ArgMin with the dimension kept.
func (x *Tensor) ArgMinKeep(dim int) *Tensor {
	return x.reduce(argMinDef, ReduceAttr{Keep: true}, []int{dim})
}

// Any says whether any element over dims is true; over none it is false. dtype: bool.
func (x *Tensor) Any(dims ...int) *Tensor { return x.reduce(anyDef, ReduceAttr{}, dims) }

// AnyKeep is Any with the dimensions kept.
func (x *Tensor) AnyKeep(dims ...int) *Tensor { return x.reduce(anyDef, ReduceAttr{Keep: true}, dims) }

// All says whether all elements over dims are true; over none it is true. dtype: bool.
func (x *Tensor) All(dims ...int) *Tensor { return x.reduce(allDef, ReduceAttr{}, dims) }

// AllKeep is All with the dimensions kept.
func (x *Tensor) AllKeep(dims ...int) *Tensor { return x.reduce(allDef, ReduceAttr{Keep: true}, dims) }

// MaxIndex is the largest element along dim and its index, i64 (torch's max
// with a dim): the first of equals; NaN is the largest. The gradient goes to
// the chosen element alone. With keep the dimension stays with size 1. Over no
// elements it is an error. dtypes: f32, f64, i32, i64.
func (x *Tensor) MaxIndex(dim int, keep bool) (values, indices *Tensor) {
	return x.withIndex(maxIndexDef, dim, keep)
}

// MinIndex is MaxIndex for the smallest element; NaN is the smallest.
func (x *Tensor) MinIndex(dim int, keep bool) (values, indices *Tensor) {
	return x.withIndex(minIndexDef, dim, keep)
}

func (x *Tensor) withIndex(d *Def, dim int, keep bool) (values, indices *Tensor) {
	a := ReduceAttr{Dims: 1 << x.dim(d.Op, dim), Keep: keep}
	out := applyN(scopeOf(d.Op, x), d, a, noConst, x)
	return out[0], out[1]
}

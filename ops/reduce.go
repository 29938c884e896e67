package ops

import (
	"fmt"
	"math"
	"math/bits"
)

// ReduceAttr says which dimensions a reduction folds: bit i of Dims for
// dimension i. Keep leaves them with size 1.
type ReduceAttr struct {
	Dims       uint8
	Keep       bool
	Correction int // var, std: the divisor is n − Correction
	Norm       NormKind
}

// Reductions sum in a fixed order, in f32 or wider (f64 for f64), so that the
// result does not depend on the number of threads. sum and max take f32, f64, i32, i64
// (integer sums wrap); the others f32 and f64.
var sumDef, meanDef, maxDef, varDef, logSumExpDef, argMaxDef *Def

func init() {
	zero := func(any) float64 { return 0 }
	nan := func(any) float64 { return math.NaN() }
	sumDef = reduction("sum", "y = Σ x", true, 0, 0, zero, func(g *Grad) *Tensor { return g.spread(g.D(0)) })
	meanDef = reduction("mean", "y = Σ x / n", false, 0, 0, nan, func(g *Grad) *Tensor {
		return g.spread(g.D(0).DivScalar(float64(g.folded())))
	})
	maxDef = reduction("max", "y = max x; NaN wins", true, 1, 1, nil, maxVJP)
	varDef = reduction("var", "y = Σ (x − mean)² / (n − correction)", false, 1, 0, nan, varVJP)
	logSumExpDef = reduction("logsumexp", "y = ln Σ eˣ", false, 1, 1,
		func(any) float64 { return math.Inf(-1) }, func(g *Grad) *Tensor {
			y := g.spread(g.Out(0))
			return g.spread(g.D(0)).Mul(Where(y.EqScalar(math.Inf(-1)), zerosLike(y), g.In(0).Sub(y).Exp()))
		})
	argMaxDef = argReduction("argmax", "y = the first index of the largest x along one dimension; NaN is the largest")
}

func argReduction(op Op, doc string) *Def {
	return Register(Def{Op: op, Kind: Reduction, Stem: "reduce", AnyView: true, Doc: doc, Infer: inferArg})
}

func inferArg(out, in []Spec, attr any) ([]Spec, error) {
	s, err := inferReduce(in, attr, true)
	if err != nil {
		return nil, err
	}
	if bits.OnesCount8(attr.(ReduceAttr).Dims) != 1 {
		return nil, fmt.Errorf("wanted one dimension, got %v", attr)
	}
	return append(out, s.As(I64)), nil
}

func reduction(op Op, doc string, ints bool, saveIn, saveOut uint64, empty func(any) float64, vjp func(*Grad) *Tensor) *Def {
	return Register(Def{
		Op: op, Kind: Reduction, Stem: "reduce", Doc: doc, AnyView: true,
		SaveIn: saveIn, SaveOut: saveOut, Empty: empty,
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			s, err := inferReduce(in, attr, ints)
			if err != nil {
				return nil, err
			}
			return append(out, s), nil
		},
		VJP: func(g *Grad) []*Tensor { return []*Tensor{vjp(g)} },
	})
}

func inferReduce(in []Spec, attr any, ints bool) (Spec, error) {
	s, err := inferFold(in, attr)
	if err == nil {
		err = wantArithmetic(s.DType, ints)
	}
	return s, err
}

// inferFold is inferReduce for any dtype.
func inferFold(in []Spec, attr any) (Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return Spec{}, err
	}
	a, ok := attr.(ReduceAttr)
	if !ok {
		return Spec{}, fmt.Errorf("wanted a ReduceAttr, got %T", attr)
	}
	if int(a.Dims)>>in[0].Rank != 0 {
		return Spec{}, fmt.Errorf("wanted dimensions below %d, got bits %b", in[0].Rank, a.Dims)
	}
	return a.Fold(in[0]), nil
}

// Fold is the spec that is left when the dimensions of s are folded.
func (a ReduceAttr) Fold(s Spec) Spec {
	out := Spec{DType: s.DType}
	for i := 0; i < s.Rank; i++ {
		switch {
		case a.Dims>>i&1 == 0:
			out.Shape[out.Rank] = s.Shape[i]
			out.Rank++
		case a.Keep:
			out.Shape[out.Rank] = 1
			out.Rank++
		}
	}
	return out
}

// folded is the number of elements of the input for each one of the output.
func (g *Grad) folded() int {
	a, s, n := g.Attr.(ReduceAttr), g.Spec(0), 1
	for i := 0; i < s.Rank; i++ {
		if a.Dims>>i&1 == 1 {
			n *= s.Shape[i]
		}
	}
	return n
}

// spread broadcasts a reduction's result back to the input's shape.
func (g *Grad) spread(y *Tensor) *Tensor {
	a, s := g.Attr.(ReduceAttr), g.Spec(0)
	a.Keep = true
	kept := a.Fold(s)
	return y.Reshape(kept.Shape[:kept.Rank]...).Expand(s.Shape[:s.Rank]...)
}

// maxVJP shares the gradient evenly among the largest elements, as torch's amax.
func maxVJP(g *Grad) *Tensor {
	a := g.Attr.(ReduceAttr)
	hit := g.In(0).Eq(g.spread(g.Out(0))).Cast(g.D(0).DType())
	count := apply1(sumDef, a, noConst, hit)
	return g.spread(g.D(0).Div(count)).Mul(hit)
}

func varVJP(g *Grad) *Tensor { // 2·(x − mean)/(n − correction)
	a := g.Attr.(ReduceAttr)
	x := g.In(0)
	centred := x.Sub(g.spread(apply1(meanDef, a, noConst, x)))
	return g.spread(g.D(0)).Mul(centred).MulScalar(2 / math.Max(0, float64(g.folded()-a.Correction)))
}

func (x *Tensor) reduce(d *Def, a ReduceAttr, dims []int) *Tensor {
	return x.reduceConst(d, a, noConst, dims)
}

func (x *Tensor) reduceConst(d *Def, a ReduceAttr, c [2]float64, dims []int) *Tensor {
	if len(dims) == 0 {
		a.Dims = 1<<x.view.Rank - 1
	}
	for _, dim := range dims {
		i := x.dim(d.Op, dim)
		if a.Dims>>i&1 == 1 {
			fail(d.Op, []*Tensor{x}, "wanted each dimension once, got %v", dims)
		}
		a.Dims |= 1 << i
	}
	return apply1(d, a, c, x)
}

// dim resolves a dimension that may count from the end.
func (x *Tensor) dim(op Op, dim int) int {
	n := x.view.Rank
	if dim < -n || dim >= n {
		fail(op, []*Tensor{x}, "wanted a dimension in [%d, %d), got %d", -n, n, dim)
	}
	if dim < 0 {
		return dim + n
	}
	return dim
}

// Sum adds over dims, all when none are named; negative ones count from the
// end. The Keep form leaves them with size 1. dtypes: f32, f64, i32, i64.
func (x *Tensor) Sum(dims ...int) *Tensor { return x.reduce(sumDef, ReduceAttr{}, dims) }

// SumKeep is Sum with the dimensions kept.
func (x *Tensor) SumKeep(dims ...int) *Tensor { return x.reduce(sumDef, ReduceAttr{Keep: true}, dims) }

// Mean is the arithmetic mean over dims, NaN over none. dtypes: f32, f64.
func (x *Tensor) Mean(dims ...int) *Tensor { return x.reduce(meanDef, ReduceAttr{}, dims) }

// MeanKeep is Mean with the dimensions kept.
func (x *Tensor) MeanKeep(dims ...int) *Tensor {
	return x.reduce(meanDef, ReduceAttr{Keep: true}, dims)
}

// Max is the largest element over dims (torch's amax); NaN wins; ties share
// the gradient. Over no elements it is an error. dtypes: f32, f64, i32, i64.
func (x *Tensor) Max(dims ...int) *Tensor { return x.reduce(maxDef, ReduceAttr{}, dims) }

// MaxKeep is Max with the dimensions kept.
func (x *Tensor) MaxKeep(dims ...int) *Tensor { return x.reduce(maxDef, ReduceAttr{Keep: true}, dims) }

// Var is the variance over dims with divisor n − correction: 1 for the
// unbiased estimate (torch's default), 0 for the biased one. It is computed
// from deviations from the mean, never as E[x²] − E[x]². dtypes: f32, f64.
func (x *Tensor) Var(correction int, dims ...int) *Tensor {
	return x.reduce(varDef, ReduceAttr{Correction: correction}, dims)
}

// VarKeep is Var with the dimensions kept.
func (x *Tensor) VarKeep(correction int, dims ...int) *Tensor {
	return x.reduce(varDef, ReduceAttr{Correction: correction, Keep: true}, dims)
}

// LogSumExp is ln Σ eˣ over dims, computed without overflow. dtypes: f32, f64.
func (x *Tensor) LogSumExp(dims ...int) *Tensor { return x.reduce(logSumExpDef, ReduceAttr{}, dims) }

// LogSumExpKeep is LogSumExp with the dimensions kept.
func (x *Tensor) LogSumExpKeep(dims ...int) *Tensor {
	return x.reduce(logSumExpDef, ReduceAttr{Keep: true}, dims)
}

// ArgMax is the first index of the largest element along dim, i64; NaN counts
// as the largest. No gradient. dtypes: f32, f64, i32, i64.
func (x *Tensor) ArgMax(dim int) *Tensor { return x.reduce(argMaxDef, ReduceAttr{}, []int{dim}) }

// ArgMaxKeep is ArgMax with the dimension kept.
func (x *Tensor) ArgMaxKeep(dim int) *Tensor {
	return x.reduce(argMaxDef, ReduceAttr{Keep: true}, []int{dim})
}

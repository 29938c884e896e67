package ops

import (
	"fmt"
	"math"
)

// NormKind is the order of a norm; zero: any order p, which Const[0] holds.
type NormKind uint8

// The kinds.
const (
	NormPower NormKind = iota // (Σ |x|ᵖ)^(1/p)
	NormOne                   // Σ |x|
	NormTwo                   // √Σ x²
	NormMax                   // max |x|, p = ∞
	NormMin                   // min |x|, p = −∞
	NormCount                 // how many x ≠ 0, p = 0
)

var prodDef, normDef, stdDef, countNonzeroDef *Def

func init() {
	nan := func(any) float64 { return math.NaN() }
	prodDef = reduction("prod", "y = Π x", true, 1, 0, func(any) float64 { return 1 }, prodVJP)
	stdDef = reduction("std", "y = √(Σ (x − mean)² / (n − correction))", false, 1, 1, nan, stdVJP)
	normDef = Register(Def{
		Op: "norm", Kind: Reduction, Stem: "reduce", AnyView: true, SaveIn: 1, SaveOut: 1,
		Doc:   "y = (Σ |x|ᵖ)^(1/p); p = ∞: max |x|, −∞: min |x|, 0: how many x ≠ 0",
		Empty: func(any) float64 { return 0 },
		Infer: inferNorm,
		VJP:   func(g *Grad) []*Tensor { return []*Tensor{normVJP(g)} },
	})
	countNonzeroDef = Register(Def{
		Op: "count_nonzero", Kind: Reduction, Stem: "reduce", AnyView: true, Doc: "y = how many x ≠ 0",
		Empty: func(any) float64 { return 0 },
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			s, err := inferFold(in, attr)
			if err != nil {
				return nil, err
			}
			if s.DType != Bool {
				if err := wantArithmetic(s.DType, true); err != nil {
					return nil, fmt.Errorf("wanted bool, f32, f64, i32 or i64, got %v; use Cast", s.DType)
				}
			}
			return append(out, s.As(I64)), nil
		},
	})
}

func inferNorm(out, in []Spec, attr any) ([]Spec, error) {
	s, err := inferReduce(in, attr, false)
	if err != nil {
		return nil, err
	}
	switch kind := attr.(ReduceAttr).Norm; {
	case kind > NormCount:
		return nil, fmt.Errorf("wanted a NormKind, got %d", kind)
	case (kind == NormMax || kind == NormMin) && in[0].Len() == 0 && s.Len() > 0:
		return nil, shapeError("at least one element for an infinite order", in[0])
	}
	return append(out, s), nil
}

// normVJP follows torch's conventions: a norm of 0 passes no gradient, nor does
// an element of 0, and the largest (smallest) elements share it evenly.
func normVJP(g *Grad) *Tensor {
	a, d, x, y := g.Attr.(ReduceAttr), g.D(0), g.In(0), g.Out(0)
	p := g.Const[0]
	switch a.Norm {
	case NormCount:
		return nil
	case NormOne:
		return g.spread(d).Mul(signOf(x))
	case NormTwo:
		return g.spread(over(d, y, y)).Mul(x)
	case NormMax, NormMin:
		hit := x.Abs().Eq(g.spread(y)).Cast(d.DType())
		count := apply1(sumDef, ReduceAttr{Dims: a.Dims, Keep: a.Keep}, noConst, hit)
		return g.spread(d.Div(count)).Mul(hit).Mul(signOf(x))
	}
	zero := x.EqScalar(0)
	size := Where(zero, onesLike(x), x.Abs()) // whatever the power, it is not taken of 0
	scaled := Where(zero, zerosLike(x), signOf(x).Mul(size.PowScalar(p-1)))
	return g.spread(over(d, y, nonzero(y).PowScalar(p-1))).Mul(scaled)
}

// over is d/by, and 0 where y is 0.
func over(d, y, by *Tensor) *Tensor {
	zero := y.EqScalar(0)
	return Where(zero, zerosLike(d), d.Div(Where(zero, onesLike(by), by)))
}

// nonzero is y with 1 in place of 0.
func nonzero(y *Tensor) *Tensor { return Where(y.EqScalar(0), onesLike(y), y) }

func onesLike(x *Tensor) *Tensor {
	return applyIn(scopeOf("full", x), fullDef, createAttr(x.view.Spec), [2]float64{1})
}

// signOf is 1, −1 or 0.
func signOf(x *Tensor) *Tensor {
	d := x.DType()
	return x.GtScalar(0).Cast(d).Sub(x.LtScalar(0).Cast(d))
}

// stdVJP is (x − mean)/((n − correction)·std), and 0 where std is 0, as torch's.
func stdVJP(g *Grad) *Tensor {
	a, x, y := g.Attr.(ReduceAttr), g.In(0), g.Out(0)
	centred := x.Sub(g.spread(apply1(meanDef, ReduceAttr{Dims: a.Dims, Keep: a.Keep}, noConst, x)))
	return g.spread(over(g.D(0), y, y)).Mul(centred).MulScalar(1 / math.Max(0, float64(g.folded()-a.Correction)))
}

// prodVJP gives each element the product of all others, those before times
// those after: no division, so zeros are right.
func prodVJP(g *Grad) *Tensor {
	a, s := g.Attr.(ReduceAttr), g.Spec(0)
	if a.Dims == 0 {
		return g.D(0)
	}
	var order, back, kept, shape []int
	for _, folded := range []bool{false, true} {
		for i := range s.Rank {
			if a.Dims>>i&1 == 1 == folded {
				order = append(order, i)
				shape = append(shape, s.Shape[i])
				if !folded {
					kept = append(kept, s.Shape[i])
				}
			}
		}
	}
	back = make([]int, len(order))
	for i, o := range order {
		back[o] = i
	}
	x := g.In(0).Permute(order...).Reshape(append(kept, g.folded())...)
	dim := len(kept)
	others := x.scan(cumProdDef, ScanAttr{Dim: dim, Exclusive: true}).Mul(x.scan(cumProdDef, ScanAttr{Dim: dim, Exclusive: true, Reverse: true}))
	return g.spread(g.D(0)).Mul(others.Reshape(shape...).Permute(back...))
}

// Prod multiplies over dims, all when none are named; over none it is 1;
// integers wrap. The gradient is right where elements are 0. dtypes: f32, f64,
// i32, i64.
func (x *Tensor) Prod(dims ...int) *Tensor { return x.reduce(prodDef, ReduceAttr{}, dims) }

// ProdKeep is Prod with the dimensions kept.
func (x *Tensor) ProdKeep(dims ...int) *Tensor {
	return x.reduce(prodDef, ReduceAttr{Keep: true}, dims)
}

// Norm is (Σ |x|ᵖ)^(1/p) over dims (torch's linalg.vector_norm): p = 2 is the
// Euclidean norm, p = ∞ the largest |x|, p = −∞ the smallest, p = 0 the number
// of elements that are not 0. Powers are summed as they are: where |x|ᵖ exceeds
// the dtype the norm may be infinite. Over no elements it is 0, and an error
// for p < 0 and p = ∞. Where the norm or an element is 0, the gradient is 0;
// for p = ±∞ ties share it; for p = 0 there is none. dtypes: f32, f64.
func (x *Tensor) Norm(p float64, dims ...int) *Tensor { return x.norm(p, false, dims) }

// NormKeep is Norm with the dimensions kept.
func (x *Tensor) NormKeep(p float64, dims ...int) *Tensor { return x.norm(p, true, dims) }

func (x *Tensor) norm(p float64, keep bool, dims []int) *Tensor {
	a := ReduceAttr{Keep: keep}
	switch {
	case math.IsNaN(p):
		fail("norm", []*Tensor{x}, "wanted an order that is a number, got NaN")
	case p < 0 && x.view.Len() == 0:
		fail("norm", []*Tensor{x}, "wanted at least one element for order %v, got an empty tensor", p)
	case p == 0:
		a.Norm = NormCount
	case p == 1:
		a.Norm = NormOne
	case p == 2:
		a.Norm = NormTwo
	case math.IsInf(p, 1):
		a.Norm = NormMax
	case math.IsInf(p, -1):
		a.Norm = NormMin
	}
	return x.reduceConst(normDef, a, [2]float64{p}, dims)
}

// Std is the standard deviation over dims, the root of Var; where it is 0, so
// is the gradient. dtypes: f32, f64.
func (x *Tensor) Std(correction int, dims ...int) *Tensor {
	return x.reduce(stdDef, ReduceAttr{Correction: correction}, dims)
}

// StdKeep is Std with the dimensions kept.
func (x *Tensor) StdKeep(correction int, dims ...int) *Tensor {
	return x.reduce(stdDef, ReduceAttr{Correction: correction, Keep: true}, dims)
}

// CountNonzero is how many elements over dims are not 0, i64; NaN is not. No
// gradient. dtypes: bool, f32, f64, i32, i64.
func (x *Tensor) CountNonzero(dims ...int) *Tensor {
	return x.reduce(countNonzeroDef, ReduceAttr{}, dims)
}

// CountNonzeroKeep is CountNonzero with the dimensions kept.
func (x *Tensor) CountNonzeroKeep(dims ...int) *Tensor {
	return x.reduce(countNonzeroDef, ReduceAttr{Keep: true}, dims)
}

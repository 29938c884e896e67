package ops

import "fmt"

// ScanAttr is the dimension that a scan runs along. Reverse runs from the last
// element to the first; Exclusive leaves each element itself out, so that the
// first result is that of nothing.
type ScanAttr struct {
	Dim                int
	Reverse, Exclusive bool
}

// Scans go along one dimension and keep every intermediate result. Inputs are
// dense. Partial results are made in a fixed tree, so they do not depend on the
// number of threads.
var cumSumDef, cumProdDef, linearScanDef *Def

func init() {
	cumSumDef = scanOp("cumsum", "y[i] = x[0] + … + x[i] along dim", 1, true)
	cumSumDef.VJP = func(g *Grad) []*Tensor {
		a := g.Attr.(ScanAttr)
		a.Reverse = !a.Reverse
		return []*Tensor{g.D(0).scan(cumSumDef, a)}
	}
	cumProdDef = scanOp("cumprod", "y[i] = x[0]·…·x[i] along dim", 1, true)
	cumProdDef.SaveIn = 1
	cumProdDef.VJP = func(g *Grad) []*Tensor { return []*Tensor{cumProdVJP(g)} }
	linearScanDef = scanOp("linear_scan", "y[i] = a[i]·y[i−1] + b[i] along dim, y[−1] = 0", 2, false)
	linearScanDef.SaveIn, linearScanDef.SaveOut = 1, 1
	linearScanDef.VJP = linearScanVJP
}

func scanOp(op Op, doc string, inputs int, ints bool) *Def {
	return Register(Def{
		Op: op, Kind: Rows, Stem: "scan", Doc: doc,
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, inputs); err != nil {
				return nil, err
			}
			if err := wantSameDType(in); err != nil {
				return nil, err
			}
			if err := wantArithmetic(in[0].DType, ints); err != nil {
				return nil, err
			}
			for _, s := range in[1:] {
				if s != in[0] {
					return nil, shapeError("inputs of one shape", in...)
				}
			}
			a, ok := attr.(ScanAttr)
			if !ok || a.Dim < 0 || a.Dim >= in[0].Rank {
				return nil, fmt.Errorf("wanted a dimension below %d, got %v", in[0].Rank, attr)
			}
			if a.Exclusive && inputs == 2 {
				return nil, fmt.Errorf("wanted an inclusive scan, got %v", attr)
			}
			return append(out, in[0]), nil
		},
	})
}

// cumProdVJP divides by nothing, so zeros are right: with e[i] the product of
// what comes before i, dx[i] = e[i]·(d[i] + x[i+1]·(d[i+1] + x[i+2]·(…))), where
// the bracket is a linear scan from the other end. An exclusive product is the
// inclusive one a step further on, so its d moves a step back.
func cumProdVJP(g *Grad) *Tensor {
	a, x, d := g.Attr.(ScanAttr), g.In(0), g.D(0)
	before := a
	before.Exclusive = true
	if a.Exclusive {
		d = d.shifted(a.Dim, a.Reverse)
	}
	back := ScanAttr{Dim: a.Dim, Reverse: !a.Reverse}
	rest := apply1(linearScanDef, back, noConst, x.shifted(a.Dim, a.Reverse), d)
	return x.scan(cumProdDef, before).Mul(rest)
}

// linearScanVJP: db is the linear scan of d from the other end with a[i+1], and
// da[i] = db[i]·y[i−1].
func linearScanVJP(g *Grad) []*Tensor {
	at := g.Attr.(ScanAttr)
	back := ScanAttr{Dim: at.Dim, Reverse: !at.Reverse}
	db := apply1(linearScanDef, back, noConst, g.In(0).shifted(at.Dim, at.Reverse), g.D(0))
	out := []*Tensor{nil, db}
	if g.Need(0) {
		out[0] = db.Mul(g.Out(0).shifted(at.Dim, !at.Reverse))
	}
	return out
}

// shifted moves the elements along dim one place towards the start, or towards
// the end, with a zero where nothing comes after.
func (x *Tensor) shifted(dim int, toEnd bool) *Tensor {
	n := x.view.Shape[dim]
	if n == 0 {
		return x
	}
	s := x.view.Spec
	s.Shape[dim] = 1
	zero := zerosIn(x, s)
	if toEnd {
		return Concat(dim, zero, x.Narrow(dim, 0, n-1))
	}
	return Concat(dim, x.Narrow(dim, 1, n-1), zero)
}

func (x *Tensor) scan(d *Def, a ScanAttr) *Tensor { return apply1(d, a, noConst, x) }

// CumSum is the running sum along dim: y[i] = x[0] + … + x[i]; integers wrap.
// Its gradient is the running sum from the other end. dtypes: f32, f64, i32, i64.
func (x *Tensor) CumSum(dim int) *Tensor {
	return x.scan(cumSumDef, ScanAttr{Dim: x.dim("cumsum", dim)})
}

// CumProd is the running product along dim: y[i] = x[0]·…·x[i]; integers wrap.
// The gradient is right where elements are 0. dtypes: f32, f64, i32, i64.
func (x *Tensor) CumProd(dim int) *Tensor {
	return x.scan(cumProdDef, ScanAttr{Dim: x.dim("cumprod", dim)})
}

// CumSumWith is CumSum from the end, or without each element itself; see ScanAttr.
func (x *Tensor) CumSumWith(a ScanAttr) *Tensor {
	a.Dim = x.dim("cumsum", a.Dim)
	return x.scan(cumSumDef, a)
}

// CumProdWith is CumProd from the end, or without each element itself; see ScanAttr.
func (x *Tensor) CumProdWith(a ScanAttr) *Tensor {
	a.Dim = x.dim("cumprod", a.Dim)
	return x.scan(cumProdDef, a)
}

// LinearScan solves the linear recurrence y[i] = a[i]·y[i−1] + b[i] along dim,
// with y[−1] = 0; reverse runs it from the last element to the first. a and b
// have one shape. Products of the coefficients are formed on the way, so they
// must stay finite. dtypes: f32, f64.
func LinearScan(a, b *Tensor, dim int, reverse bool) *Tensor {
	return apply1(linearScanDef, ScanAttr{Dim: a.dim("linear_scan", dim), Reverse: reverse}, noConst, a, b)
}

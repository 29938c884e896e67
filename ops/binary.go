package ops

import "fmt"

// BinaryAttr says whether a constant stands in for one operand of a binary op.
type BinaryAttr struct {
	Scalar ScalarSide
}

// ScalarSide is the operand that Const[0] replaces.
type ScalarSide uint8

// The sides.
const (
	NoScalar    ScalarSide = iota // two tensors
	ScalarRight                   // x op c
	ScalarLeft                    // c op x
)

// Binary ops: z = f(x, y) with NumPy broadcasting, both of one dtype, or one
// tensor and a constant. Arithmetic on f32, f64, i32, i64 (div and pow: f32,
// f64). maximum and minimum give NaN when either operand is NaN.
var addDef, subDef, mulDef, divDef, powDef, maximumDef, minimumDef *Def

func init() {
	addDef = arith("add", "z = x + y", true, 0, 0, func(g *Grad, x, y int) (a, b *Tensor) { return g.D(0), g.D(0) })
	subDef = arith("sub", "z = x − y", true, 0, 0, func(g *Grad, x, y int) (a, b *Tensor) {
		if g.operand(y) {
			b = g.D(0).Neg()
		}
		return g.D(0), b
	})
	mulDef = arith("mul", "z = x·y", true, 3, 0, mulVJP)
	divDef = arith("div", "z = x/y", false, 3, 0, divVJP)
	powDef = arith("pow", "z = xʸ", false, 3, 1, powVJP)
	maximumDef = arith("maximum", "z = max(x, y)", true, 3, 0, func(g *Grad, x, y int) (a, b *Tensor) { return extremeVJP(g, x, y, gtDef) })
	minimumDef = arith("minimum", "z = min(x, y)", true, 3, 0, func(g *Grad, x, y int) (a, b *Tensor) { return extremeVJP(g, x, y, ltDef) })
}

// Comparisons: a bool tensor, with the same broadcasting and dtypes, and u8 and
// bool. NaN equals nothing. No gradient.
var eqDef, neDef, ltDef, leDef, gtDef, geDef *Def

func init() {
	eqDef = compare("eq", "z = x = y")
	neDef = compare("ne", "z = x ≠ y")
	ltDef = compare("lt", "z = x < y")
	leDef = compare("le", "z = x ≤ y")
	gtDef = compare("gt", "z = x > y")
	geDef = compare("ge", "z = x ≥ y")
}

// arith registers a differentiable op. vjp gets the input numbers of x and y,
// −1 where a constant stands, and returns their gradients before summing over
// broadcast dimensions.
func arith(op Op, doc string, ints bool, saveIn, saveOut uint64, vjp func(g *Grad, x, y int) (dx, dy *Tensor)) *Def {
	return Register(Def{
		Op: op, Kind: Elementwise, Stem: "binary", Doc: doc, AnyView: true,
		Saves: func(attr any) (in, out uint64) {
			// x·c and x/c need neither operand,
			// nor do remainders, whose slope in x is 1.
			if attr.(BinaryAttr).Scalar == ScalarRight && (op == "mul" || op == "div" || op == "remainder" || op == "fmod") {
				return 0, 0
			}
			return saveIn, saveOut
		},
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			s, err := inferBinary(in, attr)
			if err != nil {
				return nil, err
			}
			if err := wantArithmetic(s.DType, ints); err != nil {
				return nil, err
			}
			return append(out, s), nil
		},
		VJP: func(g *Grad) []*Tensor {
			x, y := 0, 1
			switch g.Attr.(BinaryAttr).Scalar {
			case ScalarRight:
				y = -1
			case ScalarLeft:
				x, y = -1, 0
			}
			dx, dy := vjp(g, x, y)
			switch {
			case y < 0:
				return []*Tensor{dx}
			case x < 0:
				return []*Tensor{dy}
			}
			return []*Tensor{g.SumTo(dx, 0), g.SumTo(dy, 1)}
		},
	})
}

func compare(op Op, doc string) *Def {
	return Register(Def{
		Op: op, Kind: Elementwise, Stem: "binary", Doc: doc, AnyView: true,
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			s, err := inferBinary(in, attr)
			if err != nil {
				return nil, err
			}
			if err := wantComparable(s.DType); err != nil {
				return nil, err
			}
			return append(out, s.As(Bool)), nil
		},
	})
}

// wantComparable accepts what wantArithmetic does, and u8 and bool.
func wantComparable(d DType) error {
	if d == U8 || d == Bool {
		return nil
	}
	return wantArithmetic(d, true)
}

func inferBinary(in []Spec, attr any) (Spec, error) {
	a, ok := attr.(BinaryAttr)
	if !ok {
		return Spec{}, fmt.Errorf("wanted a BinaryAttr, got %T", attr)
	}
	if a.Scalar > ScalarLeft {
		return Spec{}, fmt.Errorf("wanted a ScalarSide, got %d", a.Scalar)
	}
	if a.Scalar != NoScalar {
		if err := wantInputs(in, 1); err != nil {
			return Spec{}, err
		}
		return in[0], nil
	}
	if err := wantInputs(in, 2); err != nil {
		return Spec{}, err
	}
	if err := wantSameDType(in); err != nil {
		return Spec{}, err
	}
	return BroadcastSpecs(in[0], in[1])
}

// BroadcastSpecs is NumPy's rule: shapes are aligned at their ends, and a
// dimension of 1 stretches. The dtype is a's.
func BroadcastSpecs(a, b Spec) (Spec, error) {
	out := a
	if b.Rank > a.Rank {
		out = b.As(a.DType)
	}
	for i := 1; i <= min(a.Rank, b.Rank); i++ {
		x, y := a.Shape[a.Rank-i], b.Shape[b.Rank-i]
		switch {
		case x == y || y == 1:
			out.Shape[out.Rank-i] = x
		case x == 1:
			out.Shape[out.Rank-i] = y
		default:
			return Spec{}, shapeError("shapes that broadcast", a, b)
		}
	}
	return out, nil
}

func shapeError(want string, got ...Spec) error {
	s := ""
	for i, g := range got {
		if i > 0 {
			s += " and "
		}
		s += shapeString(g.Shape[:g.Rank])
	}
	return fmt.Errorf("wanted %s, got %s", want, s)
}

func mulVJP(g *Grad, x, y int) (dx, dy *Tensor) {
	if y < 0 || x < 0 {
		d := g.D(0).MulScalar(g.Const[0])
		return d, d
	}
	if g.operand(x) {
		dx = g.D(0).Mul(g.In(y))
	}
	if g.operand(y) {
		dy = g.D(0).Mul(g.In(x))
	}
	return dx, dy
}

func divVJP(g *Grad, x, y int) (dx, dy *Tensor) {
	switch {
	case y < 0: // x/c
		return g.D(0).DivScalar(g.Const[0]), nil
	case x < 0: // c/y
		return nil, g.D(0).Mul(g.In(y).Square().Reciprocal()).MulScalar(-g.Const[0])
	}
	if g.operand(x) {
		dx = g.D(0).Div(g.In(y))
	}
	if g.operand(y) {
		dy = g.D(0).Mul(g.In(x)).Div(g.In(y).Square()).Neg()
	}
	return dx, dy
}

// powVJP: dx = dz·y·x^(y−1), dy = dz·z·ln x, and 0 for dy where x = 0 ≤ y
// (the limit, as torch has it).
func powVJP(g *Grad, x, y int) (dx, dy *Tensor) {
	if y < 0 {
		c := g.Const[0]
		if c == 0 {
			return g.D(0).MulScalar(0), nil
		}
		return g.D(0).Mul(g.In(x).PowScalar(c - 1)).MulScalar(c), nil
	}
	if g.operand(x) {
		p := g.In(y)
		slope := g.In(x).Pow(p.SubScalar(1)).Mul(p)
		dx = g.D(0).Mul(Where(p.EqScalar(0), zerosLike(slope), slope))
	}
	if x < 0 {
		if g.Const[0] == 0 {
			return nil, g.D(0).MulScalar(0)
		}
		return nil, g.D(0).Mul(g.Out(0)).Mul(logScalar(g.In(y), g.Const[0]))
	}
	if g.operand(y) {
		slope := g.Out(0).Mul(g.In(x).Log())
		dy = g.D(0).Mul(Where(g.In(x).EqScalar(0), zerosLike(slope), slope))
	}
	return dx, dy
}

// logScalar is ln c as a tensor like y.
func logScalar(y *Tensor, c float64) *Tensor {
	return zerosLike(y).AddScalar(c).Log()
}

// extremeVJP gives the gradient to the operand that was taken; ties share it
// in halves, as torch has it.
func extremeVJP(g *Grad, x, y int, taken *Def) (dx, dy *Tensor) {
	pick := func(first, second int) *Tensor { // 1 where first is taken, ½ on ties
		var win, tie *Tensor
		switch {
		case second >= 0 && first >= 0:
			win = apply1(taken, BinaryAttr{}, noConst, g.In(first), g.In(second))
			tie = g.In(first).Eq(g.In(second))
		default:
			win = apply1(taken, BinaryAttr{Scalar: ScalarRight}, g.Const, g.In(first))
			tie = g.In(first).EqScalar(g.Const[0])
		}
		dt := g.D(0).DType()
		return g.D(0).Mul(win.Cast(dt).Add(tie.Cast(dt).MulScalar(0.5)))
	}
	if x >= 0 && g.operand(x) {
		dx = pick(x, y)
	}
	if y >= 0 && g.operand(y) {
		dy = pick(y, x)
	}
	return dx, dy
}

func binop(d *Def, x, y *Tensor) *Tensor { return apply1(d, BinaryAttr{}, noConst, x, y) }
func binopRight(d *Def, x *Tensor, c float64) *Tensor {
	return apply1(d, BinaryAttr{Scalar: ScalarRight}, [2]float64{c}, x)
}
func binopLeft(d *Def, c float64, x *Tensor) *Tensor {
	return apply1(d, BinaryAttr{Scalar: ScalarLeft}, [2]float64{c}, x)
}

// Add is x + y with broadcasting; x and y have one dtype: f32, f64, i32, i64.
func (x *Tensor) Add(y *Tensor) *Tensor { return binop(addDef, x, y) }

// Sub is x − y with broadcasting. dtypes as Add.
func (x *Tensor) Sub(y *Tensor) *Tensor { return binop(subDef, x, y) }

// Mul is x·y, element by element, with broadcasting. dtypes as Add.
func (x *Tensor) Mul(y *Tensor) *Tensor { return binop(mulDef, x, y) }

// Div is x/y with broadcasting. dtypes: f32, f64.
func (x *Tensor) Div(y *Tensor) *Tensor { return binop(divDef, x, y) }

// Pow is x to the power of y with broadcasting; special cases as C's pow.
// dtypes: f32, f64.
func (x *Tensor) Pow(y *Tensor) *Tensor { return binop(powDef, x, y) }

// Maximum is the larger of x and y with broadcasting; NaN wins. dtypes as Add.
func (x *Tensor) Maximum(y *Tensor) *Tensor { return binop(maximumDef, x, y) }

// Minimum is the smaller of x and y with broadcasting; NaN wins. dtypes as Add.
func (x *Tensor) Minimum(y *Tensor) *Tensor { return binop(minimumDef, x, y) }

// Eq, Ne, Lt, Le, Gt and Ge compare with broadcasting and give bool tensors.
func (x *Tensor) Eq(y *Tensor) *Tensor { return binop(eqDef, x, y) }

// Ne is x ≠ y; see Eq.
func (x *Tensor) Ne(y *Tensor) *Tensor { return binop(neDef, x, y) }

// Lt is x < y; see Eq.
func (x *Tensor) Lt(y *Tensor) *Tensor { return binop(ltDef, x, y) }

// Le is x ≤ y; see Eq.
func (x *Tensor) Le(y *Tensor) *Tensor { return binop(leDef, x, y) }

// Gt is x > y; see Eq.
func (x *Tensor) Gt(y *Tensor) *Tensor { return binop(gtDef, x, y) }

// Ge is x ≥ y; see Eq.
func (x *Tensor) Ge(y *Tensor) *Tensor { return binop(geDef, x, y) }

// The Scalar forms take a Go constant, which has the tensor's dtype. A
// constant is part of a captured program: what changes between runs is a
// one-element tensor.

// AddScalar is x + c.
func (x *Tensor) AddScalar(c float64) *Tensor { return binopRight(addDef, x, c) }

// SubScalar is x − c.
func (x *Tensor) SubScalar(c float64) *Tensor { return binopRight(subDef, x, c) }

// RSubScalar is c − x.
func (x *Tensor) RSubScalar(c float64) *Tensor { return binopLeft(subDef, c, x) }

// MulScalar is x·c.
func (x *Tensor) MulScalar(c float64) *Tensor { return binopRight(mulDef, x, c) }

// DivScalar is x/c.
func (x *Tensor) DivScalar(c float64) *Tensor { return binopRight(divDef, x, c) }

// RDivScalar is c/x.
func (x *Tensor) RDivScalar(c float64) *Tensor { return binopLeft(divDef, c, x) }

// PowScalar is x to the power of c.
func (x *Tensor) PowScalar(c float64) *Tensor { return binopRight(powDef, x, c) }

// RPowScalar is c to the power of x.
func (x *Tensor) RPowScalar(c float64) *Tensor { return binopLeft(powDef, c, x) }

// MaximumScalar is the larger of x and c.
func (x *Tensor) MaximumScalar(c float64) *Tensor { return binopRight(maximumDef, x, c) }

// MinimumScalar is the smaller of x and c.
func (x *Tensor) MinimumScalar(c float64) *Tensor { return binopRight(minimumDef, x, c) }

// EqScalar is x = c.
func (x *Tensor) EqScalar(c float64) *Tensor { return binopRight(eqDef, x, c) }

// NeScalar is x ≠ c.
func (x *Tensor) NeScalar(c float64) *Tensor { return binopRight(neDef, x, c) }

// LtScalar is x < c.
func (x *Tensor) LtScalar(c float64) *Tensor { return binopRight(ltDef, x, c) }

// LeScalar is x ≤ c.
func (x *Tensor) LeScalar(c float64) *Tensor { return binopRight(leDef, x, c) }

// GtScalar is x > c.
func (x *Tensor) GtScalar(c float64) *Tensor { return binopRight(gtDef, x, c) }

// GeScalar is x ≥ c.
func (x *Tensor) GeScalar(c float64) *Tensor { return binopRight(geDef, x, c) }

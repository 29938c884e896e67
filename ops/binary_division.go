package ops

// Divisions with a remainder, and the angle of a point: binary ops as add,
// with broadcasting and constants.
var remainderDef, fmodDef, floorDivideDef, atan2Def *Def

func init() {
	remainderDef = arith("remainder", "z = x − y·⌊x/y⌋", true, 3, 0, func(g *Grad, x, y int) (dx, dy *Tensor) {
		return remainderVJP(g, x, y, floorDivideDef)
	})
	fmodDef = arith("fmod", "z = x − y·trunc(x/y)", true, 3, 0, func(g *Grad, x, y int) (dx, dy *Tensor) {
		return remainderVJP(g, x, y, divDef)
	})
	floorDivideDef = arith("floor_divide", "z = ⌊x/y⌋", true, 0, 0, func(g *Grad, x, y int) (dx, dy *Tensor) {
		return zerosLike(g.D(0)), zerosLike(g.D(0))
	})
	atan2Def = arith("atan2", "z = the angle of the point (y, x)", false, 3, 0, atan2VJP)
}

// remainderVJP: dx = dz, dy = −dz·q, where q is the whole quotient: what divide
// gives, without its fraction.
func remainderVJP(g *Grad, x, y int, divide *Def) (dx, dy *Tensor) {
	if g.operand(y) {
		var q *Tensor
		if x < 0 {
			q = binopLeft(divide, g.Const[0], g.In(y))
		} else {
			q = binop(divide, g.In(x), g.In(y))
		}
		dy = g.D(0).Mul(q.Trunc()).Neg()
	}
	return g.D(0), dy
}

// atan2VJP: with r² = x² + y², dx = dz·y/r² and dy = −dz·x/r²; x is the first
// operand.
func atan2VJP(g *Grad, x, y int) (dx, dy *Tensor) {
	switch {
	case y < 0:
		c := g.Const[0]
		return g.D(0).Div(g.In(x).Square().AddScalar(c * c)).MulScalar(c), nil
	case x < 0:
		c := g.Const[0]
		return nil, g.D(0).Div(g.In(y).Square().AddScalar(c * c)).MulScalar(-c)
	}
	d := g.D(0).Div(g.In(x).Square().Add(g.In(y).Square()))
	if g.operand(x) {
		dx = d.Mul(g.In(y))
	}
	if g.operand(y) {
		dy = d.Mul(g.In(x)).Neg()
	}
	return dx, dy
}

// Remainder is x − y·⌊x/y⌋ with broadcasting: it has y's sign. By 0 it is NaN,
// and 0 for integers; under an infinite y of the other sign it is y. dtypes as
// Add. Gradients: dx = dz, dy = −dz·⌊x/y⌋.
func (x *Tensor) Remainder(y *Tensor) *Tensor { return binop(remainderDef, x, y) }

// RemainderScalar is Remainder by a constant.
func (x *Tensor) RemainderScalar(c float64) *Tensor { return binopRight(remainderDef, x, c) }

// Fmod is x − y·trunc(x/y) with broadcasting, exactly, as C's fmod: it has x's
// sign. By 0 it is NaN, and 0 for integers. dtypes as Add. Gradients: dx = dz,
// dy = −dz·trunc(x/y).
func (x *Tensor) Fmod(y *Tensor) *Tensor { return binop(fmodDef, x, y) }

// FmodScalar is Fmod by a constant.
func (x *Tensor) FmodScalar(c float64) *Tensor { return binopRight(fmodDef, x, c) }

// FloorDivide is ⌊x/y⌋ with broadcasting, so that x = y·FloorDivide + Remainder.
// By 0 it is x/0, and 0 for integers. dtypes as Add. The gradients are 0.
func (x *Tensor) FloorDivide(y *Tensor) *Tensor { return binop(floorDivideDef, x, y) }

// FloorDivideScalar is FloorDivide by a constant.
func (x *Tensor) FloorDivideScalar(c float64) *Tensor { return binopRight(floorDivideDef, x, c) }

// Atan2 is the angle in radians, in [−π, π], between the positive first axis
// and the point (y, x), with broadcasting; x is its second coordinate, as in
// C's atan2(x, y), whose special cases it has. dtypes: f32, f64. The gradient
// at the origin is NaN.
func (x *Tensor) Atan2(y *Tensor) *Tensor { return binop(atan2Def, x, y) }

// Atan is the inverse tangent of x, in [−π/2, π/2]: Atan2 with the constant 1.
// dtypes: f32, f64.
func (x *Tensor) Atan() *Tensor { return binopRight(atan2Def, x, 1) }

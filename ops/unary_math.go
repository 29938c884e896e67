package ops

// Elementary functions and roundings of the unary family. What is a step
// function has gradient 0.
var expm1Def, log1pDef, sinDef, cosDef, erfDef, signDef, floorDef, ceilDef, roundDef, truncDef *Def

func init() {
	expm1Def = unary("expm1", "y = eˣ − 1", false, 0, 1, func(g *Grad) *Tensor { return g.D(0).Mul(g.Out(0).AddScalar(1)) })
	log1pDef = unary("log1p", "y = ln(1+x)", false, 1, 0, func(g *Grad) *Tensor { return g.D(0).Div(g.In(0).AddScalar(1)) })
	sinDef = unary("sin", "y = sin x", false, 1, 0, func(g *Grad) *Tensor { return g.D(0).Mul(g.In(0).Cos()) })
	cosDef = unary("cos", "y = cos x", false, 1, 0, func(g *Grad) *Tensor { return g.D(0).Mul(g.In(0).Sin()).Neg() })
	erfDef = unary("erf", "y = 2/√π·∫₀ˣ e^(−t²) dt", false, 1, 0, erfVJP)
	signDef = unaryOf("sign", "y = 1 where x > 0, −1 where x < 0, else 0", wantNumber, 0, 0, flat)
	floorDef = unary("floor", "y = ⌊x⌋", false, 0, 0, flat)
	ceilDef = unary("ceil", "y = ⌈x⌉", false, 0, 0, flat)
	roundDef = unary("round", "y = the whole number nearest to x, ties to even", false, 0, 0, flat)
	truncDef = unary("trunc", "y = x without its fraction", false, 0, 0, flat)
}

// flat is the gradient of a step function.
func flat(g *Grad) *Tensor { return zerosLike(g.D(0)) }

func erfVJP(g *Grad) *Tensor {
	const twoOverSqrtPi = 1.1283791670955126
	return g.D(0).Mul(g.In(0).Square().Neg().Exp()).MulScalar(twoOverSqrtPi)
}

// Expm1 is eˣ − 1, accurate near 0. dtypes: f32, f64.
func (x *Tensor) Expm1() *Tensor { return apply1(expm1Def, nil, noConst, x) }

// Log1p is ln(1+x), accurate near 0: −inf at −1, NaN below. dtypes: f32, f64.
func (x *Tensor) Log1p() *Tensor { return apply1(log1pDef, nil, noConst, x) }

// Sin is the sine of x in radians, for any finite x. dtypes: f32, f64.
func (x *Tensor) Sin() *Tensor { return apply1(sinDef, nil, noConst, x) }

// Cos is the cosine of x in radians, for any finite x. dtypes: f32, f64.
func (x *Tensor) Cos() *Tensor { return apply1(cosDef, nil, noConst, x) }

// Erf is the error function 2/√π·∫₀ˣ e^(−t²) dt. dtypes: f32, f64.
func (x *Tensor) Erf() *Tensor { return apply1(erfDef, nil, noConst, x) }

// Sign is 1 where x > 0, −1 where x < 0 and 0 elsewhere, NaN included; its
// gradient is 0. dtypes: f32, f64, i32, i64, u8.
func (x *Tensor) Sign() *Tensor { return apply1(signDef, nil, noConst, x) }

// Floor is the largest whole number that is not above x; its gradient is 0, as
// that of Ceil, Round and Trunc. dtypes: f32, f64.
func (x *Tensor) Floor() *Tensor { return apply1(floorDef, nil, noConst, x) }

// Ceil is the smallest whole number that is not below x; see Floor.
func (x *Tensor) Ceil() *Tensor { return apply1(ceilDef, nil, noConst, x) }

// Round is the whole number nearest to x, the even one of two; see Floor.
func (x *Tensor) Round() *Tensor { return apply1(roundDef, nil, noConst, x) }

// Trunc is x without its fraction; see Floor.
func (x *Tensor) Trunc() *Tensor { return apply1(truncDef, nil, noConst, x) }

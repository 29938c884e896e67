package ops

import "fmt"

// Unary ops: y[i] = f(x[i]), any strides, same dtype. f32 and f64; neg, abs
// and square also i32 and i64. The gradient is dx = dy·f′(x).
var negDef, absDef, expDef, logDef, sqrtDef, rsqrtDef, squareDef, reciprocalDef, tanhDef, sigmoidDef, reluDef, leakyReLUDef, geluDef, siluDef, softplusDef *Def

func init() {
	negDef = unary("neg", "y = −x", true, 0, 0, func(g *Grad) *Tensor { return g.D(0).Neg() })
	absDef = unary("abs", "y = |x|", true, 1, 0, absVJP)
	expDef = unary("exp", "y = eˣ", false, 0, 1, func(g *Grad) *Tensor { return g.D(0).Mul(g.Out(0)) })
	logDef = unary("log", "y = ln x", false, 1, 0, func(g *Grad) *Tensor { return g.D(0).Div(g.In(0)) })
	sqrtDef = unary("sqrt", "y = √x", false, 0, 1, func(g *Grad) *Tensor { return g.D(0).MulScalar(0.5).Div(g.Out(0)) })
	rsqrtDef = unary("rsqrt", "y = 1/√x", false, 0, 1, rsqrtVJP)
	squareDef = unary("square", "y = x²", true, 1, 0, func(g *Grad) *Tensor { return g.D(0).Mul(g.In(0)).MulScalar(2) })
	reciprocalDef = unary("reciprocal", "y = 1/x", false, 0, 1, func(g *Grad) *Tensor { return g.D(0).Mul(g.Out(0).Square()).Neg() })
	tanhDef = unary("tanh", "y = tanh x", false, 0, 1, func(g *Grad) *Tensor { return actGrad(tanhGradDef, g.D(0), g.Out(0), g.Const) })
	sigmoidDef = unary("sigmoid", "y = 1/(1+e⁻ˣ)", false, 0, 1, func(g *Grad) *Tensor { return actGrad(sigmoidGradDef, g.D(0), g.Out(0), g.Const) })
	reluDef = unary("relu", "y = max(x, 0)", false, 0, 1, func(g *Grad) *Tensor { return actGrad(reluGradDef, g.D(0), g.Out(0), g.Const) })
	leakyReLUDef = unary("leaky_relu", "y = x where x > 0, else c₀·x", false, 1, 0, func(g *Grad) *Tensor { return actGrad(leakyReLUGradDef, g.D(0), g.In(0), g.Const) })
	geluDef = unary("gelu", "y = x·Φ(x) = x/2·(1+erf(x/√2))", false, 1, 0, func(g *Grad) *Tensor { return actGrad(geluGradDef, g.D(0), g.In(0), g.Const) })
	siluDef = unary("silu", "y = x/(1+e⁻ˣ)", false, 1, 0, func(g *Grad) *Tensor { return actGrad(siluGradDef, g.D(0), g.In(0), g.Const) })
	softplusDef = unary("softplus", "y = ln(1+e^(c₀x))/c₀, x where c₀x > c₁", false, 1, 0, func(g *Grad) *Tensor { return actGrad(softplusGradDef, g.D(0), g.In(0), g.Const) })
}

func unary(op Op, doc string, ints bool, saveIn, saveOut uint64, vjp func(*Grad) *Tensor) *Def {
	return unaryOf(op, doc, func(d DType) error { return wantArithmetic(d, ints) }, saveIn, saveOut, vjp)
}

// unaryOf is unary with a rule for dtypes.
func unaryOf(op Op, doc string, rule func(DType) error, saveIn, saveOut uint64, vjp func(*Grad) *Tensor) *Def {
	return Register(Def{
		Op: op, Kind: Elementwise, Stem: "unary", Doc: doc, AnyView: true,
		SaveIn: saveIn, SaveOut: saveOut,
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			if err := rule(in[0].DType); err != nil {
				return nil, err
			}
			return append(out, in[0]), nil
		},
		VJP: func(g *Grad) []*Tensor { return []*Tensor{vjp(g)} },
	})
}

func absVJP(g *Grad) *Tensor {
	x := g.In(0)
	positive := x.GtScalar(0).Cast(x.DType())
	negative := x.LtScalar(0).Cast(x.DType())
	return g.D(0).Mul(positive.Sub(negative))
}

func rsqrtVJP(g *Grad) *Tensor { // −½·y³
	y := g.Out(0)
	return g.D(0).Mul(y.Square().Mul(y)).MulScalar(-0.5)
}

// Neg is −x. Shapes: any. dtypes: f32, f64, i32, i64.
func (x *Tensor) Neg() *Tensor { return apply1(negDef, nil, noConst, x) }

// Abs is |x|; its gradient at 0 is 0. dtypes: f32, f64, i32, i64.
func (x *Tensor) Abs() *Tensor { return apply1(absDef, nil, noConst, x) }

// Exp is e to the power of x. dtypes: f32, f64.
func (x *Tensor) Exp() *Tensor { return apply1(expDef, nil, noConst, x) }

// Log is the natural logarithm: −inf at 0, NaN below. dtypes: f32, f64.
func (x *Tensor) Log() *Tensor { return apply1(logDef, nil, noConst, x) }

// Sqrt is the square root, NaN below 0. dtypes: f32, f64.
func (x *Tensor) Sqrt() *Tensor { return apply1(sqrtDef, nil, noConst, x) }

// Rsqrt is 1/√x. dtypes: f32, f64.
func (x *Tensor) Rsqrt() *Tensor { return apply1(rsqrtDef, nil, noConst, x) }

// Square is x². dtypes: f32, f64, i32, i64.
func (x *Tensor) Square() *Tensor { return apply1(squareDef, nil, noConst, x) }

// Reciprocal is 1/x. dtypes: f32, f64.
func (x *Tensor) Reciprocal() *Tensor { return apply1(reciprocalDef, nil, noConst, x) }

// Tanh is the hyperbolic tangent. dtypes: f32, f64.
func (x *Tensor) Tanh() *Tensor { return apply1(tanhDef, nil, noConst, x) }

// Sigmoid is 1/(1+e⁻ˣ). dtypes: f32, f64.
func (x *Tensor) Sigmoid() *Tensor { return apply1(sigmoidDef, nil, noConst, x) }

// ReLU is max(x, 0); NaN stays NaN; the gradient at 0 is 0. dtypes: f32, f64.
func (x *Tensor) ReLU() *Tensor { return apply1(reluDef, nil, noConst, x) }

// LeakyReLU is x where x > 0 and slope·x elsewhere. dtypes: f32, f64.
func (x *Tensor) LeakyReLU(slope float64) *Tensor {
	return apply1(leakyReLUDef, nil, [2]float64{slope}, x)
}

// GELU is x·Φ(x) with the exact normal distribution function Φ (Hendrycks and
// Gimpel 2016). dtypes: f32, f64.
func (x *Tensor) GELU() *Tensor { return apply1(geluDef, nil, noConst, x) }

// SiLU is x·sigmoid(x). dtypes: f32, f64.
func (x *Tensor) SiLU() *Tensor { return apply1(siluDef, nil, noConst, x) }

// Softplus is ln(1+e^(beta·x))/beta, and x itself where beta·x > threshold;
// torch's defaults are 1 and 20. dtypes: f32, f64.
func (x *Tensor) Softplus(beta, threshold float64) *Tensor {
	if beta == 0 {
		fail("softplus", []*Tensor{x}, "wanted a beta other than 0")
	}
	return apply1(softplusDef, nil, [2]float64{beta, threshold}, x)
}

var noConst [2]float64

func wantInputs(in []Spec, n int) error {
	if len(in) != n {
		return fmt.Errorf("wanted %d inputs, got %d", n, len(in))
	}
	return nil
}

// wantArithmetic accepts f32 and f64, and i32 and i64 where ints is set.
func wantArithmetic(d DType, ints bool) error {
	switch {
	case d == F32 || d == F64:
		return nil
	case ints && (d == I32 || d == I64):
		return nil
	case ints:
		return fmt.Errorf("wanted f32, f64, i32 or i64, got %v; use Cast", d)
	}
	return fmt.Errorf("wanted f32 or f64, got %v; use Cast", d)
}

// wantNumber accepts f32, f64, i32, i64 and u8.
func wantNumber(d DType) error {
	if d == F32 || d == F64 || d.IsInt() {
		return nil
	}
	return fmt.Errorf("wanted f32, f64, i32, i64 or u8, got %v; use Cast", d)
}

func wantSameDType(in []Spec) error {
	for i := range in[1:] {
		if in[i+1].DType != in[0].DType {
			return fmt.Errorf("wanted one dtype, got %v and %v; use Cast", in[0].DType, in[i+1].DType)
		}
	}
	return nil
}

package ops

// Elementary functions that others give: they have no kernels of their own,
// and their gradients are those of their parts.
var exp2Def, log2Def, log10Def, tanDef, asinDef, acosDef *Def

func init() {
	const ln2, ln10 = 0.6931471805599453, 2.302585092994046
	exp2Def = composedUnary("exp2", "y = 2ˣ", func(x *Tensor) *Tensor { return x.RPowScalar(2) })
	log2Def = composedUnary("log2", "y = ln x/ln 2", func(x *Tensor) *Tensor { return x.Log().MulScalar(1 / ln2) })
	log10Def = composedUnary("log10", "y = ln x/ln 10", func(x *Tensor) *Tensor { return x.Log().MulScalar(1 / ln10) })
	tanDef = composedUnary("tan", "y = sin x/cos x", func(x *Tensor) *Tensor { return x.Sin().Div(x.Cos()) })
	asinDef = composedUnary("asin", "y = the angle of (x, √(1−x²))", func(x *Tensor) *Tensor { return x.Atan2(otherLeg(x)) })
	acosDef = composedUnary("acos", "y = the angle of (√(1−x²), x)", func(x *Tensor) *Tensor { return otherLeg(x).Atan2(x) })
}

// composedUnary registers y = f(x), made of other ops.
func composedUnary(op Op, doc string, f func(x *Tensor) *Tensor) *Def {
	return Register(Def{
		Op: op, Kind: Composed, Stem: "unary", Doc: doc, AnyView: true,
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			if err := wantArithmetic(in[0].DType, false); err != nil {
				return nil, err
			}
			return append(out, in[0]), nil
		},
		Compose: func(in []*Tensor, _ any, _ [2]float64) []*Tensor {
			return []*Tensor{Tidy(in[0], func() *Tensor { return f(in[0]) })}
		},
	})
}

// otherLeg is √(1−x²) as √((1−x)·(1+x)), which does not cancel near ±1.
func otherLeg(x *Tensor) *Tensor { return x.RSubScalar(1).Mul(x.AddScalar(1)).Sqrt() }

// Exp2 is 2 to the power of x. dtypes: f32, f64.
func (x *Tensor) Exp2() *Tensor { return apply1(exp2Def, nil, noConst, x) }

// Log2 is the logarithm to base 2, as Log's quotient by ln 2, so that powers of
// 2 may come out a rounding error beside a whole number. dtypes: f32, f64.
func (x *Tensor) Log2() *Tensor { return apply1(log2Def, nil, noConst, x) }

// Log10 is the logarithm to base 10; see Log2.
func (x *Tensor) Log10() *Tensor { return apply1(log10Def, nil, noConst, x) }

// Tan is the tangent of x in radians. dtypes: f32, f64.
func (x *Tensor) Tan() *Tensor { return apply1(tanDef, nil, noConst, x) }

// Asin is the inverse sine, in [−π/2, π/2], NaN beyond ±1. dtypes: f32, f64.
func (x *Tensor) Asin() *Tensor { return apply1(asinDef, nil, noConst, x) }

// Acos is the inverse cosine, in [0, π], NaN beyond ±1. dtypes: f32, f64.
func (x *Tensor) Acos() *Tensor { return apply1(acosDef, nil, noConst, x) }

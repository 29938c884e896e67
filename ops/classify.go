package ops

import "fmt"

// Classification of floats: y[i] says whether x[i] is such a value; a bool
// tensor of x's shape. f32, f64, f16, bf16, any strides. No gradient.
var isNaNDef, isInfDef, isFiniteDef *Def

func init() {
	isNaNDef = classify("isnan", "y = x is NaN")
	isInfDef = classify("isinf", "y = x is infinite")
	isFiniteDef = classify("isfinite", "y = x is neither NaN nor infinite")
}

func classify(op Op, doc string) *Def {
	return Register(Def{
		Op: op, Kind: Elementwise, Stem: "classify", Doc: doc, AnyView: true,
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			if !in[0].DType.IsFloat() {
				return nil, fmt.Errorf("wanted f32, f64, f16 or bf16, got %v, whose numbers are all finite", in[0].DType)
			}
			return append(out, in[0].As(Bool)), nil
		},
	})
}

// IsNaN is true where x is NaN. dtypes: f32, f64, f16, bf16; the result is bool.
func (x *Tensor) IsNaN() *Tensor { return apply1(isNaNDef, nil, noConst, x) }

// IsInf is true where x is +inf or −inf; see IsNaN.
func (x *Tensor) IsInf() *Tensor { return apply1(isInfDef, nil, noConst, x) }

// IsFinite is true where x is neither NaN nor infinite; see IsNaN.
func (x *Tensor) IsFinite() *Tensor { return apply1(isFiniteDef, nil, noConst, x) }

package ops

import "fmt"

// CastAttr is the dtype that cast converts to.
type CastAttr struct{ To DType }

var castDef *Def

func init() {
	castDef = Register(Def{
		Op: "cast", Kind: Elementwise, AnyView: true,
		Doc: "y = x in another dtype: floats to integers toward zero, saturating, NaN to 0; to bool: x ≠ 0",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			a, ok := attr.(CastAttr)
			if !ok || a.To == InvalidDType || a.To > Bool {
				return nil, fmt.Errorf("wanted a dtype to cast to, got %v", attr)
			}
			return append(out, in[0].As(a.To)), nil
		},
		VJP: func(g *Grad) []*Tensor {
			if !g.Spec(0).DType.IsFloat() || !g.Attr.(CastAttr).To.IsFloat() {
				return []*Tensor{nil}
			}
			return []*Tensor{g.D(0).Cast(g.Spec(0).DType)}
		},
	})
}

// Cast converts to another dtype; it is the only op that does. Floats become
// integers by rounding toward zero, values outside the range saturate and NaN
// becomes 0; integers become floats by rounding to nearest even; integers
// become narrower ones by wrapping; anything but 0 becomes true. Gradients
// pass between float dtypes and stop elsewhere. A tensor that has the dtype
// already is returned as it is.
func (x *Tensor) Cast(d DType) *Tensor {
	if x.view.DType == d {
		return x
	}
	return apply1(castDef, CastAttr{d}, noConst, x)
}

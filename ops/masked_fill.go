package ops

import "fmt"

var maskedFillDef *Def

func init() {
	maskedFillDef = Register(Def{
		Op: "masked_fill", Kind: Composed, Doc: "y = c₀ where mask holds, else x",
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			if err := wantInputs(in, 2); err != nil {
				return nil, err
			}
			if in[1].DType != Bool {
				return nil, fmt.Errorf("wanted a bool mask, got %v", in[1].DType)
			}
			s, err := BroadcastSpecs(in[0], in[1])
			if err != nil {
				return nil, shapeError("shapes that broadcast", in...)
			}
			return append(out, s.As(in[0].DType)), nil
		},
		Compose: func(in []*Tensor, _ any, c [2]float64) []*Tensor {
			v := applyIn(scopeOf("masked_fill", in...), fullDef, createAttr(NewSpec(in[0].view.DType)), c)
			return []*Tensor{Where(in[1], v, in[0])}
		},
	})
}

// MaskedFill is x with v where mask (bool) holds; x and mask broadcast. What
// was replaced gets gradient 0. dtypes of x: any; v is converted to it as Full
// does. It is Where with a single number: one kernel.
func (x *Tensor) MaskedFill(mask *Tensor, v float64) *Tensor {
	return apply1(maskedFillDef, nil, [2]float64{v}, x, mask)
}

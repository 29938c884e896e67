package ops

import "fmt"

// In-place ops write into their first input, which may be any view but one
// with repeated (expanded) elements. They are not recorded for gradients: the
// tensors that they read must not carry any (use Detach). A saved tensor that
// an in-place op changed makes Backward fail, naming both ops.
var copyDef, addInPlaceDef, lerpDef *Def

func init() {
	first := func(any, int) int { return 0 }
	copyDef = Register(Def{
		Op: "copy_", Kind: Update, Stem: "inplace", Doc: "x = y", AnyView: true, Alias: first,
		Infer: func(out, in []Spec, _ any) ([]Spec, error) { return inferInPlace(out, in, 2, 2, false) },
	})
	addInPlaceDef = Register(Def{
		Op: "add_", Kind: Update, Stem: "inplace", Doc: "x = x + c₀·y; with x alone x = x + c₀", AnyView: true, Alias: first,
		Infer: func(out, in []Spec, _ any) ([]Spec, error) { return inferInPlace(out, in, 1, 2, true) },
	})
	lerpDef = Register(Def{
		Op: "lerp_", Kind: Update, Stem: "inplace", AnyView: true, Alias: first,
		Doc: "x = x + w·(y − x), w = c₀ or a third input of one element",
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			if len(in) == 3 {
				if in[2].Len() != 1 || in[2].DType != in[0].DType {
					return nil, fmt.Errorf("wanted a weight of one %v element, got %v", in[0].DType, in[2])
				}
				in = in[:2]
			}
			if len(in) != 2 {
				return nil, fmt.Errorf("wanted 2 or 3 inputs, got %d", len(in))
			}
			if err := wantArithmetic(in[0].DType, false); err != nil {
				return nil, err
			}
			return inferInPlace(out, in, 2, 2, true)
		},
	})
}

func inferInPlace(out, in []Spec, least, most int, arithmetic bool) ([]Spec, error) {
	if len(in) < least || len(in) > most {
		return nil, fmt.Errorf("wanted %d to %d inputs, got %d", least, most, len(in))
	}
	if err := wantSameDType(in); err != nil {
		return nil, err
	}
	if arithmetic {
		if err := wantArithmetic(in[0].DType, true); err != nil {
			return nil, err
		}
	}
	if len(in) == 2 {
		s, err := BroadcastSpecs(in[0], in[1])
		if err != nil || s != in[0] {
			return nil, shapeError("a source that broadcasts to the destination", in[0], in[1])
		}
	}
	return append(out, in[0]), nil
}

// Copy_ writes y, which may broadcast, into x. dtypes: any, equal.
func (x *Tensor) Copy_(s *Scope, y *Tensor) { applyIn(s, copyDef, nil, noConst, x, y) }

// Add_ adds alpha·y, which may broadcast, to x. dtypes: f32, f64, i32, i64.
func (x *Tensor) Add_(s *Scope, alpha float64, y *Tensor) {
	applyIn(s, addInPlaceDef, nil, [2]float64{alpha}, x, y)
}

// AddScalar_ adds c to x. dtypes: f32, f64, i32, i64.
func (x *Tensor) AddScalar_(s *Scope, c float64) { applyIn(s, addInPlaceDef, nil, [2]float64{c}, x) }

// Lerp_ moves x toward y by the share w: x + w·(y − x). dtypes: f32, f64.
func (x *Tensor) Lerp_(s *Scope, w float64, y *Tensor) {
	applyIn(s, lerpDef, nil, [2]float64{w}, x, y)
}

// LerpTensor_ is Lerp_ with the share in a one-element tensor.
func (x *Tensor) LerpTensor_(s *Scope, w, y *Tensor) { applyIn(s, lerpDef, nil, noConst, x, y, w) }

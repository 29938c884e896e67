package ops

var dropoutDef *Def

func init() {
	dropoutDef = Register(Def{
		Op: "dropout", Kind: Random, Doc: "y = x/(1 − c₀) where u ≥ c₀, else 0", SaveIn: 2,
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			if err := wantInputs(in, 2); err != nil {
				return nil, err
			}
			if err := wantArithmetic(in[0].DType, false); err != nil {
				return nil, err
			}
			if err := wantState(in[1]); err != nil {
				return nil, err
			}
			return append(out, in[0]), nil
		},
		// The mask is drawn again from the same state.
		VJP: func(g *Grad) []*Tensor {
			return []*Tensor{apply1(dropoutDef, nil, g.Const, g.D(0), g.In(1)), nil}
		},
	})
}

// Dropout zeroes elements with probability p and scales the others by
// 1/(1−p), in Train scopes with a generator; in Infer scopes it returns x.
// Element i of the row-major order uses draw i. dtypes: f32, f64.
func (x *Tensor) Dropout(p float64) *Tensor {
	if !(p >= 0 && p <= 1) {
		fail("dropout", []*Tensor{x}, "wanted a probability in [0, 1], got %v", p)
	}
	s := scopeOf("dropout", x)
	if !s.Training() || p == 0 || x.view.Len() == 0 {
		return x
	}
	if p == 1 {
		return x.MulScalar(0)
	}
	return apply1(dropoutDef, nil, [2]float64{p}, x, reserve(s, "dropout", x.view.Len()))
}

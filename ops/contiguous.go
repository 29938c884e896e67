package ops

var contiguousDef *Def

func init() {
	contiguousDef = Register(Def{
		Op: "contiguous", Kind: Copy, Doc: "y = x, row-major, in memory of its own", AnyView: true,
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			return append(out, in[0]), nil
		},
		VJP: func(g *Grad) []*Tensor { return []*Tensor{g.D(0)} },
	})
}

// Contiguous returns x if its elements lie in row-major order, otherwise a
// copy that does. Shapes and dtypes: any.
func (x *Tensor) Contiguous() *Tensor {
	if x.view.Dense() {
		return x
	}
	return x.Clone()
}

// Clone copies x to memory of its own, row-major. The gradient passes.
func (x *Tensor) Clone() *Tensor { return apply1(contiguousDef, nil, noConst, x) }

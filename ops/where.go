package ops

import "fmt"

var whereDef *Def

func init() {
	whereDef = Register(Def{
		Op: "where", Kind: Elementwise, Doc: "z = x where cond, else y", AnyView: true, SaveIn: 1,
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			if err := wantInputs(in, 3); err != nil {
				return nil, err
			}
			if in[0].DType != Bool {
				return nil, fmt.Errorf("wanted a bool condition, got %v", in[0].DType)
			}
			if err := wantSameDType(in[1:]); err != nil {
				return nil, err
			}
			s, err := BroadcastSpecs(in[1], in[2])
			if err == nil {
				s, err = BroadcastSpecs(s, in[0])
			}
			if err != nil {
				return nil, shapeError("shapes that broadcast", in...)
			}
			return append(out, s), nil
		},
		VJP: func(g *Grad) []*Tensor {
			d, out := g.D(0), make([]*Tensor, 3)
			zero := zerosLike(d)
			if g.Need(1) {
				out[1] = g.SumTo(Where(g.In(0), d, zero), 1)
			}
			if g.Need(2) {
				out[2] = g.SumTo(Where(g.In(0), zero, d), 2)
			}
			return out
		},
	})
}

// Where takes x where cond holds and y elsewhere, with broadcasting of all
// three. cond is bool; x and y have one dtype, any. The operand that was not
// taken gets gradient 0.
func Where(cond, x, y *Tensor) *Tensor { return apply1(whereDef, nil, noConst, cond, x, y) }

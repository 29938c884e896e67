package ops

import "fmt"

// ConcatAttr is the dimension along which inputs are joined.
type ConcatAttr struct{ Dim int }

var concatDef *Def

func init() {
	concatDef = Register(Def{
		Op: "concat", Kind: Copy, AnyView: true, Doc: "y = x₀, x₁, … one after another along one dimension",
		Infer: inferConcat,
		VJP: func(g *Grad) []*Tensor {
			dim, at, out := g.Attr.(ConcatAttr).Dim, 0, make([]*Tensor, g.Inputs())
			for i := range out {
				n := g.Spec(i).Shape[dim]
				if g.Need(i) {
					out[i] = g.D(0).Narrow(dim, at, n)
				}
				at += n
			}
			return out
		},
	})
}

func inferConcat(out, in []Spec, attr any) ([]Spec, error) {
	a, ok := attr.(ConcatAttr)
	if !ok || len(in) == 0 || a.Dim < 0 || a.Dim >= in[0].Rank {
		return nil, fmt.Errorf("wanted inputs with a dimension to join, got %d inputs and %v", len(in), attr)
	}
	if err := wantSameDType(in); err != nil {
		return nil, err
	}
	s := in[0]
	for _, x := range in[1:] {
		y := x
		y.Shape[a.Dim] = in[0].Shape[a.Dim]
		if y != in[0] {
			return nil, shapeError(fmt.Sprintf("shapes that differ in dimension %d only", a.Dim), in[0], x)
		}
		if s.Shape[a.Dim] += x.Shape[a.Dim]; s.Shape[a.Dim] > maxLen {
			return nil, shapeError("fewer than 2⁵⁶ elements", in...)
		}
	}
	return append(out, s), nil
}

// Concat joins tensors of one dtype along dim; the other dimensions are equal.
func Concat(dim int, xs ...*Tensor) *Tensor {
	if len(xs) == 0 {
		fail("concat", nil, "wanted at least one tensor, got none")
	}
	a := ConcatAttr{xs[0].dim("concat", dim)}
	full := make([]*Tensor, 0, len(xs))
	specs := make([]Spec, len(xs))
	for i, x := range xs {
		specs[i] = x.view.Spec
		if x.view.Len() > 0 {
			full = append(full, x)
		}
	}
	if _, err := inferConcat(nil, specs, a); err != nil {
		failErr("concat", xs, err)
	}
	if len(full) == 0 {
		full = xs
	}
	return apply1(concatDef, a, noConst, full...)
}

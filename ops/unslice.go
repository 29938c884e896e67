package ops

import "fmt"

// UnsliceAttr is a slice and the shape it was taken from.
type UnsliceAttr struct {
	Slice SliceAttr
	Into  ShapeAttr
}

var unsliceDef *Def

func init() {
	unsliceDef = Register(Def{
		Op: "unslice", Kind: Copy, AnyView: true,
		Doc:   "y = x at the places that slice takes, 0 elsewhere: the gradient of slice",
		Infer: inferUnslice,
		VJP: func(g *Grad) []*Tensor {
			return []*Tensor{apply1(sliceDef, g.Attr.(UnsliceAttr).Slice, noConst, g.D(0))}
		},
		Empty: func(any) float64 { return 0 },
	})
}

func inferUnslice(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	a, ok := attr.(UnsliceAttr)
	if !ok {
		return nil, fmt.Errorf("wanted an UnsliceAttr, got %T", attr)
	}
	s, err := shapeAttr(in[0].DType, a.Into)
	if err != nil {
		return nil, err
	}
	if err := a.Slice.check(s); err != nil {
		return nil, err
	}
	if s.Rank != in[0].Rank || a.Slice.Len != in[0].Shape {
		return nil, shapeError("an input as long as the slice", in[0], s)
	}
	return append(out, s), nil
}

package ops

import "fmt"

// TriangleAttr is the diagonal to which a triangle reaches: 0 the main one,
// positive ones lie above it.
type TriangleAttr struct{ Diagonal int }

var trilDef, triuDef *Def

func init() {
	trilDef = Register(triangle("tril", "y[i, j] = x[i, j] where j − i ≤ diagonal, else 0", &trilDef))
	triuDef = Register(triangle("triu", "y[i, j] = x[i, j] where j − i ≥ diagonal, else 0", &triuDef))
}

func triangle(op Op, doc string, def **Def) Def {
	return Def{
		Op: op, Kind: Copy, Stem: "tril", Doc: doc,
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			if _, ok := attr.(TriangleAttr); !ok {
				return nil, fmt.Errorf("wanted a TriangleAttr, got %T", attr)
			}
			if in[0].Rank < 2 {
				return nil, shapeError("at least two dimensions", in[0])
			}
			return append(out, in[0]), nil
		},
		VJP: func(g *Grad) []*Tensor { return []*Tensor{apply1(*def, g.Attr, noConst, g.D(0))} },
	}
}

// Tril keeps the lower triangle of matrices [..., n, m]: the elements with
// column − row ≤ diagonal; the others are 0, and so is their gradient.
// dtypes: any.
func (x *Tensor) Tril(diagonal int) *Tensor {
	return apply1(trilDef, TriangleAttr{diagonal}, noConst, x)
}

// Triu keeps the upper triangle of matrices [..., n, m]: the elements with
// column − row ≥ diagonal; the others are 0, and so is their gradient.
// dtypes: any.
func (x *Tensor) Triu(diagonal int) *Tensor {
	return apply1(triuDef, TriangleAttr{diagonal}, noConst, x)
}

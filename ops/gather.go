package ops

import "fmt"

// IndexAttr is the dimension that an index counts along.
type IndexAttr struct{ Dim int }

var gatherDef *Def

func init() {
	gatherDef = Register(Def{
		Op: "gather", Kind: Index, Doc: "y[i, j, k] = x[i, idx[i, j, k], k] along dim", SaveIn: 2,
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 2); err != nil {
				return nil, err
			}
			if err := wantIndex(in[0], in[1], attr); err != nil {
				return nil, err
			}
			return append(out, in[1].As(in[0].DType)), nil
		},
		VJP: func(g *Grad) []*Tensor {
			s := g.Spec(0)
			zero := zerosIn(g.D(0), s)
			return []*Tensor{ScatterAdd(zero, g.Attr.(IndexAttr).Dim, g.In(1), g.D(0)), nil}
		},
	})
}

// wantIndex checks an index tensor against the tensor it points into.
func wantIndex(x, idx Spec, attr any) error {
	a, ok := attr.(IndexAttr)
	if !ok || a.Dim < 0 || a.Dim >= x.Rank {
		return fmt.Errorf("wanted a dimension below %d, got %v", x.Rank, attr)
	}
	if idx.DType != I64 {
		return fmt.Errorf("wanted i64 indices, got %v", idx.DType)
	}
	if idx.Rank != x.Rank {
		return shapeError("an index with as many dimensions", x, idx)
	}
	for i := 0; i < x.Rank; i++ {
		if i != a.Dim && idx.Shape[i] > x.Shape[i] {
			return shapeError(fmt.Sprintf("an index no longer than the tensor but in dimension %d", a.Dim), x, idx)
		}
	}
	return nil
}

// Gather takes y[i, j, k] = x[i, idx[i, j, k], k] for dim 1, and alike for
// others. idx is i64 with as many dimensions as x, and no longer than x but
// along dim. An index outside [0, size) is an *IndexError, reported at
// read-back or at the scope's end. x: any dtype.
func (x *Tensor) Gather(dim int, idx *Tensor) *Tensor {
	return apply1(gatherDef, IndexAttr{x.dim("gather", dim)}, noConst, x, idx)
}

package ops

import "fmt"

// RowsAttr is the dimension that an index [n] counts along. Padding, where it
// is not 0, is one more than the number of a row that gets no gradient:
// index_select reads it like any other, and index_add adds nothing to it.
type RowsAttr struct{ Dim, Padding int }

var indexSelectDef *Def

func init() {
	indexSelectDef = Register(Def{
		Op: "index_select", Kind: Index, SaveIn: 2,
		Doc: "y[…, j, …] = x[…, idx[j], …] along dim",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 2); err != nil {
				return nil, err
			}
			a, err := wantRows(in[0], in[1], attr)
			if err != nil {
				return nil, err
			}
			s := in[0]
			s.Shape[a.Dim] = in[1].Shape[0]
			return append(out, s), nil
		},
		VJP: func(g *Grad) []*Tensor {
			d := g.D(0)
			zero := zerosIn(d, g.Spec(0))
			if d.view.Len() == 0 {
				return []*Tensor{zero, nil}
			}
			return []*Tensor{apply1(indexAddDef, g.Attr, noConst, zero, g.In(1), d), nil}
		},
	})
}

// wantRows checks an index [n] against the tensor it points into.
func wantRows(x, idx Spec, attr any) (RowsAttr, error) {
	a, ok := attr.(RowsAttr)
	if !ok || a.Dim < 0 || a.Dim >= x.Rank {
		return a, fmt.Errorf("wanted a dimension below %d, got %v", x.Rank, attr)
	}
	if a.Padding < 0 || a.Padding > x.Shape[a.Dim] {
		return a, fmt.Errorf("wanted a padding row below %d, got %d", x.Shape[a.Dim], a.Padding-1)
	}
	if idx.DType != I64 || idx.Rank != 1 {
		return a, fmt.Errorf("wanted indices i64[n], got %v", idx)
	}
	return a, nil
}

// IndexSelect takes the slices of x along dim that idx (i64 [n]) names, in its
// order and as often as it names them: the dimension becomes n long. An index
// outside [0, size) is an *IndexError, reported at read-back or at the scope's
// end. dtypes: any; the gradient is IndexAdd into zeros, for float dtypes that
// it takes.
func (x *Tensor) IndexSelect(dim int, idx *Tensor) *Tensor {
	return apply1(indexSelectDef, RowsAttr{Dim: x.dim("index_select", dim)}, noConst, x, idx)
}

package ops

import "fmt"

// SortAttr is the dimension that is sorted, and whether the largest come first.
type SortAttr struct {
	Dim        int
	Descending bool
}

var sortDef *Def

func init() {
	sortDef = Register(Def{
		Op: "sort", Kind: Rows, SaveOut: 2,
		Doc:   "y[i, j, k] = x[i, idx[i, j, k], k] in order along dim, equal ones as they stood; NaN is the largest",
		Infer: inferSort,
		VJP: func(g *Grad) []*Tensor {
			return []*Tensor{scatterBack(g.D(0), g.Attr.(SortAttr).Dim, g.Out(1), g.Spec(0))}
		},
	})
}

func inferSort(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	a, ok := attr.(SortAttr)
	if !ok || a.Dim < 0 || a.Dim >= in[0].Rank {
		return nil, fmt.Errorf("wanted a dimension below %d, got %v", in[0].Rank, attr)
	}
	return append(out, in[0], in[0].As(I64)), nil
}

// scatterBack is zeros of s with dy added at idx along dim. Half types, which
// scatter_add lacks, go through f32; without repeated indices that is exact.
func scatterBack(dy *Tensor, dim int, idx *Tensor, s Spec) *Tensor {
	d := s.DType
	if d == F16 || d == BF16 {
		d = F32
	}
	dy = dy.Cast(d)
	return ScatterAdd(zerosIn(dy, s.As(d)), dim, idx, dy).Cast(s.DType)
}

// Sort puts x in order along dim, ascending or descending, and says where each
// element was: values like x, indices i64 of the same shape, with values =
// x.Gather(dim, indices). Equal elements stay in the order in which they stood
// (torch's stable=True), −0 equals +0, and NaN counts as the largest. The
// gradient goes to where the values came from. x: any dtype; at least one
// dimension.
func (x *Tensor) Sort(dim int, descending bool) (values, indices *Tensor) {
	out := applyN(scopeOf("sort", x), sortDef, SortAttr{x.dim("sort", dim), descending}, noConst, x)
	return out[0], out[1]
}

// ArgSort is the indices of Sort alone, i64. No gradient.
func (x *Tensor) ArgSort(dim int, descending bool) *Tensor {
	s := scopeOf("sort", x)
	out := applyN(s, sortDef, SortAttr{x.dim("sort", dim), descending}, noConst, x.Detach())
	out[0].Release()
	return out[1]
}

package ops

import "fmt"

// TopKAttr is how many elements are taken along which dimension, and whether
// the smallest ones are.
type TopKAttr struct {
	Dim, K   int
	Smallest bool
}

var topKDef *Def

func init() {
	topKDef = Register(Def{
		Op: "topk", Kind: Composed,
		Doc: "the first k of sort along dim: values and indices",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			a, ok := attr.(TopKAttr)
			if !ok || a.Dim < 0 || a.Dim >= in[0].Rank {
				return nil, fmt.Errorf("wanted a dimension below %d, got %v", in[0].Rank, attr)
			}
			if n := in[0].Shape[a.Dim]; a.K < 0 || a.K > n {
				return nil, fmt.Errorf("wanted k in [0, %d], got %d", n, a.K)
			}
			s := in[0]
			s.Shape[a.Dim] = a.K
			return append(out, s, s.As(I64)), nil
		},
		Compose: func(in []*Tensor, attr any, _ [2]float64) []*Tensor {
			a := attr.(TopKAttr)
			values, indices := in[0].Sort(a.Dim, !a.Smallest)
			return []*Tensor{values.Narrow(a.Dim, 0, a.K), indices.Narrow(a.Dim, 0, a.K)}
		},
	})
}

// TopK gives the k largest elements along dim, or the k smallest, in order, and
// their indices (i64); both have x's shape but for k along dim. Equal elements
// come as they stood, and NaN counts as the largest. It is made of Sort, whose
// order and gradient it has, and the results are views of the sorted tensors:
// Clone what lives long. x: any dtype; 0 ≤ k ≤ the size of dim.
func (x *Tensor) TopK(k, dim int, largest bool) (values, indices *Tensor) {
	out := applyN(scopeOf("topk", x), topKDef, TopKAttr{Dim: x.dim("topk", dim), K: k, Smallest: !largest}, noConst, x)
	return out[0], out[1]
}

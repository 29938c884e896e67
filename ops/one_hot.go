package ops

import "fmt"

// OneHotAttr is the number of classes and the result's dtype.
type OneHotAttr struct {
	Classes int
	DType   DType
}

var oneHotDef *Def

func init() {
	oneHotDef = Register(Def{
		Op: "one_hot", Kind: Index, Doc: "y[…, c] = 1 where c = idx[…], else 0",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			a, ok := attr.(OneHotAttr)
			if !ok || a.Classes < 1 || wantArithmetic(a.DType, true) != nil {
				return nil, fmt.Errorf("wanted at least one class and f32, f64, i32 or i64, got %v", attr)
			}
			if in[0].DType != I64 || in[0].Rank == MaxRank {
				return nil, fmt.Errorf("wanted i64 indices of at most %d dimensions, got %v", MaxRank-1, in[0])
			}
			s := in[0].As(a.DType)
			s.Shape[s.Rank] = a.Classes
			s.Rank++
			return append(out, s), nil
		},
	})
}

// OneHot turns i64 class numbers into rows of zeros with a one: shape
// [shape of idx…, classes], dtype d (f32, f64, i32, i64). A number outside
// [0, classes) is an *IndexError. No gradient.
func (idx *Tensor) OneHot(classes int, d DType) *Tensor {
	return apply1(oneHotDef, OneHotAttr{classes, d}, noConst, idx)
}

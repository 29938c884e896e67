package ops

import "fmt"

var writeAtDef *Def

func init() {
	writeAtDef = Register(Def{
		Op: "write_at", Kind: Update, Alias: func(any, int) int { return 0 },
		Doc: "x[…, idx[j], …] = src[…, j, …] along dim; the last of equal indices wins",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 3); err != nil {
				return nil, err
			}
			a, ok := attr.(IndexAttr)
			if !ok || a.Dim < 0 || a.Dim >= in[0].Rank {
				return nil, fmt.Errorf("wanted a dimension below %d, got %v", in[0].Rank, attr)
			}
			if in[1].DType != I64 || in[1].Rank != 1 {
				return nil, fmt.Errorf("wanted indices i64[n], got %v", in[1])
			}
			want := in[0]
			want.Shape[a.Dim] = in[1].Shape[0]
			if in[2] != want {
				return nil, fmt.Errorf("wanted a source %v, got %v", want, in[2])
			}
			return append(out, in[0]), nil
		},
	})
}

// WriteAt writes src into the rows of x that idx (i64 [n]) names along dim:
// the way a cache of fixed size grows. x is dense; src is as x with n along
// dim, dtypes any, equal. Where an index comes twice the later row wins; an
// index outside is an *IndexError. Not recorded for gradients.
func (x *Tensor) WriteAt(s *Scope, dim int, idx, src *Tensor) {
	if !x.view.Dense() {
		fail("write_at", []*Tensor{x, idx, src}, "wanted a dense destination, got strides %v", x.view.Strides[:x.view.Rank])
	}
	applyIn(s, writeAtDef, IndexAttr{x.dim("write_at", dim)}, noConst, x, idx, src)
}

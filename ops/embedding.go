package ops

import (
	"fmt"
	"math"
)

// EmbeddingAttr holds one more than the number of the padding row; 0: none.
type EmbeddingAttr struct{ Padding int }

// NoPadding as the padding of Embedding: every row gets a gradient.
const NoPadding = math.MinInt

var embeddingDef *Def

func init() {
	embeddingDef = Register(Def{
		Op: "embedding", Kind: Composed, Doc: "y[…, :] = w[ids[…], :]",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 2); err != nil {
				return nil, err
			}
			w, ids := in[0], in[1]
			if w.Rank != 2 {
				return nil, shapeError("weights [rows, width]", w)
			}
			if ids.DType != I64 || ids.Rank == MaxRank {
				return nil, fmt.Errorf("wanted i64 ids of at most %d dimensions, got %v", MaxRank-1, ids)
			}
			a, ok := attr.(EmbeddingAttr)
			if !ok || a.Padding < 0 || a.Padding > w.Shape[0] {
				return nil, fmt.Errorf("wanted a padding row below %d, got %v", w.Shape[0], attr)
			}
			s := ids.As(w.DType)
			s.Shape[s.Rank] = w.Shape[1]
			s.Rank++
			return append(out, s), nil
		},
		Compose: func(in []*Tensor, attr any, _ [2]float64) []*Tensor {
			w, ids := in[0], in[1]
			a := RowsAttr{Padding: attr.(EmbeddingAttr).Padding}
			y := applyIn(scopeOf("embedding", ids, w), indexSelectDef, a, noConst, w, ids.Reshape(ids.view.Len()))
			return []*Tensor{y.Reshape(append(ids.Shape(), w.view.Shape[1])...)}
		},
	})
}

// Embedding looks rows of w [rows, width] up: ids (i64, any shape) becomes
// [shape of ids…, width]. The row padding gets no gradient, so that it keeps
// what it was initialised with; a negative number counts from the end, and
// NoPadding means none. An id outside [0, rows) is an *IndexError of
// index_select, of which this is made. dtypes of w: any.
func Embedding(w, ids *Tensor, padding int) *Tensor {
	var a EmbeddingAttr
	if padding != NoPadding && w.view.Rank == 2 {
		rows := w.view.Shape[0]
		if padding < -rows || padding >= rows {
			fail("embedding", []*Tensor{w, ids}, "wanted a padding row in [%d, %d), got %d", -rows, rows, padding)
		}
		if padding < 0 {
			padding += rows
		}
		a.Padding = padding + 1
	}
	return apply1(embeddingDef, a, noConst, w, ids)
}

package ops

import "fmt"

// SegmentAttr is the number of segments.
type SegmentAttr struct{ Segments int }

var segmentSumDef *Def

func init() {
	segmentSumDef = Register(Def{
		Op: "segment_sum", Kind: Index, SaveIn: 2,
		Doc:   "y[s, k] = Σ src[j, k] over the j with ids[j] = s, in the order of j",
		Infer: inferSegmentSum,
		Empty: func(any) float64 { return 0 },
		VJP: func(g *Grad) []*Tensor {
			s, ids := g.Spec(0), g.In(1)
			if s.Rank > 1 {
				column := make([]int, s.Rank)
				for i := range column {
					column[i] = 1
				}
				column[0] = s.Shape[0]
				ids = ids.Reshape(column...).Expand(s.Dims()...)
			}
			return []*Tensor{g.D(0).Gather(0, ids), nil}
		},
	})
}

func inferSegmentSum(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 2); err != nil {
		return nil, err
	}
	a, ok := attr.(SegmentAttr)
	if !ok || a.Segments < 1 {
		return nil, fmt.Errorf("wanted at least one segment, got %v", attr)
	}
	if err := wantArithmetic(in[0].DType, true); err != nil {
		return nil, err
	}
	if in[0].Rank < 1 || in[1] != NewSpec(I64, in[0].Shape[0]) {
		return nil, shapeError("a source [n, …] and i64 ids [n]", in...)
	}
	s := in[0]
	s.Shape[0] = a.Segments
	s, err := checkedSpec(s)
	if err != nil {
		return nil, err
	}
	return append(out, s), nil
}

// SegmentSum adds the rows of src, [n, …], up by segment: row j goes to segment
// ids[j] of the result, [segments, …]. ids is i64 [n], in any order; one
// outside [0, segments) is an *IndexError. Each segment is summed in the order
// of the source, without atomics, so the result is deterministic; the ids are
// sorted first, so the time grows as n, not as n·segments. Segments without
// rows are 0. The gradient of src is the result's, gathered by ids. dtypes of
// src: f32, f64, i32, i64.
func SegmentSum(src, ids *Tensor, segments int) *Tensor {
	return apply1(segmentSumDef, SegmentAttr{segments}, noConst, src, ids)
}

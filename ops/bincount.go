package ops

import "fmt"

// BinsAttr is the number of bins.
type BinsAttr struct{ Bins int }

func wantBins(attr any) error {
	if a, ok := attr.(BinsAttr); !ok || a.Bins < 1 {
		return fmt.Errorf("wanted at least one bin, got %v", attr)
	}
	return nil
}

var binCountDef *Def

func init() {
	binCountDef = Register(Def{
		Op: "bincount", Kind: Composed,
		Doc: "y[b] = how many ids are b, or the sum of their weights",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if len(in) != 1 && len(in) != 2 {
				return nil, fmt.Errorf("wanted ids, and weights or none, got %d inputs", len(in))
			}
			if err := wantBins(attr); err != nil {
				return nil, err
			}
			if in[0].DType != I64 || in[0].Rank != 1 {
				return nil, shapeError("i64 ids [n]", in[0])
			}
			d := I64
			if len(in) == 2 {
				d = in[1].DType
				if err := wantArithmetic(d, true); err != nil {
					return nil, err
				}
				if in[1] != in[0].As(d) {
					return nil, shapeError("one weight for each id", in...)
				}
			}
			return append(out, NewSpec(d, attr.(BinsAttr).Bins)), nil
		},
		Compose: func(in []*Tensor, attr any, _ [2]float64) []*Tensor {
			ids, s := in[0], scopeOf("bincount", in...)
			weights := applyIn(s, fullDef, createAttr(ids.view.Spec), [2]float64{1})
			if len(in) == 2 {
				weights = in[1]
			}
			return []*Tensor{applyIn(s, segmentSumDef, SegmentAttr{attr.(BinsAttr).Bins}, noConst, weights, ids)}
		},
	})
}

// BinCount counts how often each of 0 … bins−1 is among ids (i64 [n]): i64
// [bins]. With weights ([n]; f32, f64, i32 or i64) it adds those up instead, in
// their dtype and in the order of the ids; nil: none. An id outside is an
// *IndexError (torch would lengthen the result, whose size here never depends
// on data). It is SegmentSum of the weights or of ones, with its gradient.
func BinCount(ids, weights *Tensor, bins int) *Tensor {
	in := []*Tensor{ids, weights}
	if weights == nil {
		in = in[:1]
	}
	return applyN(scopeOf("bincount", in...), binCountDef, BinsAttr{bins}, noConst, in...)[0]
}

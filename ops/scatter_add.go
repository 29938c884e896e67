package ops

import "fmt"

var scatterAddDef *Def

func init() {
	scatterAddDef = Register(Def{
		Op: "scatter_add", Kind: Index, SaveIn: 2,
		Doc:   "y = x, then y[i, idx[i, j, k], k] += src[i, j, k] along dim, in the order of j",
		Infer: inferScatterAdd,
		VJP: func(g *Grad) []*Tensor {
			out := []*Tensor{g.D(0), nil, nil}
			if g.Need(2) {
				out[2] = g.D(0).Gather(g.Attr.(IndexAttr).Dim, g.In(1))
			}
			return out
		},
	})
}

func inferScatterAdd(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 3); err != nil {
		return nil, err
	}
	if err := wantIndex(in[0], in[1], attr); err != nil {
		return nil, err
	}
	if in[2] != in[1].As(in[0].DType) {
		return nil, fmt.Errorf("wanted a source like the index, %v, got %v", in[1].As(in[0].DType), in[2])
	}
	if err := wantArithmetic(in[0].DType, true); err != nil {
		return nil, err
	}
	return append(out, in[0]), nil
}

// ScatterAdd is x with src added at idx along dim: the counterpart of Gather.
// idx (i64) and src have one shape. Places hit more than once add up in the
// order of the source, without atomics, so the result is deterministic.
// Indices outside are an *IndexError. dtypes: f32, f64, i32, i64.
func ScatterAdd(x *Tensor, dim int, idx, src *Tensor) *Tensor {
	d := x.dim("scatter_add", dim)
	if idx.view.Len() == 0 && src.view.Len() == 0 {
		return x.Clone()
	}
	return apply1(scatterAddDef, IndexAttr{d}, noConst, x, idx, src)
}

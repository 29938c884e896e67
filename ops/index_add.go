package ops

import "fmt"

var indexAddDef, indexCopyDef *Def

func init() {
	indexAddDef = Register(Def{
		Op: "index_add", Kind: Index, SaveIn: 2,
		Doc: "y = x, then y[…, idx[j], …] += src[…, j, …] along dim, in the order of j",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if len(in) > 0 {
				if err := wantArithmetic(in[0].DType, true); err != nil {
					return nil, err
				}
			}
			return inferIndexRows(out, in, attr)
		},
		VJP: func(g *Grad) []*Tensor {
			out := []*Tensor{g.D(0), nil, nil}
			if g.Need(2) {
				a := g.Attr.(RowsAttr)
				out[2] = g.D(0).IndexSelect(a.Dim, g.In(1))
				if a.Padding > 0 {
					skipped := g.In(1).EqScalar(float64(a.Padding - 1))
					out[2] = out[2].MaskedFill(alongDim(skipped, out[2].view.Rank, a.Dim), 0)
				}
			}
			return out
		},
	})
	indexCopyDef = Register(Def{
		Op: "index_copy", Kind: Index, Stem: "index_add", SaveIn: 2,
		Doc:   "y = x, then y[…, idx[j], …] = src[…, j, …] along dim; the last of equal indices wins",
		Infer: inferIndexRows, VJP: indexCopyVJP,
	})
}

func inferIndexRows(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 3); err != nil {
		return nil, err
	}
	a, err := wantRows(in[0], in[1], attr)
	if err != nil {
		return nil, err
	}
	want := in[0]
	want.Shape[a.Dim] = in[1].Shape[0]
	if in[2] != want {
		return nil, fmt.Errorf("wanted a source %v, got %v", want, in[2])
	}
	return append(out, in[0]), nil
}

// indexCopyVJP: rows of x that were replaced get 0, and so do rows of the
// source over which a later one was written.
func indexCopyVJP(g *Grad) []*Tensor {
	a, d, idx := g.Attr.(RowsAttr), g.D(0), g.In(1)
	out := make([]*Tensor, 3)
	if g.Need(0) {
		out[0] = apply1(indexCopyDef, a, noConst, d, idx, zerosIn(d, g.Spec(2)))
	}
	if g.Need(2) {
		s := scopeOf("index_copy", d)
		n := idx.view.Shape[0]
		row := Arange(s, I64, 0, 1, n)
		last := apply1(indexCopyDef, RowsAttr{}, noConst, Zeros(s, I64, d.view.Shape[a.Dim]), idx, row)
		lost := last.IndexSelect(0, idx).Ne(row)
		out[2] = d.IndexSelect(a.Dim, idx).MaskedFill(alongDim(lost, d.view.Rank, a.Dim), 0)
	}
	return out
}

// alongDim shows [n] as a tensor of a rank with n along dim, to broadcast.
func alongDim(x *Tensor, rank, dim int) *Tensor {
	shape := make([]int, rank)
	for i := range shape {
		shape[i] = 1
	}
	shape[dim] = x.view.Shape[0]
	return x.Reshape(shape...)
}

// IndexAdd is x with the slices of src added along dim at the places that idx
// (i64 [n]) names; src is as x with n along dim. Places named more than once
// add up in the order of the source, without atomics, so the result is
// deterministic. An index outside is an *IndexError. dtypes: f32, f64, i32,
// i64. Gradients flow to x and src.
func (x *Tensor) IndexAdd(dim int, idx, src *Tensor) *Tensor {
	return x.indexRows(indexAddDef, dim, idx, src)
}

// IndexCopy is x with the slices along dim that idx (i64 [n]) names replaced by
// those of src, which is as x with n along dim. Where an index comes twice the
// later row wins, and only it gets a gradient. An index outside is an
// *IndexError. dtypes: any.
func (x *Tensor) IndexCopy(dim int, idx, src *Tensor) *Tensor {
	return x.indexRows(indexCopyDef, dim, idx, src)
}

// IndexPut is IndexAdd along the first dimension where accumulate is set, and
// IndexCopy otherwise: torch's index_put with one index tensor [n].
func (x *Tensor) IndexPut(idx, src *Tensor, accumulate bool) *Tensor {
	if accumulate {
		return x.IndexAdd(0, idx, src)
	}
	return x.IndexCopy(0, idx, src)
}

func (x *Tensor) indexRows(def *Def, dim int, idx, src *Tensor) *Tensor {
	a := RowsAttr{Dim: x.dim(def.Op, dim)}
	if idx.view.Len() == 0 || x.view.Len() == 0 && src.view.Len() == 0 {
		if _, err := def.Infer(nil, []Spec{x.view.Spec, idx.view.Spec, src.view.Spec}, a); err != nil {
			failErr(def.Op, []*Tensor{x, idx, src}, err)
		}
		return x.Clone() // nothing to write
	}
	return apply1(def, a, noConst, x, idx, src)
}

package ops

import "fmt"

var stackDef *Def

func init() {
	stackDef = Register(Def{
		Op: "stack", Kind: Composed, Doc: "y[…, k, …] = xₖ with a new dimension for k",
		Infer: inferStack,
		Compose: func(in []*Tensor, attr any, _ [2]float64) []*Tensor {
			dim, xs := attr.(ConcatAttr).Dim, make([]*Tensor, len(in))
			for i, x := range in {
				xs[i] = x.Unsqueeze(dim)
			}
			return []*Tensor{Concat(dim, xs...)}
		},
	})
}

func inferStack(out, in []Spec, attr any) ([]Spec, error) {
	a, ok := attr.(ConcatAttr)
	if !ok || len(in) == 0 || a.Dim < 0 || a.Dim > in[0].Rank || in[0].Rank == MaxRank {
		return nil, fmt.Errorf("wanted inputs of fewer than %d dimensions and a place for one more, got %d inputs and %v", MaxRank, len(in), attr)
	}
	if err := wantSameDType(in); err != nil {
		return nil, err
	}
	for _, x := range in[1:] {
		if x != in[0] {
			return nil, shapeError("equal shapes", in[0], x)
		}
	}
	s := in[0]
	copy(s.Shape[a.Dim+1:], in[0].Shape[a.Dim:MaxRank-1])
	s.Shape[a.Dim] = len(in)
	s.Rank++
	return append(out, s), nil
}

// Stack joins tensors of one shape and dtype along a new dimension at dim,
// which may count from the end of the result. It is Concat of views.
func Stack(dim int, xs ...*Tensor) *Tensor {
	if len(xs) == 0 {
		fail("stack", nil, "wanted at least one tensor, got none")
	}
	r := xs[0].view.Rank
	if dim < -r-1 || dim > r {
		fail("stack", xs, "wanted a place in [%d, %d], got %d", -r-1, r, dim)
	}
	if dim < 0 {
		dim += r + 1
	}
	return apply1(stackDef, ConcatAttr{dim}, noConst, xs...)
}

// Split cuts x along dim into views of n elements; the last may be shorter.
// A dimension of 0 gives one empty view. Nothing is copied.
func (x *Tensor) Split(dim, n int) []*Tensor {
	i := x.dim("split", dim)
	if n < 1 {
		fail("split", []*Tensor{x}, "wanted parts of at least 1 element, got %d", n)
	}
	size := x.view.Shape[i]
	if size == 0 {
		return []*Tensor{x.Narrow(i, 0, 0)}
	}
	var out []*Tensor
	for at := 0; at < size; {
		part := min(n, size-at)
		out = append(out, x.Narrow(i, at, part))
		at += part
	}
	return out
}

// SplitSizes cuts x along dim into views of the sizes given, which add up to
// the dimension. Nothing is copied.
func (x *Tensor) SplitSizes(dim int, sizes ...int) []*Tensor {
	i := x.dim("split", dim)
	rest := x.view.Shape[i]
	for _, n := range sizes {
		if n < 0 || n > rest {
			fail("split", []*Tensor{x}, "wanted sizes that add up to %d, got %v", x.view.Shape[i], sizes)
		}
		rest -= n
	}
	if rest != 0 {
		fail("split", []*Tensor{x}, "wanted sizes that add up to %d, got %v", x.view.Shape[i], sizes)
	}
	at, out := 0, make([]*Tensor, len(sizes))
	for k, n := range sizes {
		out[k] = x.Narrow(i, at, n)
		at += n
	}
	return out
}

// Chunk cuts x along dim into at most n views of ⌈size/n⌉ elements, the last
// of which may be shorter; as in torch there are fewer than n where that many
// do not fill. Nothing is copied.
func (x *Tensor) Chunk(dim, n int) []*Tensor {
	i := x.dim("chunk", dim)
	if n < 1 {
		fail("chunk", []*Tensor{x}, "wanted at least 1 part, got %d", n)
	}
	size := x.view.Shape[i]
	part := size / n
	if size%n != 0 {
		part++
	}
	return x.Split(i, max(1, part))
}

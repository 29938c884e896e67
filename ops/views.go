package ops

import (
	"fmt"
	"slices"
)

// ShapeAttr is a target shape; entries from Rank on are zero.
type ShapeAttr struct {
	Rank  int
	Shape [MaxRank]int
}

// PermuteAttr is the input dimension for each output dimension.
type PermuteAttr struct{ Dims [MaxRank]int8 }

// SliceAttr is start, step and length of the elements taken in each dimension.
type SliceAttr struct {
	Start, Step, Len [MaxRank]int
}

// View ops change strides and offset and share the input's memory.
var reshapeDef, permuteDef, expandDef, sliceDef *Def

func init() {
	reshapeDef = Register(Def{
		Op: "reshape", Kind: ViewOp, Stem: "views", Doc: "the same elements in another shape",
		Infer: inferReshape, View: viewReshape,
		VJP: func(g *Grad) []*Tensor { return []*Tensor{g.D(0).Reshape(g.Spec(0).Dims()...)} },
	})
	permuteDef = Register(Def{
		Op: "permute", Kind: ViewOp, Stem: "views", Doc: "dimensions in another order",
		Infer: inferPermute, View: viewPermute,
		VJP: func(g *Grad) []*Tensor {
			inverse := make([]int, g.Spec(0).Rank)
			for i := range inverse {
				inverse[g.Attr.(PermuteAttr).Dims[i]] = i
			}
			return []*Tensor{g.D(0).Permute(inverse...)}
		},
	})
	expandDef = Register(Def{
		Op: "expand", Kind: ViewOp, Stem: "views", Doc: "dimensions of 1 repeated without a copy",
		Infer: inferExpand, View: viewExpand,
		VJP: func(g *Grad) []*Tensor { return []*Tensor{g.SumTo(g.D(0), 0)} },
	})
	sliceDef = Register(Def{
		Op: "slice", Kind: ViewOp, Stem: "views", Doc: "start, start+step, … in each dimension",
		Infer: inferSlice, View: viewSlice,
		VJP: func(g *Grad) []*Tensor {
			a, s := g.Attr.(SliceAttr), g.Spec(0)
			return []*Tensor{apply1(unsliceDef, UnsliceAttr{a, ShapeAttr{s.Rank, s.Shape}}, noConst, g.D(0))}
		},
	})
}

func inferReshape(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	s, err := shapeAttr(in[0].DType, attr)
	if err != nil {
		return nil, err
	}
	if s.Len() != in[0].Len() {
		return nil, shapeError(fmt.Sprintf("a shape of %d elements", in[0].Len()), s)
	}
	return append(out, s), nil
}

func shapeAttr(d DType, attr any) (Spec, error) {
	a, ok := attr.(ShapeAttr)
	if !ok || a.Rank < 0 || a.Rank > MaxRank {
		return Spec{}, fmt.Errorf("wanted a ShapeAttr, got %v", attr)
	}
	return checkedSpec(Spec{DType: d, Rank: a.Rank, Shape: a.Shape})
}

// maxLen is the largest number of elements: beyond any memory, and far from
// overflow.
const maxLen = 1 << 56

// checkedSpec refuses negative dimensions and products that overflow.
func checkedSpec(s Spec) (Spec, error) {
	n := 1
	for i, d := range s.Shape {
		switch {
		case i >= s.Rank && d != 0:
			return Spec{}, fmt.Errorf("wanted zeros behind the rank, got %v", s.Shape)
		case i >= s.Rank:
		case d < 0:
			return Spec{}, shapeError("dimensions of at least 0", s)
		case d == 0: // n stays; the product of the others still must not overflow
		case n > maxLen/d:
			return Spec{}, shapeError("fewer than 2⁵⁶ elements", s)
		default:
			n *= d
		}
	}
	return s, nil
}

// viewReshape trusts that the strides allow it: see Reshape.
func viewReshape(in View, attr any) View {
	a := attr.(ShapeAttr)
	out := in
	out.Spec = Spec{DType: in.DType, Rank: a.Rank, Shape: a.Shape}
	st, ok := reshapeStrides(&in, out.Spec)
	if !ok {
		panic("ops: reshape: strides do not allow a view")
	}
	out.Strides = st
	return out
}

// reshapeStrides finds strides that show in's elements in the shape of s, if
// there are any: runs of dimensions that lie evenly in memory may be split and
// merged freely.
func reshapeStrides(in *View, s Spec) (st [MaxRank]int, ok bool) {
	if in.Dense() || in.Len() == 0 {
		return s.DenseStrides(), true
	}
	var dims, strides [MaxRank]int // in without dimensions of 1
	n := 0
	for i := 0; i < in.Rank; i++ {
		if in.Shape[i] != 1 {
			dims[n], strides[n] = in.Shape[i], in.Strides[i]
			n++
		}
	}
	i, j := 0, 0 // groups dims[i:ii] and s.Shape[j:jj] with equal products
	for i < n {
		ii, jj := i+1, j
		a, b := dims[i], 1
		for a != b {
			if a < b {
				if strides[ii-1] != strides[ii]*dims[ii] {
					return st, false
				}
				a *= dims[ii]
				ii++
			} else {
				b *= s.Shape[jj]
				jj++
			}
		}
		step := strides[ii-1]
		for k := jj - 1; k >= j; k-- {
			st[k] = step
			step *= s.Shape[k]
		}
		i, j = ii, jj
	}
	for ; j < s.Rank; j++ { // trailing dimensions of 1
		st[j] = 1
	}
	return st, true
}

func inferPermute(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	a, ok := attr.(PermuteAttr)
	if !ok {
		return nil, fmt.Errorf("wanted a PermuteAttr, got %T", attr)
	}
	s, seen := in[0], 0
	for i := 0; i < s.Rank; i++ {
		d := int(a.Dims[i])
		if d < 0 || d >= s.Rank || seen>>d&1 == 1 {
			return nil, fmt.Errorf("wanted each of %d dimensions once, got %v", s.Rank, a.Dims[:s.Rank])
		}
		seen |= 1 << d
		s.Shape[i] = in[0].Shape[d]
	}
	return append(out, s), nil
}

func viewPermute(in View, attr any) View {
	a, out := attr.(PermuteAttr), in
	for i := 0; i < in.Rank; i++ {
		out.Shape[i], out.Strides[i] = in.Shape[a.Dims[i]], in.Strides[a.Dims[i]]
	}
	return out
}

func inferExpand(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	s, err := shapeAttr(in[0].DType, attr)
	if err != nil {
		return nil, err
	}
	add := s.Rank - in[0].Rank
	if add < 0 {
		return nil, shapeError("at least as many dimensions", in[0], s)
	}
	for i := 0; i < in[0].Rank; i++ {
		if d := in[0].Shape[i]; d != s.Shape[i+add] && d != 1 {
			return nil, shapeError("a shape to which the input broadcasts", in[0], s)
		}
	}
	return append(out, s), nil
}

func viewExpand(in View, attr any) View {
	a, out := attr.(ShapeAttr), in
	out.Rank, out.Shape, out.Strides = a.Rank, a.Shape, [MaxRank]int{}
	add := a.Rank - in.Rank
	for i := 0; i < in.Rank; i++ {
		if in.Shape[i] == a.Shape[i+add] {
			out.Strides[i+add] = in.Strides[i]
		}
	}
	return out
}

func inferSlice(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	a, ok := attr.(SliceAttr)
	if !ok {
		return nil, fmt.Errorf("wanted a SliceAttr, got %T", attr)
	}
	if err := a.check(in[0]); err != nil {
		return nil, err
	}
	s := in[0]
	s.Shape = a.Len
	return append(out, s), nil
}

func (a SliceAttr) check(s Spec) error {
	for i := range a.Len {
		if i >= s.Rank {
			if a.Start[i] != 0 || a.Step[i] != 0 || a.Len[i] != 0 {
				return fmt.Errorf("wanted zeros behind the rank, got %v", a)
			}
			continue
		}
		n, d := a.Len[i], s.Shape[i]
		inside := a.Start[i] >= 0 && a.Step[i] >= 1 && n >= 0 && a.Start[i] <= d &&
			(n == 0 || a.Start[i] < d && (n-1) <= (d-1-a.Start[i])/a.Step[i])
		if !inside {
			return fmt.Errorf("wanted elements inside dimension %d of size %d, got start %d, step %d, length %d",
				i, d, a.Start[i], a.Step[i], n)
		}
	}
	return nil
}

func viewSlice(in View, attr any) View {
	a, out := attr.(SliceAttr), in
	for i := 0; i < in.Rank; i++ {
		if a.Len[i] > 0 {
			out.Offset += a.Start[i] * in.Strides[i]
		}
		out.Shape[i] = a.Len[i]
		out.Strides[i] = in.Strides[i] * a.Step[i]
	}
	return out
}

// Reshape shows the same elements in another shape; one dimension may be −1
// and is computed. No copy is made where the strides allow it.
func (x *Tensor) Reshape(shape ...int) *Tensor {
	dims := slices.Clone(shape)
	free, n := -1, 1
	for i, d := range dims {
		if d == -1 && free < 0 {
			free = i
			continue
		}
		n *= d
	}
	if free >= 0 {
		if n <= 0 || x.view.Len()%n != 0 {
			fail("reshape", []*Tensor{x}, "wanted a shape of %d elements, got %v", x.view.Len(), shape)
		}
		dims[free] = x.view.Len() / n
	}
	s := NewSpec(x.view.DType, dims...)
	if s == x.view.Spec {
		return x
	}
	if s.Len() == x.view.Len() {
		if _, ok := reshapeStrides(&x.view, s); !ok {
			x = x.Clone()
		}
	}
	return apply1(reshapeDef, ShapeAttr{s.Rank, s.Shape}, noConst, x)
}

// Flatten merges the dimensions from start to end (both included).
func (x *Tensor) Flatten(start, end int) *Tensor {
	if x.view.Rank == 0 {
		return x.Reshape(1)
	}
	i, j := x.dim("flatten", start), x.dim("flatten", end)
	if i > j {
		fail("flatten", []*Tensor{x}, "wanted start before end, got %d and %d", start, end)
	}
	n, dims := 1, []int{}
	for k := i; k <= j; k++ {
		n *= x.view.Shape[k]
	}
	dims = append(dims, x.view.Shape[:i]...)
	dims = append(dims, n)
	return x.Reshape(append(dims, x.view.Shape[j+1:x.view.Rank]...)...)
}

// Permute reorders the dimensions: output dimension i is input dimension dims[i].
func (x *Tensor) Permute(dims ...int) *Tensor {
	if len(dims) != x.view.Rank {
		fail("permute", []*Tensor{x}, "wanted %d dimensions, got %v", x.view.Rank, dims)
	}
	var a PermuteAttr
	for i, d := range dims {
		a.Dims[i] = int8(x.dim("permute", d))
	}
	return apply1(permuteDef, a, noConst, x)
}

// Transpose swaps two dimensions.
func (x *Tensor) Transpose(i, j int) *Tensor {
	i, j = x.dim("transpose", i), x.dim("transpose", j)
	var a PermuteAttr
	for k := range x.view.Rank {
		a.Dims[k] = int8(k)
	}
	a.Dims[i], a.Dims[j] = int8(j), int8(i)
	return apply1(permuteDef, a, noConst, x)
}

// T swaps the last two dimensions.
func (x *Tensor) T() *Tensor { return x.Transpose(-2, -1) }

// Expand repeats dimensions of 1 without a copy, and adds dimensions in front.
// −1 keeps a dimension.
func (x *Tensor) Expand(shape ...int) *Tensor {
	dims := slices.Clone(shape)
	for i, d := range dims {
		if k := i - len(dims) + x.view.Rank; d == -1 && k >= 0 {
			dims[i] = x.view.Shape[k]
		}
	}
	s := NewSpec(x.view.DType, dims...)
	if s == x.view.Spec {
		return x
	}
	return apply1(expandDef, ShapeAttr{s.Rank, s.Shape}, noConst, x)
}

// Squeeze drops dimensions of size 1: those named, or all when none is named.
func (x *Tensor) Squeeze(dims ...int) *Tensor {
	drop := 0
	for _, d := range dims {
		i := x.dim("squeeze", d)
		if x.view.Shape[i] != 1 {
			fail("squeeze", []*Tensor{x}, "wanted dimension %d of size 1, got %d", d, x.view.Shape[i])
		}
		drop |= 1 << i
	}
	var left []int
	for i, d := range x.view.Shape[:x.view.Rank] {
		if drop>>i&1 == 0 && (len(dims) > 0 || d != 1) {
			left = append(left, d)
		}
	}
	return x.Reshape(left...)
}

// Unsqueeze adds a dimension of size 1 before position dim, which may count
// from the end of the result.
func (x *Tensor) Unsqueeze(dim int) *Tensor {
	r := x.view.Rank
	if dim < -r-1 || dim > r {
		fail("unsqueeze", []*Tensor{x}, "wanted a position in [%d, %d], got %d", -r-1, r, dim)
	}
	if dim < 0 {
		dim += r + 1
	}
	return x.Reshape(slices.Insert(x.Shape(), dim, 1)...)
}

// Slice takes elements start, start+step, … below end of one dimension.
// Negative start and end count from the end, and both are clipped, as in
// Python; step is at least 1. SliceEnd as end means to the end.
func (x *Tensor) Slice(dim, start, end, step int) *Tensor {
	i := x.dim("slice", dim)
	if step < 1 {
		fail("slice", []*Tensor{x}, "wanted a step of at least 1, got %d", step)
	}
	n := x.view.Shape[i]
	clip := func(p int) int {
		if p < 0 {
			p += n
		}
		return min(max(p, 0), n)
	}
	start, end = clip(start), clip(end)
	a := SliceAttr{Len: x.view.Shape}
	for k := range x.view.Rank {
		a.Step[k] = 1
	}
	a.Start[i], a.Step[i], a.Len[i] = start, step, max(0, (end-start+step-1)/step)
	return apply1(sliceDef, a, noConst, x)
}

// SliceEnd as the end of Slice means the dimension's end.
const SliceEnd = int(^uint(0) >> 1)

// Narrow takes n elements from start of one dimension.
func (x *Tensor) Narrow(dim, start, n int) *Tensor {
	i := x.dim("narrow", dim)
	if start < 0 || n < 0 || start > x.view.Shape[i]-n {
		fail("narrow", []*Tensor{x}, "wanted [start, start+n) inside %d elements, got start %d, n %d", x.view.Shape[i], start, n)
	}
	return x.Slice(dim, start, start+n, 1)
}

// Select takes one element of a dimension and drops the dimension.
func (x *Tensor) Select(dim, index int) *Tensor {
	i := x.dim("select", dim)
	n := x.view.Shape[i]
	if index < -n || index >= n {
		fail("select", []*Tensor{x}, "wanted an index in [%d, %d), got %d", -n, n, index)
	}
	if index < 0 {
		index += n
	}
	return x.Slice(i, index, index+1, 1).Squeeze(i)
}

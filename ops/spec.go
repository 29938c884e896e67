package ops

import (
	"fmt"
	"strings"
)

// MaxRank is the largest number of dimensions of a tensor.
const MaxRank = 8

// Spec is an element type and a shape: all that a shape rule needs to know.
// Shape entries from Rank on are zero, so that Specs compare with ==.
type Spec struct {
	DType DType
	Rank  int
	Shape [MaxRank]int
}

// NewSpec makes a Spec; it panics with an *Error when there are more than MaxRank dimensions.
func NewSpec(d DType, shape ...int) Spec {
	s := Spec{DType: d, Rank: len(shape)}
	if len(shape) > MaxRank {
		fail("spec", nil, "wanted at most %d dimensions, got shape %v", MaxRank, shape)
	}
	copy(s.Shape[:], shape)
	return s
}

// Dims is the shape as a slice of its own.
func (s Spec) Dims() []int { return append([]int(nil), s.Shape[:s.Rank]...) }

// Len is the number of elements: the product of the shape, 1 for a scalar.
func (s *Spec) Len() int {
	n := 1
	for _, d := range s.Shape[:s.Rank] {
		n *= d
	}
	return n
}

// Bytes is the number of bytes of the elements, stored densely.
func (s *Spec) Bytes() int { return s.Len() * s.DType.Size() }

// With returns s with another shape.
func (s Spec) With(shape ...int) Spec { return NewSpec(s.DType, shape...) }

// As returns s with another element type.
func (s Spec) As(d DType) Spec { s.DType = d; return s }

func (s Spec) String() string { return s.DType.String() + shapeString(s.Shape[:s.Rank]) }

func shapeString(dims []int) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, d := range dims {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, d)
	}
	b.WriteByte(']')
	return b.String()
}

// DenseStrides are the strides, in elements, of a row-major tensor of this shape.
func (s *Spec) DenseStrides() (st [MaxRank]int) {
	n := 1
	for i := s.Rank - 1; i >= 0; i-- {
		st[i] = n
		n *= s.Shape[i]
	}
	return st
}

// View is a window on a buffer: element (i0, i1, …) lies at element offset
// Offset + Σ i_k·Strides[k]. Strides and Offset count elements; strides are
// never negative, and 0 where a dimension is broadcast.
type View struct {
	Spec
	Buf     Buffer
	Strides [MaxRank]int
	Offset  int
}

// DenseView is a row-major view at the start of buf.
func DenseView(s Spec, buf Buffer) View { return View{Spec: s, Buf: buf, Strides: s.DenseStrides()} }

// Dense says whether the elements lie one after another in row-major order.
// Dimensions of size 1 may have any stride.
func (v *View) Dense() bool {
	n := 1
	for i := v.Rank - 1; i >= 0; i-- {
		if v.Shape[i] != 1 && v.Strides[i] != n {
			return false
		}
		n *= v.Shape[i]
	}
	return true
}

// Extent is the half-open range of elements, counted from the buffer's start,
// that the view may touch.
func (v *View) Extent() (lo, hi int) {
	hi = v.Offset + 1
	for i := 0; i < v.Rank; i++ {
		if v.Shape[i] == 0 {
			return v.Offset, v.Offset
		}
		hi += (v.Shape[i] - 1) * v.Strides[i]
	}
	return v.Offset, hi
}

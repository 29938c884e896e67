package cpu

import (
	"math"
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

// Data is a view's memory as Go values, from the view's first element to the
// end of its buffer. T must be as wide as the view's dtype: float32, float64,
// int32, int64; uint16 for f16 and bf16; uint8 for u8 and bool. Scratch, which
// is a view of bytes, may be taken as any T without pointers.
func Data[T any](v *ops.View) []T {
	var t T
	size, skip := int(unsafe.Sizeof(t)), v.Offset*v.DType.Size()
	b := v.Buf.(*Buffer)
	return unsafe.Slice((*T)(unsafe.Add(b.base, skip)), (b.bytes-skip)/size)
}

// rawBytes is Data in bytes, for kernels that move elements of any dtype.
func rawBytes(v *ops.View) []byte {
	return v.Buf.(*Buffer).all()[v.Offset*v.DType.Size():]
}

// The sets of Go types that kernels are written for.
type (
	float  interface{ float32 | float64 }
	number interface {
		float32 | float64 | int32 | int64
	}
	scalar interface{ number | uint8 }
	word   interface {
		uint8 | uint16 | uint32 | uint64
	}
)

// constant is a Go constant in the tensor's dtype, by cast's rules.
func constant[T scalar](c float64) T {
	var t T
	switch any(t).(type) {
	case int32:
		return T(floatToInt(c, math.MinInt32, math.MaxInt32))
	case int64:
		return T(floatToInt(c, math.MinInt64, math.MaxInt64))
	case uint8:
		return T(floatToInt(c, 0, math.MaxUint8))
	}
	return T(c)
}

// rounded is a Go constant as T holds it, for arithmetic in float64.
func rounded[T float](c float64) float64 { return float64(T(c)) }

// floatToInt rounds toward zero and saturates; NaN is 0.
func floatToInt(f float64, lo, hi int64) int64 {
	switch {
	case f != f:
		return 0
	case f <= float64(lo):
		return lo
	case f >= float64(hi): // for int64 float64(hi) is 2⁶³, beyond which int64(f) is undefined
		return hi
	}
	return int64(f)
}

// maxOperands is the most views an elementwise op walks through: one output
// and three inputs.
const maxOperands = 4

// walk goes through several views in step, the first one giving the shape. The
// others broadcast to it by NumPy's rule. Dimensions that lie evenly in memory
// in all views are merged, so most walks have one.
type walk struct {
	n       int // elements
	rank    int // at least 1
	shape   [ops.MaxRank]int
	strides [maxOperands][ops.MaxRank]int
}

// offsets is where a run starts in each view, in elements from the view's own
// first one.
type offsets [maxOperands]int

func newWalk(first *ops.View, others ...*ops.View) *walk {
	w := &walk{n: first.Len()}
	views := append([]*ops.View{first}, others...)
	for i := 0; i < first.Rank; i++ {
		d := first.Shape[i]
		if d == 1 {
			continue
		}
		var s [maxOperands]int
		for k, v := range views {
			if j := i - first.Rank + v.Rank; j >= 0 && v.Shape[j] != 1 {
				s[k] = v.Strides[j]
			}
		}
		w.add(d, s, len(views))
	}
	if w.rank == 0 {
		w.rank, w.shape[0] = 1, 1
		for k := range w.strides {
			w.strides[k][0] = 1
		}
	}
	return w
}

// add appends a dimension, or merges it with the one before.
func (w *walk) add(d int, s [maxOperands]int, views int) {
	last := w.rank - 1
	merge := last >= 0
	for k := 0; k < views && merge; k++ {
		merge = w.strides[k][last] == s[k]*d
	}
	if merge {
		w.shape[last] *= d
	} else {
		last = w.rank
		w.rank++
		w.shape[last] = d
	}
	for k := 0; k < views; k++ {
		w.strides[k][last] = s[k]
	}
}

// inner is the stride of view k along the runs that each hands out.
func (w *walk) inner(k int) int { return w.strides[k][w.rank-1] }

// flat says whether the first n views are dense or a single element, so that
// element i of the walk is element i of each.
func (w *walk) flat(n int) bool {
	if w.rank != 1 {
		return false
	}
	for k := range n {
		if w.strides[k][0] != 1 {
			return false
		}
	}
	return true
}

// each hands out elements lo … hi−1 of the walk as runs along the innermost
// dimension.
func (w *walk) each(lo, hi int, f func(n int, at offsets)) {
	if w.rank == 1 {
		var at offsets
		for k := range at {
			at[k] = lo * w.strides[k][0]
		}
		if lo < hi {
			f(hi-lo, at)
		}
		return
	}
	var index [ops.MaxRank]int
	var at offsets
	rest := lo
	for i := w.rank - 1; i >= 0; i-- {
		index[i] = rest % w.shape[i]
		rest /= w.shape[i]
		for k := range at {
			at[k] += index[i] * w.strides[k][i]
		}
	}
	last := w.rank - 1
	for lo < hi {
		n := min(hi-lo, w.shape[last]-index[last])
		f(n, at)
		lo += n
		w.next(&index, &at)
	}
}

// next moves to the start of the following run.
func (w *walk) next(index *[ops.MaxRank]int, at *offsets) {
	last := w.rank - 1
	for k := range at {
		at[k] -= index[last] * w.strides[k][last]
	}
	index[last] = 0
	for i := last - 1; i >= 0; i-- {
		index[i]++
		for k := range at {
			at[k] += w.strides[k][i]
		}
		if index[i] < w.shape[i] {
			return
		}
		index[i] = 0
		for k := range at {
			at[k] -= w.shape[i] * w.strides[k][i]
		}
	}
}

// block is how many elements strided operands are gathered into at a time: a
// kernel's inner loop sees dense slices only, which stay in the first cache.
const block = 512

// load returns n elements of x from at with a stride: in place when they lie
// one after another, otherwise gathered into buf.
func load[T any](buf, x []T, at, stride, n int) []T {
	if stride == 1 {
		return x[at : at+n]
	}
	buf = buf[:n]
	if stride == 0 {
		v := x[at]
		for i := range buf {
			buf[i] = v
		}
		return buf
	}
	for i := range buf {
		buf[i] = x[at]
		at += stride
	}
	return buf
}

// store is the counterpart of load for a strided destination.
func store[T any](z []T, at, stride int, v []T) {
	for _, e := range v {
		z[at] = e
		at += stride
	}
}

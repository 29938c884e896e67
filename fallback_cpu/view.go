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

package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/internal/f16"
	"github.com/tuff-ml/tuff/ops"
)

func init() { Register("full", Kernel{Plan: planFull}) }

func planFull(c *ops.Call) (Run, int, error) {
	var body Body
	d := c.Out[0].DType
	switch d.Size() {
	case 1:
		body = fullBody[uint8](d)
	case 2:
		body = fullBody[uint16](d)
	case 4:
		body = fullBody[uint32](d)
	default:
		body = fullBody[uint64](d)
	}
	return parallelRun(c.Out[0].Len(), cheapGrain, body)
}

func fullBody[T word](d ops.DType) Body {
	return func(c *ops.Call, lo, hi int) {
		fill(Data[T](&c.Out[0])[lo:hi], T(bitsOf(d, c.Const[0])))
	}
}

func fill[T word](z []T, v T) {
	if v == 0 {
		clear(z)
		return
	}
	for i := range z {
		z[i] = v
	}
}

// bitsOf is v in a dtype, by cast's rules, in the low bits.
func bitsOf(d ops.DType, v float64) uint64 {
	switch d {
	case ops.F32:
		return uint64(math.Float32bits(float32(v)))
	case ops.F64:
		return math.Float64bits(v)
	case ops.F16:
		return uint64(f16.FromFloat64(v))
	case ops.BF16:
		return uint64(f16.BFromFloat64(v))
	case ops.I32:
		return uint64(uint32(constant[int32](v)))
	case ops.I64:
		return uint64(constant[int64](v))
	case ops.U8:
		return uint64(constant[uint8](v))
	}
	return uint64(truth(v != 0))
}

package cpu

import (
	"fmt"
	"math"

	"github.com/tuff-ml/tuff/internal/f16"
	"github.com/tuff-ml/tuff/ops"
)

func init() { Register("cast", Kernel{Plan: planCast}) }

// planCast goes through one of two middle types, both exact for what they
// carry: floats through float64, integers and bool through int64. So there are
// eight readers and eight writers instead of 64 pairs.
func planCast(c *ops.Call) (Run, int, error) {
	from, to := c.In[0].DType, c.Attr.(ops.CastAttr).To
	n := c.Out[0].Len()
	w := newWalk(&c.Out[0], &c.In[0])
	switch from {
	case ops.F32:
		if to == ops.F64 {
			return parallelRun(n, cheapGrain, mapBody(w, convert[float64, float32]))
		}
		return castFrom(n, w, to, readFloat[float32])
	case ops.F64:
		if to == ops.F32 {
			return parallelRun(n, cheapGrain, mapBody(w, convert[float32, float64]))
		}
		return castFrom(n, w, to, readFloat[float64])
	case ops.F16:
		return castFrom(n, w, to, readF16)
	case ops.BF16:
		return castFrom(n, w, to, readBF16)
	case ops.I32:
		return castFrom(n, w, to, readInt[int32])
	case ops.I64:
		return castFrom(n, w, to, readInt[int64])
	case ops.U8, ops.Bool:
		return castFrom(n, w, to, readInt[uint8])
	}
	return unsupported(from)
}

func convert[Z, T float](z []Z, x []T, _ [2]float64) {
	x = x[:len(z)]
	for i := range z {
		z[i] = Z(x[i])
	}
}

// castFrom joins a reader of T into the middle type M with a writer.
func castFrom[T any, M float64 | int64](n int, w *walk, to ops.DType, read func(m []M, x []T)) (Run, int, error) {
	var body Body
	switch to {
	case ops.F32:
		body = castBody(w, read, writeAs[float32, M])
	case ops.F64:
		body = castBody(w, read, writeAs[float64, M])
	case ops.F16:
		body = castBody(w, read, writeF16[M])
	case ops.BF16:
		body = castBody(w, read, writeBF16[M])
	case ops.I32:
		body = castBody(w, read, writeInt[int32, M](math.MinInt32, math.MaxInt32))
	case ops.I64:
		body = castBody(w, read, writeInt[int64, M](math.MinInt64, math.MaxInt64))
	case ops.U8:
		body = castBody(w, read, writeInt[uint8, M](0, math.MaxUint8))
	case ops.Bool:
		body = castBody(w, read, writeBool[M])
	default:
		return nil, 0, fmt.Errorf("wanted a dtype to cast to, got %v: %w", to, ops.ErrUnsupported)
	}
	return parallelRun(n, cheapGrain, body)
}

func castBody[Z, T any, M float64 | int64](w *walk, read func(m []M, x []T), write func(z []Z, m []M)) Body {
	var middle temporaries[M]
	return mapBody(w, func(z []Z, x []T, _ [2]float64) {
		b := middle.get()
		for i := 0; i < len(z); i += block {
			n := min(block, len(z)-i)
			read(b.x[:n], x[i:i+n])
			write(z[i:i+n], b.x[:n])
		}
		middle.put(b)
	})
}

func readFloat[T float](m []float64, x []T) {
	for i := range m {
		m[i] = float64(x[i])
	}
}

func readF16(m []float64, x []uint16) {
	for i := range m {
		m[i] = float64(f16.ToFloat32(x[i]))
	}
}

func readBF16(m []float64, x []uint16) {
	for i := range m {
		m[i] = float64(f16.BToFloat32(x[i]))
	}
}

func readInt[T int32 | int64 | uint8](m []int64, x []T) {
	for i := range m {
		m[i] = int64(x[i])
	}
}

func writeAs[Z float, M float64 | int64](z []Z, m []M) {
	for i := range z {
		z[i] = Z(m[i])
	}
}

func writeF16[M float64 | int64](z []uint16, m []M) {
	for i := range z {
		z[i] = f16.FromFloat64(exact(m[i]))
	}
}

func writeBF16[M float64 | int64](z []uint16, m []M) {
	for i := range z {
		z[i] = f16.BFromFloat64(exact(m[i]))
	}
}

// exact makes a float64 that rounds to 16 bits as v itself would: integers
// that float64 cannot hold lose their last 11 bits, but for one that says
// whether there was anything.
func exact[M float64 | int64](v M) float64 {
	if i, ok := any(v).(int64); ok && (i > 1<<53 || i < -1<<53) {
		if i&(1<<11-1) != 0 {
			i = i&^(1<<11-1) | 1<<11
		}
		return float64(i)
	}
	return float64(v)
}

// writeInt saturates floats and wraps integers.
func writeInt[Z int32 | int64 | uint8, M float64 | int64](lo, hi int64) func(z []Z, m []M) {
	var m M
	if _, ok := any(m).(int64); ok {
		return func(z []Z, m []M) {
			for i := range z {
				z[i] = Z(m[i])
			}
		}
	}
	return func(z []Z, m []M) {
		for i := range z {
			z[i] = Z(floatToInt(float64(m[i]), lo, hi))
		}
	}
}

func writeBool[M float64 | int64](z []uint8, m []M) {
	for i := range z {
		z[i] = truth(m[i] != 0)
	}
}

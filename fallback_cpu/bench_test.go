package cpu

import (
	"fmt"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

func benchRun(b *testing.B, p *prepared, bytes int) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(bytes))
	for b.Loop() {
		if err := p.run(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, n := range []int{1, 1000, 100000, 16 << 20} {
		b.Run(fmt.Sprintf("be=cpu/dtype=f32/n=%d", n), func(b *testing.B) {
			c := open(b, Options{})
			benchRun(b, prepare(b, c, "add", ops.BinaryAttr{}, noConst, put(b, c, wavy[float32](n), n), put(b, c, wavy[float32](n), n)), 12*n)
		})
	}
}

func BenchmarkUnary(b *testing.B) {
	const n = 1 << 20
	for _, op := range []ops.Op{"relu", "exp", "log", "sqrt", "tanh", "sigmoid", "gelu", "silu", "softplus"} {
		b.Run(fmt.Sprintf("be=cpu/op=%s/dtype=f32/n=%d", op, n), func(b *testing.B) {
			c := open(b, Options{})
			benchRun(b, prepare(b, c, op, nil, [2]float64{1, 20}, put(b, c, wavy[float32](n), n)), 8*n)
		})
	}
}

func BenchmarkReduce(b *testing.B) {
	const rows, cols = 4096, 1024
	for _, op := range []ops.Op{"sum", "max", "var", "logsumexp"} {
		for dims := uint8(1); dims < 4; dims++ {
			b.Run(fmt.Sprintf("be=cpu/op=%s/dtype=f32/shape=%dx%d/dims=%02b", op, rows, cols, dims), func(b *testing.B) {
				c := open(b, Options{})
				benchRun(b, prepare(b, c, op, ops.ReduceAttr{Dims: dims}, noConst, put(b, c, wavy[float32](rows*cols), rows, cols)), 4*rows*cols)
			})
		}
	}
}

func BenchmarkSoftmax(b *testing.B) {
	const rows, cols = 4096, 1024
	for dim := range 2 {
		b.Run(fmt.Sprintf("be=cpu/dtype=f32/shape=%dx%d/dim=%d", rows, cols, dim), func(b *testing.B) {
			c := open(b, Options{})
			benchRun(b, prepare(b, c, "softmax", ops.SoftmaxAttr{Dim: dim}, noConst, put(b, c, wavy[float32](rows*cols), rows, cols)), 8*rows*cols)
		})
	}
}

func BenchmarkMove(b *testing.B) {
	const n = 2048
	b.Run("be=cpu/op=contiguous/view=transposed", func(b *testing.B) {
		c := open(b, Options{})
		benchRun(b, prepare(b, c, "contiguous", nil, noConst, transposed(put(b, c, wavy[float32](n*n), n, n))), 8*n*n)
	})
	b.Run("be=cpu/op=add/view=row", func(b *testing.B) {
		c := open(b, Options{})
		benchRun(b, prepare(b, c, "add", ops.BinaryAttr{}, noConst, put(b, c, wavy[float32](n*n), n, n), put(b, c, wavy[float32](n), n)), 8*n*n)
	})
	b.Run("be=cpu/op=add/view=column", func(b *testing.B) {
		c := open(b, Options{})
		benchRun(b, prepare(b, c, "add", ops.BinaryAttr{}, noConst, put(b, c, wavy[float32](n*n), n, n), put(b, c, wavy[float32](n), n, 1)), 8*n*n)
	})
	b.Run("be=cpu/op=add/view=transposed", func(b *testing.B) {
		c := open(b, Options{})
		x := put(b, c, wavy[float32](n*n), n, n)
		benchRun(b, prepare(b, c, "add", ops.BinaryAttr{}, noConst, x, transposed(x)), 12*n*n)
	})
}

func BenchmarkRandom(b *testing.B) {
	const n = 1 << 20
	attr := ops.CreateAttr{DType: ops.F32, ShapeAttr: ops.ShapeAttr{Rank: 1, Shape: [8]int{n}}}
	for _, op := range []ops.Op{"uniform", "normal"} {
		b.Run(fmt.Sprintf("be=cpu/op=%s/n=%d", op, n), func(b *testing.B) {
			c := open(b, Options{})
			benchRun(b, prepare(b, c, op, attr, [2]float64{0, 1}, put(b, c, []int64{1, 2}, 2)), 4*n)
		})
	}
}

package cpu

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/tuff-ml/tuff/ops"
)

// naive is the definition: act(a·b + bias) of one product, in float64.
func naive[T float](a, b, bias []T, m, n, k int, act func(float64) float64) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for j := range n {
			s := 0.0
			for p := range k {
				s += float64(a[i*k+p]) * float64(b[p*n+j])
			}
			if bias != nil {
				s += float64(bias[j])
			}
			c[i*n+j] = act(s)
		}
	}
	return c
}

func same(x float64) float64 { return x }

// flip transposes [rows, cols] values.
func flip[T any](v []T, rows, cols int) []T {
	out := make([]T, len(v))
	for i := range rows {
		for j := range cols {
			out[j*rows+i] = v[i*cols+j]
		}
	}
	return out
}

var oddSizes = [][3]int{ // m, n, k
	{1, 1, 1}, {1, 7, 3}, {7, 1, 300}, {2, 300, 17}, {300, 3, 40}, {4, 4, 4}, {5, 5, 5}, {6, 16, 1}, {13, 127, 31},
	{127, 13, 257}, {64, 64, 64}, {65, 130, 259}, {33, 17, 520}, {1010, 9, 20}, {9, 2019, 12},
}

func testMatMul[T float](t *testing.T, o Options, tolerance float64) {
	b := open(t, o)
	for _, s := range oddSizes {
		m, n, k := s[0], s[1], s[2]
		x, y, bias := wavy[T](m*k), wavy[T](k*n), wavy[T](n)
		eps := tolerance * float64(k) // elements reach 4, products 16: rounding errors may all add up
		for _, layout := range []string{"nn", "nt", "tn", "tt"} {
			av, bv := put(t, b, x, m, k), put(t, b, y, k, n)
			if layout[0] == 't' {
				av = transposed(put(t, b, flip(x, m, k), k, m))
			}
			if layout[1] == 't' {
				bv = transposed(put(t, b, flip(y, k, n), n, k))
			}
			what := fmt.Sprintf("%v %s", s, layout)
			out := apply(t, b, "matmul", ops.MatMulAttr{}, [2]float64{}, av, bv)
			near(t, what, get[T](t, out[0]), naive(x, y, nil, m, n, k, same), eps)
			out = apply(t, b, "matmul", ops.MatMulAttr{Act: ops.ActReLU}, [2]float64{}, av, bv, put(t, b, bias, n))
			near(t, what+" bias relu", get[T](t, out[0]), naive(x, y, bias, m, n, k, func(x float64) float64 { return max(x, 0) }), eps)
		}
	}
}

func TestMatMul(t *testing.T) {
	for _, plain := range []bool{true, false} {
		o := strict
		o.Plain = plain
		t.Run(fmt.Sprintf("plain=%v/f32", plain), func(t *testing.T) { testMatMul[float32](t, o, 1e-6) })
		t.Run(fmt.Sprintf("plain=%v/f64", plain), func(t *testing.T) { testMatMul[float64](t, o, 2e-15) })
	}
}

func TestMatMulActivations(t *testing.T) {
	b := open(t, strict)
	const m, n, k = 9, 10, 11
	x, y, bias := wavy[float64](m*k), wavy[float64](k*n), wavy[float64](n)
	for act, f := range map[ops.Activation]func(float64) float64{
		ops.ActSigmoid: func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
		ops.ActTanh:    math.Tanh,
		ops.ActGELU:    func(x float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) },
		ops.ActSiLU:    func(x float64) float64 { return x / (1 + math.Exp(-x)) },
	} {
		out := apply(t, b, "matmul", ops.MatMulAttr{Act: act}, [2]float64{}, put(t, b, x, m, k), put(t, b, y, k, n), put(t, b, bias, n))
		near(t, act.String(), get[float64](t, out[0]), naive(x, y, bias, m, n, k, f), 1e-13)
	}
}

// TestMatMulBatch: products one by one, of all kinds of batch strides.
func TestMatMulBatch(t *testing.T) {
	b := open(t, strict)
	for _, s := range [][4]int{{3, 5, 6, 7}, {40, 17, 9, 33}, {2, 1, 30, 8}, {3, 30, 2, 8}, {2, 130, 140, 150}} {
		batch, m, n, k := s[0], s[1], s[2], s[3]
		x, y, bias := wavy[float32](batch*m*k), wavy[float32](batch*k*n), wavy[float32](n)
		for _, shared := range []bool{false, true} {
			bv := put(t, b, y, batch, k, n)
			if shared {
				bv = expanded(put(t, b, y[:k*n], k, n), batch)
			}
			var want []float64
			for i := range batch {
				w := y[i*k*n:][:k*n]
				if shared {
					w = y[:k*n]
				}
				want = append(want, naive(x[i*m*k:][:m*k], w, bias, m, n, k, same)...)
			}
			out := apply(t, b, "matmul", ops.MatMulAttr{}, [2]float64{}, put(t, b, x, batch, m, k), bv, put(t, b, bias, n))
			near(t, fmt.Sprint(s, shared), get[float32](t, out[0]), want, 2e-5)
		}
	}
}

func benchMatMul[T float](b *testing.B, be string, m, n, k int) {
	x, y := wavy[T](m*k), wavy[T](k*n)
	var step func()
	switch be {
	case "gonum":
		z := make([]T, m*n)
		step = func() { gonumGemm(m, n, k, x, y, z) }
	default:
		c := open(b, Options{Plain: be == "cpu-plain"})
		p := prepare(b, c, "matmul", ops.MatMulAttr{}, [2]float64{}, put(b, c, x, m, k), put(b, c, y, k, n))
		step = func() {
			if err := p.run(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
	b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GF/s")
}

func gonumGemm[T float](m, n, k int, x, y, z []T) {
	var g gonum.Implementation
	switch x := any(x).(type) {
	case []float32:
		g.Sgemm(blas.NoTrans, blas.NoTrans, m, n, k, 1, x, k, any(y).([]float32), n, 0, any(z).([]float32), n)
	case []float64:
		g.Dgemm(blas.NoTrans, blas.NoTrans, m, n, k, 1, x, k, any(y).([]float64), n, 0, any(z).([]float64), n)
	}
}

func BenchmarkMatMul(b *testing.B) {
	for _, n := range []int{16, 64, 128, 512, 1024} {
		for _, be := range []string{"cpu", "cpu-plain", "gonum"} {
			b.Run(fmt.Sprintf("be=%s/dtype=f32/n=%d", be, n), func(b *testing.B) { benchMatMul[float32](b, be, n, n, n) })
			b.Run(fmt.Sprintf("be=%s/dtype=f64/n=%d", be, n), func(b *testing.B) { benchMatMul[float64](b, be, n, n, n) })
		}
	}
}

func BenchmarkMatMulShapes(b *testing.B) {
	for _, s := range [][3]int{{32, 128, 784}, {1, 4096, 4096}, {128, 10, 512}} {
		for _, be := range []string{"cpu", "cpu-plain", "gonum"} {
			b.Run(fmt.Sprintf("be=%s/dtype=f32/mnk=%dx%dx%d", be, s[0], s[1], s[2]), func(b *testing.B) {
				benchMatMul[float32](b, be, s[0], s[1], s[2])
			})
		}
	}
}

func BenchmarkTile(b *testing.B) {
	for _, t := range []tile{plainTile, bestTile(4)} {
		b.Run(fmt.Sprintf("%dx%d", t.rows, t.cols), func(b *testing.B) {
			x, y := make([]float32, t.rows*blockK), make([]float32, t.cols*blockK)
			var s [maxTile]float32
			for b.Loop() {
				sumTile(t, blockK, x, y, &s)
			}
			b.ReportMetric(2*float64(t.rows*t.cols*blockK)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GF/s")
		})
	}
}

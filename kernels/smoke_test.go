package kernels

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// numbers are n different values around 0, some of them special.
func numbers(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32((i*7919)%2003-1001) / 64
	}
	return out
}

func values[T ops.Element](t testing.TB, ctx context.Context, x *ops.Tensor) []T {
	t.Helper()
	out, err := ops.ToSlice[T](ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func want[T ops.Element](t testing.TB, ctx context.Context, what string, x *ops.Tensor, f func(i int) T) {
	t.Helper()
	for i, got := range values[T](t, ctx, x) {
		if w := f(i); got != w {
			t.Errorf("%s: element %d: wanted %v, got %v", what, i, w, got)
			return
		}
	}
}

func near(t testing.TB, ctx context.Context, what string, x *ops.Tensor, f func(i int) float64) {
	t.Helper()
	for i, got := range values[float32](t, ctx, x) {
		w := f(i)
		if d := math.Abs(float64(got) - w); !(d <= 2e-6*math.Max(1, math.Abs(w))) {
			t.Errorf("%s: element %d: wanted %v, got %v", what, i, w, got)
			return
		}
	}
}

// Sizes that fill quads and workgroups, and that do not.
var sizes = []int{1, 3, 4, 127, 1024, 4099, 70000}

func TestSmokeElementwise(t *testing.T) {
	inScope(t, func(ctx context.Context, s *ops.Scope) {
		for _, n := range sizes {
			v, u := numbers(n), numbers(n)
			slices.Reverse(u)
			x, y := ops.FromSlice(s, v, n), ops.FromSlice(s, u, n)
			want(t, ctx, "add", x.Add(y), func(i int) float32 { return v[i] + u[i] })
			want(t, ctx, "mul by a constant", x.MulScalar(3), func(i int) float32 { return v[i] * 3 })
			want(t, ctx, "constant less x", x.RSubScalar(3), func(i int) float32 { return 3 - v[i] })
			want(t, ctx, "gt", x.Gt(y), func(i int) bool { return v[i] > u[i] })
			want(t, ctx, "where", ops.Where(x.Gt(y), x, y), func(i int) float32 { return max(v[i], u[i]) })
			want(t, ctx, "maximum", x.Maximum(y), func(i int) float32 { return max(v[i], u[i]) })
			near(t, ctx, "exp", x.Exp(), func(i int) float64 { return math.Exp(float64(v[i])) })
			near(t, ctx, "tanh", x.Tanh(), func(i int) float64 { return math.Tanh(float64(v[i])) })
			want(t, ctx, "cast to i32", x.Cast(ops.I32), func(i int) int32 { return int32(v[i]) })
			want(t, ctx, "cast to f64", x.Cast(ops.F64), func(i int) float64 { return float64(v[i]) })
			want(t, ctx, "full", ops.Full(s, ops.U8, 7, n), func(int) uint8 { return 7 })
			want(t, ctx, "arange", ops.Arange(s, ops.I64, 5, -2, n), func(i int) int64 { return 5 - 2*int64(i) })
			x.Add_(s, 2, y)
			want(t, ctx, "add_", x, func(i int) float32 { return v[i] + 2*u[i] })
		}
	})
}

func TestSmokeStrided(t *testing.T) {
	inScope(t, func(ctx context.Context, s *ops.Scope) {
		for _, d := range [][2]int{{3, 5}, {40, 36}, {64, 128}, {129, 257}} {
			m, n := d[0], d[1]
			v := numbers(m * n)
			x, row := ops.FromSlice(s, v, m, n), ops.FromSlice(s, v[:n], n)
			tr := x.Permute(1, 0)
			want(t, ctx, "transposed copy", tr.Contiguous(), func(i int) float32 { return v[i%m*n+i/m] })
			want(t, ctx, "neg of a transposed view", tr.Neg(), func(i int) float32 { return -v[i%m*n+i/m] })
			want(t, ctx, "row added", x.Add(row), func(i int) float32 { return v[i] + v[i%n] })
			want(t, ctx, "column subtracted", x.Sub(x.Slice(1, 0, 1, 1)), func(i int) float32 { return v[i] - v[i/n*n] })
			want(t, ctx, "concat", ops.Concat(1, x, x.Neg()), func(i int) float32 {
				if j := i % (2 * n); j < n {
					return v[i/(2*n)*n+j]
				}
				return -v[i/(2*n)*n+i%(2*n)-n]
			})
			half := ops.FromSlice(s, make([]float32, m*n), n, m)
			half.Permute(1, 0).Copy_(s, x)
			want(t, ctx, "copy into a transposed view", half, func(i int) float32 { return v[i%m*n+i/m] })
		}
	})
}

func TestSmokeReduce(t *testing.T) {
	inScope(t, func(ctx context.Context, s *ops.Scope) {
		for _, d := range [][3]int{{1, 1, 1}, {3, 5, 7}, {1, 100000, 1}, {2, 3000, 3}, {500, 3, 64}, {33, 257, 1}, {4, 1030, 40}, {1, 9, 1000}} {
			m, n, k := d[0], d[1], d[2]
			v := numbers(m * n * k)
			x := ops.FromSlice(s, v, m, n, k)
			row := func(i int) []float64 {
				out := make([]float64, n)
				for j := range out {
					out[j] = float64(v[i/k*n*k+j*k+i%k])
				}
				return out
			}
			sum := func(i int) (sum float64) {
				for _, e := range row(i) {
					sum += e
				}
				return sum
			}
			near(t, ctx, "mean", x.Mean(1), func(i int) float64 { return sum(i) / float64(n) })
			want(t, ctx, "max", x.Max(1), func(i int) float32 { return float32(slices.Max(row(i))) })
			want(t, ctx, "argmax", x.ArgMax(1), func(i int) int64 {
				r := row(i)
				return int64(slices.Index(r, slices.Max(r)))
			})
			near(t, ctx, "var", x.Var(0, 1), func(i int) float64 {
				mean, sq := sum(i)/float64(n), 0.0
				for _, e := range row(i) {
					sq += (e - mean) * (e - mean)
				}
				return sq / float64(n)
			})
			near(t, ctx, "logsumexp", x.LogSumExp(1), func(i int) float64 {
				r, e := row(i), 0.0
				top := slices.Max(r)
				for _, a := range r {
					e += math.Exp(a - top)
				}
				return top + math.Log(e)
			})
			want(t, ctx, "integer sum", x.Cast(ops.I32).Sum(1), func(i int) (out int32) {
				for _, e := range row(i) {
					out += int32(e)
				}
				return out
			})
		}
	})
}

func TestSmokeSoftmax(t *testing.T) {
	inScope(t, func(ctx context.Context, s *ops.Scope) {
		for _, d := range [][3]int{{1, 1, 1}, {3, 5, 7}, {2, 100, 1}, {5, 1000, 1}, {2, 3000, 3}, {2, 9001, 1}, {40, 70, 128}} {
			m, n, k := d[0], d[1], d[2]
			v := numbers(m * n * k)
			x := ops.FromSlice(s, v, m, n, k)
			at := func(i, j int) float64 { return float64(v[i/(n*k)*n*k+j*k+i%k]) }
			lse := func(i int) float64 {
				sum := 0.0
				for j := range n {
					sum += math.Exp(at(i, j) - 16)
				}
				return 16 + math.Log(sum)
			}
			near(t, ctx, "log_softmax", x.LogSoftmax(1), func(i int) float64 { return float64(v[i]) - lse(i) })
			near(t, ctx, "softmax", x.Softmax(1), func(i int) float64 { return math.Exp(float64(v[i]) - lse(i)) })
		}
	})
}

// A tensor beyond the 128 MiB that a storage buffer's range may have on
// software Vulkan: addresses know no such limit.
func TestSmokeLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a GiB; run without -short")
	}
	inScope(t, func(ctx context.Context, s *ops.Scope) {
		const rows, cols = 1 << 13, 1<<13 + 4
		x := ops.Arange(s, ops.I32, 0, 1, rows*cols).Reshape(rows, cols)
		far := func(y *ops.Tensor) *ops.Tensor { return y.Narrow(0, rows-1, 1).Contiguous() }
		at := func(i int) int32 { return int32((rows-1)*cols + i) }
		want(t, ctx, "add", far(x.Add(x)), func(i int) int32 { return 2 * at(i) })
		want(t, ctx, "add of a row", far(x.Add(x.Narrow(0, 0, 1))), func(i int) int32 { return at(i) + int32(i) })
		want(t, ctx, "transposed", x.T().Contiguous().Narrow(0, cols-1, 1), func(i int) int32 { return int32(i*cols + cols - 1) })
		want(t, ctx, "row maxima", x.Max(1), func(i int) int32 { return int32(i*cols + cols - 1) })
		want(t, ctx, "column maxima", x.Max(0), at)
		want(t, ctx, "argmax", x.ArgMax(1), func(int) int64 { return cols - 1 })
	})
}

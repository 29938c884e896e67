package kernels

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/internal/philox"
	"github.com/tuff-ml/tuff/ops"
)

// place is where an index leads, straight from the definition.
func place(x, idx *ops.Spec, dim, e, k int) int {
	st, at := x.DenseStrides(), k
	at *= st[dim]
	for d := idx.Rank - 1; d >= 0; d-- {
		if d != dim {
			at += e % idx.Shape[d] * st[d]
		}
		e /= idx.Shape[d]
	}
	return at
}

// shapes of tensors and their indices, and the dimension.
var indexShapes = []struct {
	x, idx []int
	dim    int
}{
	{[]int{5}, []int{3}, 0}, {[]int{1}, []int{1}, 0}, {[]int{4, 7}, []int{4, 2}, 1}, {[]int{4, 7}, []int{9, 7}, 0}, {[]int{4, 7}, []int{9, 3}, 0},
	{[]int{2, 3, 4, 5}, []int{2, 3, 6, 5}, 2}, {[]int{2, 3, 4, 5}, []int{1, 2, 6, 4}, 2}, {[]int{2, 3, 4, 5}, []int{2, 2, 4, 5}, 3},
	{[]int{2, 2, 3, 2, 2, 2, 3, 2}, []int{2, 1, 3, 1, 4, 2, 2, 2}, 4}, {[]int{2, 1, 3, 1}, []int{2, 1, 3, 5}, 3},
}

func TestIndexDims(t *testing.T) {
	for _, c := range indexShapes {
		x, idx := ops.NewSpec(ops.F32, c.x...), ops.NewSpec(ops.I64, c.idx...)
		d := newIndexDims(&x, &idx, c.dim)
		st := x.DenseStrides()
		for e := range idx.Len() {
			k := (e * 7) % x.Shape[c.dim]
			at, rest := k*st[c.dim], e
			for i := d.rank - 1; i >= 0; i-- {
				at += rest % d.shape[i] * d.stride[i]
				rest /= d.shape[i]
			}
			if want := place(&x, &idx, c.dim, e, k); at != want || rest != 0 {
				t.Errorf("%v at %v along %d, merged to %+v: element %d: wanted place %d, got %d", x, idx, c.dim, d, e, want, at)
				break
			}
		}
	}
}

func TestColumnDims(t *testing.T) {
	for _, c := range indexShapes {
		x, idx := ops.NewSpec(ops.F32, c.x...), ops.NewSpec(ops.I64, c.idx...)
		d := newColumnDims(&x, &idx, c.dim)
		inner, before := 1, 1
		for i := range d.rank {
			if i >= d.rank-d.inner {
				inner *= d.shape[i]
			} else {
				before *= d.shape[i]
			}
		}
		if st := x.DenseStrides(); inner != st[c.dim] || before*inner*x.Shape[c.dim] != x.Len() || d.columns() != before*inner || d.rank > 7 {
			t.Errorf("%v at %v along %d: got %+v", x, idx, c.dim, d)
		}
	}
}

func TestScatterChunkCovers(t *testing.T) {
	for _, typ := range []gpu.DeviceType{gpu.Discrete, gpu.Software} {
		for _, n := range []int{1, 7, 1000, 1 << 20} {
			for _, columns := range []int{1, 63, 1 << 20} {
				for _, loop := range []int{0, 65535} {
					info := device(typ, 32<<10)
					info.Limits.MaxLoop = loop
					c := scatterChunk(info, n, columns)
					if r := scatterRows(info, 1<<20, c); c < 1 || c > n || r < 1 || (loop > 0 && c+r >= loop) {
						t.Errorf("%v: %d places, %d columns, loops to %d: chunk %d and %d rows", typ, n, columns, loop, c, r)
					}
				}
			}
		}
	}
}

func TestMoveUnit(t *testing.T) {
	for _, c := range []struct{ want, bytes, a, b int }{{16, 64, 16, 0}, {8, 64, 8, 0}, {4, 12, 16, 16}, {1, 5, 0, 0}, {2, 16, 2, 0}} {
		if got := moveUnit(c.bytes, c.a, c.b); got != c.want {
			t.Errorf("rows of %d bytes at %d and %d: wanted units of %d, got %d", c.bytes, c.a, c.b, c.want, got)
		}
	}
}

func TestSmokeIndexing(t *testing.T) {
	inScope(t, func(ctx context.Context, s *ops.Scope) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, c := range indexShapes {
			xs, is := ops.NewSpec(ops.F32, c.x...), ops.NewSpec(ops.I64, c.idx...)
			v, at, src := numbers(xs.Len()), make([]int64, is.Len()), numbers(is.Len())
			sum := append([]float32(nil), v...)
			for i := range at {
				at[i] = int64(r.IntN(c.x[c.dim]))
				sum[place(&xs, &is, c.dim, i, int(at[i]))] += src[i]
			}
			x, idx := ops.FromSlice(s, v, c.x...), ops.FromSlice(s, at, c.idx...)
			want(t, ctx, "gather", x.Gather(c.dim, idx), func(i int) float32 { return v[place(&xs, &is, c.dim, i, int(at[i]))] })
			want(t, ctx, "scatter_add", ops.ScatterAdd(x, c.dim, idx, ops.FromSlice(s, src, c.idx...)), func(i int) float32 { return sum[i] })
		}
	})
}

// TestSmokeWriteAt writes few rows and many, with indices that come twice, in
// units of all sizes.
func TestSmokeWriteAt(t *testing.T) {
	inScope(t, func(ctx context.Context, s *ops.Scope) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, inner := range []int{1, 2, 3, 4, 8} {
			for _, rows := range []int{1, 5, writeScan, writeScan + 1, 500} {
				const outer, n = 3, 40
				v, src, at := numbers(outer*n*inner), numbers(outer*rows*inner), make([]int64, rows)
				for j := range at {
					at[j] = int64(r.IntN(n))
				}
				x, idx := ops.FromSlice(s, v, outer, n, inner), ops.FromSlice(s, at, rows)
				x.WriteAt(s, 1, idx, ops.FromSlice(s, src, outer, rows, inner))
				w := append([]float32(nil), v...)
				for i := range outer {
					for j := range at {
						copy(w[(i*n+int(at[j]))*inner:][:inner], src[(i*rows+j)*inner:])
					}
				}
				want(t, ctx, "write_at", x, func(i int) float32 { return w[i] })
			}
		}
	})
}

func TestIndexErrorsNameTheirOp(t *testing.T) {
	dev, ctx := ops.NewDevice(openDevice(t), nil), context.Background()
	for op, f := range map[ops.Op]func(s *ops.Scope, bad int64) *ops.Tensor{
		"gather": func(s *ops.Scope, bad int64) *ops.Tensor {
			return ops.Zeros(s, ops.F32, 4).Gather(0, ops.FromSlice(s, []int64{0, bad}, 2))
		},
		"scatter_add": func(s *ops.Scope, bad int64) *ops.Tensor {
			return ops.ScatterAdd(ops.Zeros(s, ops.F32, 4), 0, ops.FromSlice(s, []int64{0, bad}, 2), ops.Ones(s, ops.F32, 2))
		},
		"one_hot": func(s *ops.Scope, bad int64) *ops.Tensor {
			return ops.FromSlice(s, []int64{0, bad}, 2).OneHot(4, ops.F32)
		},
		"write_at": func(s *ops.Scope, bad int64) *ops.Tensor {
			x := ops.Zeros(s, ops.F32, 4, 2)
			x.WriteAt(s, 0, ops.FromSlice(s, []int64{0, bad}, 2), ops.Ones(s, ops.F32, 2, 2))
			return x
		},
	} {
		for _, bad := range []int64{4, -1, 1 << 32, -1 << 40} {
			err := dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
				_, err := ops.ToSlice[float32](ctx, f(s, bad))
				return err
			})
			var index *ops.IndexError
			if !errors.As(err, &index) || *index != (ops.IndexError{Op: op, Index: bad, Limit: 4}) {
				t.Errorf("%s at %d of 4: wanted an index error that says so, got %v", op, bad, err)
			}
		}
	}
}

// TestSmokePermutation sorts the words of the stream by hand.
func TestSmokePermutation(t *testing.T) {
	dev, ctx := ops.NewDevice(openDevice(t), nil), context.Background()
	rng, err := dev.NewRand(99)
	if err != nil {
		t.Fatal(err)
	}
	defer rng.Release()
	for _, n := range []int{1, 2, 5, 2048, 2049, 100_000, 1_000_000} {
		_, counter, err := rng.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		err = dev.Scope(ctx, ops.Train(rng), func(s *ops.Scope) error {
			got, err := ops.ToSlice[int64](ctx, ops.Permutation(s, n))
			if err != nil {
				return err
			}
			seen := make([]bool, n)
			var before uint64
			for i, k := range got {
				w := philox.At(99, int64(counter), k/4)[k%4]
				key := uint64(w)<<32 | uint64(k)
				if seen[k] || (i > 0 && key <= before) {
					t.Errorf("%d: place %d holds %d, out of order or twice", n, i, k)
					return nil
				}
				seen[k], before = true, key
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

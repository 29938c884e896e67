package cpu

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// TestEveryOpHasAKernel: the CPU backend runs all there is.
func TestEveryOpHasAKernel(t *testing.T) {
	for _, d := range ops.Defs() {
		if d.NeedsKernel() != Registered(d.Op) {
			t.Errorf("%s: wanted a kernel: %v, got one: %v", d.Op, d.NeedsKernel(), Registered(d.Op))
		}
	}
}

func TestRegisterPanics(t *testing.T) {
	k := Kernel{Plan: planFull}
	for _, c := range []struct {
		op ops.Op
		k  Kernel
	}{{"add", k}, {"", k}, {"example.com/x.y", Kernel{}}} {
		if panics(func() { Register(c.op, c.k) }) == nil {
			t.Errorf("register %q: wanted a panic", c.op)
		}
	}
}

func TestPlanErrors(t *testing.T) {
	b := open(t, Options{})
	if _, err := b.Plan(&ops.Call{Op: "example.com/none"}); !errors.Is(err, ops.ErrUnsupported) {
		t.Errorf("wanted ErrUnsupported, got %v", err)
	}
	v := transposed(put(t, b, wavy[float32](6), 2, 3))
	_, err := b.Plan(&ops.Call{Op: "softmax", In: []ops.View{v}, Out: []ops.View{v}, Attr: ops.SoftmaxAttr{Dim: 1}})
	if !errors.Is(err, ops.ErrDense) || !strings.Contains(err.Error(), "softmax") {
		t.Errorf("wanted ErrDense for softmax, got %v", err)
	}
	s, _ := b.Stream()
	p := prepare(t, b, "neg", nil, [2]float64{}, v)
	if err := s.Run(p.plan, &ops.Call{Op: "abs"}); err == nil {
		t.Error("wanted an error for another op's plan")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []Options{{Threads: -1}, {Budget: -1}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v: wanted an error", o)
		}
	}
	b := open(t, Options{Threads: 3, Plain: true})
	if b.Name() != "cpu (plain Go, 3 threads)" {
		t.Errorf("wanted another name, got %q", b.Name())
	}
}

// sample is a call of some op, big enough to be spread over threads.
type sample struct {
	name string
	make func(t testing.TB, b *Backend) *prepared
}

var noConst [2]float64

// samples has a call of every op.
func samples() []sample {
	one := func(op ops.Op, attr any, k [2]float64, strided bool) sample {
		return sample{fmt.Sprintf("%s/strided=%v", op, strided), func(t testing.TB, b *Backend) *prepared {
			v := put(t, b, wavy[float32](300*401), 300, 401)
			if strided {
				v = transposed(v)
			}
			return prepare(t, b, op, attr, k, v)
		}}
	}
	two := func(op ops.Op, attr any, k [2]float64) sample {
		return sample{string(op), func(t testing.TB, b *Backend) *prepared {
			return prepare(t, b, op, attr, k, put(t, b, wavy[float32](300*401), 300, 401), put(t, b, wavy[float32](300*401), 300, 401))
		}}
	}
	var out []sample
	for _, d := range ops.Defs() {
		if !d.NeedsKernel() {
			continue
		}
		switch d.Stem {
		case "unary", "classify":
			out = append(out, one(d.Op, nil, [2]float64{1, 20}, false), one(d.Op, nil, [2]float64{1, 20}, true))
		case "unary_grad":
			out = append(out, two(d.Op, nil, [2]float64{1, 20}))
		case "binary":
			out = append(out, two(d.Op, ops.BinaryAttr{}, noConst), one(d.Op, ops.BinaryAttr{Scalar: ops.ScalarRight}, [2]float64{1.5}, true))
		case "reduce":
			for dims := uint8(1); dims < 4 && d.NeedsKernel() && d.Op != "any" && d.Op != "all"; dims++ {
				if d.Op != "argmax" && d.Op != "argmin" || dims < 3 {
					out = append(out, one(d.Op, ops.ReduceAttr{Dims: dims}, noConst, false), one(d.Op, ops.ReduceAttr{Dims: dims}, noConst, true))
				}
			}
		case "scan":
			for dim := range 2 {
				if d.Op == "linear_scan" {
					out = append(out, two(d.Op, ops.ScanAttr{Dim: dim}, noConst))
				} else {
					out = append(out, one(d.Op, ops.ScanAttr{Dim: dim, Reverse: dim == 1}, noConst, false))
				}
			}
		case "softmax":
			for dim := range 2 {
				if strings.HasSuffix(string(d.Op), "_grad") {
					out = append(out, two(d.Op, ops.SoftmaxAttr{Dim: dim}, noConst))
				} else {
					out = append(out, one(d.Op, ops.SoftmaxAttr{Dim: dim}, noConst, false))
				}
			}
		}
	}
	return append(out, otherSamples()...)
}

func otherSamples() []sample {
	f32 := func(t testing.TB, b *Backend, shape ...int) ops.View {
		n := ops.NewSpec(ops.F32, shape...)
		return put(t, b, wavy[float32](n.Len()), shape...)
	}
	index := func(t testing.TB, b *Backend, limit int, shape ...int) ops.View {
		n := ops.NewSpec(ops.I64, shape...)
		v := make([]int64, n.Len())
		for i := range v {
			v[i] = int64(i*7919) % int64(limit)
		}
		return put(t, b, v, shape...)
	}
	state := func(t testing.TB, b *Backend) ops.View { return put(t, b, []int64{5, 7}, 2) }
	shape := ops.ShapeAttr{Rank: 2, Shape: [8]int{301, 333}}
	row := ops.ShapeAttr{Rank: 1, Shape: [8]int{100003}}
	slice := ops.SliceAttr{Start: [8]int{1, 2}, Step: [8]int{2, 1}, Len: [8]int{150, 331}}
	adam := ops.AdamAttr{N: 2, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, WeightDecay: 0.1}
	sgd := ops.SGDAttr{N: 2, Momentum: 0.9, Nesterov: true, WeightDecay: 0.1}
	mk := func(op ops.Op, attr any, k [2]float64, in func(t testing.TB, b *Backend) []ops.View) sample {
		return sample{string(op), func(t testing.TB, b *Backend) *prepared { return prepare(t, b, op, attr, k, in(t, b)...) }}
	}
	v := func(in ...ops.View) []ops.View { return in }
	return []sample{
		mk("where", nil, noConst, func(t testing.TB, b *Backend) []ops.View {
			cond := put(t, b, bytes.Repeat([]byte{0, 1, 1}, 100*401), 300, 401)
			cond.DType = ops.Bool
			return v(cond, f32(t, b, 401), transposed(f32(t, b, 401, 300)))
		}),
		mk("cast", ops.CastAttr{To: ops.F16}, noConst, func(t testing.TB, b *Backend) []ops.View { return v(transposed(f32(t, b, 300, 401))) }),
		mk("contiguous", nil, noConst, func(t testing.TB, b *Backend) []ops.View { return v(transposed(f32(t, b, 300, 401))) }),
		mk("unslice", ops.UnsliceAttr{Slice: slice, Into: shape}, noConst, func(t testing.TB, b *Backend) []ops.View { return v(f32(t, b, 150, 331)) }),
		mk("concat", ops.ConcatAttr{Dim: 1}, noConst, func(t testing.TB, b *Backend) []ops.View {
			return v(f32(t, b, 300, 200), transposed(f32(t, b, 201, 300)))
		}),
		mk("matmul", ops.MatMulAttr{}, noConst, func(t testing.TB, b *Backend) []ops.View { return v(f32(t, b, 130, 300), f32(t, b, 300, 140)) }),
		mk("matmul", ops.MatMulAttr{}, noConst, func(t testing.TB, b *Backend) []ops.View { return v(f32(t, b, 2, 3000), f32(t, b, 3000, 140)) }),
		mk("matmul", ops.MatMulAttr{Act: ops.ActGELU}, noConst, func(t testing.TB, b *Backend) []ops.View {
			return v(f32(t, b, 20, 30, 50), f32(t, b, 20, 50, 40), f32(t, b, 40))
		}),
		mk("gather", ops.IndexAttr{Dim: 0}, noConst, func(t testing.TB, b *Backend) []ops.View { return v(f32(t, b, 50, 300), index(t, b, 50, 400, 299)) }),
		mk("scatter_add", ops.IndexAttr{Dim: 0}, noConst, func(t testing.TB, b *Backend) []ops.View {
			return v(f32(t, b, 50, 300), index(t, b, 50, 400, 299), f32(t, b, 400, 299))
		}),
		mk("one_hot", ops.OneHotAttr{Classes: 10, DType: ops.F32}, noConst, func(t testing.TB, b *Backend) []ops.View { return v(index(t, b, 10, 9000)) }),
		mk("full", ops.CreateAttr{DType: ops.F32, ShapeAttr: shape}, [2]float64{3}, func(testing.TB, *Backend) []ops.View { return nil }),
		mk("arange", ops.CreateAttr{DType: ops.F32, ShapeAttr: row}, [2]float64{3, 0.5}, func(testing.TB, *Backend) []ops.View { return nil }),
		mk("copy_", nil, noConst, func(t testing.TB, b *Backend) []ops.View {
			return v(transposed(f32(t, b, 300, 401)), f32(t, b, 401, 300))
		}),
		mk("add_", nil, [2]float64{1e-3}, func(t testing.TB, b *Backend) []ops.View { return v(transposed(f32(t, b, 300, 401)), f32(t, b, 300)) }),
		mk("lerp_", nil, [2]float64{0.5}, func(t testing.TB, b *Backend) []ops.View { return v(f32(t, b, 401, 300), f32(t, b, 401, 300)) }),
		mk("write_at", ops.IndexAttr{Dim: 0}, noConst, func(t testing.TB, b *Backend) []ops.View {
			return v(f32(t, b, 50, 3000), index(t, b, 50, 60), f32(t, b, 60, 3000))
		}),
		mk("uniform", ops.CreateAttr{DType: ops.F32, ShapeAttr: row}, [2]float64{-1, 1}, func(t testing.TB, b *Backend) []ops.View { return v(state(t, b)) }),
		mk("normal", ops.CreateAttr{DType: ops.F32, ShapeAttr: row}, [2]float64{0, 1}, func(t testing.TB, b *Backend) []ops.View { return v(state(t, b)) }),
		mk("bernoulli", ops.CreateAttr{DType: ops.Bool, ShapeAttr: row}, [2]float64{0.3}, func(t testing.TB, b *Backend) []ops.View { return v(state(t, b)) }),
		mk("permutation", ops.CreateAttr{DType: ops.I64, ShapeAttr: row}, noConst, func(t testing.TB, b *Backend) []ops.View { return v(state(t, b)) }),
		mk("rand_reserve", ops.ReserveAttr{Blocks: 9}, noConst, func(t testing.TB, b *Backend) []ops.View { return v(state(t, b)) }),
		mk("dropout", nil, [2]float64{0.3}, func(t testing.TB, b *Backend) []ops.View { return v(f32(t, b, 300, 401), state(t, b)) }),
		mk("sgd", sgd, noConst, func(t testing.TB, b *Backend) []ops.View {
			in := v(put(t, b, []float32{0.1}, 1), put(t, b, []float32{2}, 1))
			for range 3 {
				in = append(in, f32(t, b, 300, 401), f32(t, b, 7))
			}
			return in
		}),
		mk("adam", adam, noConst, func(t testing.TB, b *Backend) []ops.View {
			in := v(put(t, b, []float32{0.1}, 1), put(t, b, []float32{2}, 1))
			for i := range 4 {
				x := put(t, b, squares(300*401), 300, 401)
				if i < 3 {
					x = f32(t, b, 300, 401)
				}
				in = append(in, x, put(t, b, squares(7), 7))
			}
			return in
		}),
	}
}

// squares are positive, as second moments are.
func squares(n int) []float32 {
	v := wavy[float32](n)
	for i := range v {
		v[i] *= v[i]
	}
	return v
}

// TestThreadsDoNotMatter: every op gives the same bits with any number of
// threads, and leaves no element of its outputs unwritten.
func TestThreadsDoNotMatter(t *testing.T) {
	backends := make([]*Backend, 0, 4)
	for _, threads := range []int{1, 2, 3, 7} {
		backends = append(backends, open(t, Options{Threads: threads, Poison: true, Guard: true}))
	}
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			var want [][]byte
			for i, b := range backends {
				p := s.make(t, b)
				if err := p.run(); err != nil {
					t.Fatal(err)
				}
				for k := range p.call.Out {
					got := bytes.Clone(rawBytes(&p.call.Out[k]))
					if i == 0 {
						want = append(want, got)
						checkWritten(t, &p.call.Out[k])
					} else if !bytes.Equal(got, want[k]) {
						t.Errorf("output %d: wanted the bits of one thread, got others with %d", k, b.Threads())
					}
				}
			}
		})
	}
}

// checkWritten finds float32 elements that still hold poison. The samples give
// NaN for logarithms and roots of negative numbers, but with other bits.
func checkWritten(t *testing.T, v *ops.View) {
	t.Helper()
	if v.DType != ops.F32 {
		return
	}
	for i, x := range Data[float32](v)[:v.Len()] {
		if math.Float32bits(x) == 0xFFFFFFFF {
			t.Errorf("element %d: wanted it written, got poison", i)
			return
		}
	}
}

// TestNoAllocationInRun: in the steady state no op allocates Go memory, the
// strided ones and those of several phases included.
func TestNoAllocationInRun(t *testing.T) {
	if raceDetector {
		t.Skip("under the race detector sync.Pool drops items at random")
	}
	b := open(t, Options{Threads: 2})
	for _, s := range samples() {
		p := s.make(t, b)
		for range 3 {
			if err := p.run(); err != nil {
				t.Fatal(err)
			}
		}
		const runs = 20
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			_ = p.run()
		}
		runtime.ReadMemStats(&after)
		// A collection may empty the pools of temporaries once.
		if n := after.Mallocs - before.Mallocs; n >= runs/2 {
			t.Errorf("%s: wanted no allocation, got %d in %d runs", s.name, n, runs)
		}
	}
}

// TestManyStreams: plans and workers are shared by goroutines that run at once.
func TestManyStreams(t *testing.T) {
	b := open(t, Options{Threads: 2})
	x, y := put(t, b, wavy[float32](130*300), 130, 300), put(t, b, wavy[float32](300*140), 300, 140)
	shared := prepare(t, b, "matmul", ops.MatMulAttr{}, noConst, x, y)
	if err := shared.run(); err != nil {
		t.Fatal(err)
	}
	want := get[float32](t, shared.call.Out[0])
	var wg sync.WaitGroup
	for range 8 {
		mine := prepare(t, b, "matmul", ops.MatMulAttr{}, noConst, x, y)
		mine.plan = shared.plan
		wg.Go(func() {
			for range 20 {
				if err := mine.run(); err != nil {
					t.Error(err)
				}
				for i, v := range Data[float32](&mine.call.Out[0])[:len(want)] {
					if v != want[i] {
						t.Errorf("element %d: wanted %v, got %v", i, want[i], v)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestIndexErrors: an index outside is found before anything is written.
func TestIndexErrors(t *testing.T) {
	b := open(t, strict)
	x := put(t, b, []float32{1, 2, 3, 4, 5, 6}, 3, 2)
	for _, bad := range []int64{-1, 3, math.MaxInt64, math.MinInt64} {
		idx := put(t, b, []int64{0, bad}, 1, 2)
		for _, p := range []*prepared{
			prepare(t, b, "gather", ops.IndexAttr{Dim: 0}, noConst, x, idx),
			prepare(t, b, "scatter_add", ops.IndexAttr{Dim: 0}, noConst, x, idx, put(t, b, []float32{1, 1}, 1, 2)),
			prepare(t, b, "one_hot", ops.OneHotAttr{Classes: 3, DType: ops.F32}, noConst, idx),
			prepare(t, b, "write_at", ops.IndexAttr{Dim: 0}, noConst, x, put(t, b, []int64{0, bad}, 2), put(t, b, wavy[float32](4), 2, 2)),
		} {
			var e *ops.IndexError
			if err := p.run(); !errors.As(err, &e) || e.Op != p.call.Op || e.Index != bad || e.Limit != 3 {
				t.Errorf("%s with %d: wanted an IndexError with limit 3, got %v", p.call.Op, bad, err)
			}
		}
	}
	equal(t, "x", get[float32](t, x), []float32{1, 2, 3, 4, 5, 6})
}

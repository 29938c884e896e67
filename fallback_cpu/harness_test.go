package cpu

import (
	"context"
	"fmt"
	"math"
	"testing"
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

// open makes a backend that is closed, without leaks, when the test ends.
func open(t testing.TB, o Options) *Backend {
	t.Helper()
	b, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// strict is what most tests run with: reads of memory nobody wrote and writes
// outside of buffers show.
var strict = Options{Threads: 2, Poison: true, Guard: true}

// bytesOf shows values as bytes.
func bytesOf[T any](v []T) []byte {
	var t T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(t)))
}

// dtypeOf is the dtype that T stands for in tests.
func dtypeOf[T any]() ops.DType {
	var t T
	switch any(t).(type) {
	case float32:
		return ops.F32
	case float64:
		return ops.F64
	case int32:
		return ops.I32
	case int64:
		return ops.I64
	case uint16:
		return ops.F16
	case uint8:
		return ops.U8
	}
	panic("no dtype")
}

// put makes a dense view of the values.
func put[T any](t testing.TB, b *Backend, v []T, shape ...int) ops.View {
	t.Helper()
	s := ops.NewSpec(dtypeOf[T](), shape...)
	if s.Len() != len(v) {
		t.Fatalf("wanted %d values for %v, got %d", s.Len(), s, len(v))
	}
	buf, err := b.Alloc(s.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(buf.Release)
	if err := buf.Write(0, bytesOf(v)); err != nil {
		t.Fatal(err)
	}
	return ops.DenseView(s, buf)
}

// transposed swaps the last two dimensions of a view.
func transposed(v ops.View) ops.View {
	i, j := v.Rank-2, v.Rank-1
	v.Shape[i], v.Shape[j] = v.Shape[j], v.Shape[i]
	v.Strides[i], v.Strides[j] = v.Strides[j], v.Strides[i]
	return v
}

// expanded adds a leading dimension without a copy.
func expanded(v ops.View, n int) ops.View {
	out := v
	out.Rank++
	copy(out.Shape[1:], v.Shape[:v.Rank])
	copy(out.Strides[1:], v.Strides[:v.Rank])
	out.Shape[0], out.Strides[0] = n, 0
	return out
}

// prepared is a planned call that can be run again and again.
type prepared struct {
	stream ops.Stream
	plan   ops.Plan
	call   *ops.Call
}

func (p *prepared) run() error { return p.stream.Run(p.plan, p.call) }

// prepare infers outputs, allocates them and scratch, and plans.
func prepare(t testing.TB, b *Backend, op ops.Op, attr any, k [2]float64, in ...ops.View) *prepared {
	t.Helper()
	def := ops.Lookup(op)
	specs := make([]ops.Spec, len(in))
	for i := range in {
		specs[i] = in[i].Spec
	}
	outs, err := def.Infer(nil, specs, attr)
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	c := &ops.Call{Op: op, In: in, Attr: attr, Const: k}
	for i, s := range outs {
		if def.Alias != nil && def.Alias(attr, i) >= 0 {
			c.Out = append(c.Out, in[def.Alias(attr, i)])
			continue
		}
		c.Out = append(c.Out, empty(t, b, s))
	}
	p, err := b.Plan(c)
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	if n := p.Scratch(); n > 0 {
		c.Scratch = empty(t, b, ops.NewSpec(ops.U8, n))
	}
	stream, err := b.Stream()
	if err != nil {
		t.Fatal(err)
	}
	return &prepared{stream, p, c}
}

func empty(t testing.TB, b *Backend, s ops.Spec) ops.View {
	t.Helper()
	buf, err := b.Alloc(s.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(buf.Release)
	return ops.DenseView(s, buf)
}

// apply runs an op and returns its outputs.
func apply(t testing.TB, b *Backend, op ops.Op, attr any, k [2]float64, in ...ops.View) []ops.View {
	t.Helper()
	p := prepare(t, b, op, attr, k, in...)
	if err := p.run(); err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	return p.call.Out
}

// get reads a dense view back.
func get[T any](t testing.TB, v ops.View) []T {
	t.Helper()
	if !v.Dense() {
		t.Fatalf("wanted a dense view, got strides %v", v.Strides)
	}
	out := make([]T, v.Len())
	if err := v.Buf.Read(context.Background(), v.Offset*v.DType.Size(), bytesOf(out)); err != nil {
		t.Fatal(err)
	}
	return out
}

// wavy is n values of both signs and several sizes, the same every time.
func wavy[T float](n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(math.Sin(float64(i)*0.7)*3 + math.Cos(float64(i)*0.013))
	}
	return v
}

// near compares with an absolute and relative tolerance; NaN equals NaN.
func near[T float](t testing.TB, what string, got []T, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: wanted %d values, got %d", what, len(want), len(got))
	}
	for i, w := range want {
		g := float64(got[i])
		if g == w || g != g && w != w {
			continue
		}
		if !(math.Abs(g-w) <= tolerance*(1+math.Abs(w))) {
			t.Fatalf("%s: element %d: wanted %v, got %v", what, i, w, g)
		}
	}
}

func equal[T comparable](t testing.TB, what string, got, want []T) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%s: wanted %v, got %v", what, want, got)
	}
}

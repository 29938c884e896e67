package kernels

import (
	"fmt"
	"testing"
	"time"

	"github.com/tuff-ml/tuff/ops"
)

// call makes a call on fresh buffers, with a plan and scratch.
func call(t testing.TB, b *Backend, op ops.Op, attr any, in ...ops.Spec) (*ops.Call, ops.Plan) {
	t.Helper()
	alloc := func(s ops.Spec) ops.View {
		buf, err := b.Alloc(s.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(buf.Release)
		if err := buf.Write(0, make([]byte, s.Bytes())); err != nil {
			t.Fatal(err)
		}
		return ops.DenseView(s, buf)
	}
	c := &ops.Call{Op: op, Attr: attr, Const: [2]float64{1, 2}}
	outs, err := ops.Lookup(op).Infer(nil, in, attr)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range in {
		c.In = append(c.In, alloc(s))
	}
	for _, s := range outs {
		c.Out = append(c.Out, alloc(s))
	}
	p, err := b.Plan(c)
	if err != nil {
		t.Fatal(err)
	}
	if n := p.Scratch(); n > 0 {
		c.Scratch = alloc(ops.NewSpec(ops.U8, n))
	}
	return c, p
}

// BenchmarkRun is the host's cost of recording one op, as ns/run; an iteration
// is 200 of them, their submission and the wait for them.
func BenchmarkRun(b *testing.B) {
	f32 := func(shape ...int) ops.Spec { return ops.NewSpec(ops.F32, shape...) }
	for _, x := range []struct {
		name string
		op   ops.Op
		attr any
		in   []ops.Spec
	}{
		{"unary", "neg", nil, []ops.Spec{f32(4)}},
		{"binary", "add", ops.BinaryAttr{}, []ops.Spec{f32(4), f32(4)}},
		{"strided", "add", ops.BinaryAttr{}, []ops.Spec{f32(2, 2), f32(2, 1)}},
		{"reduce", "sum", ops.ReduceAttr{Dims: 1}, []ops.Spec{f32(4)}},
	} {
		b.Run("op="+x.name, func(b *testing.B) {
			be := openDevice(b)
			c, p := call(b, be, x.op, x.attr, x.in...)
			s, err := be.Stream()
			if err != nil {
				b.Fatal(err)
			}
			const runs = 200 // less than a batch, so that recording alone is timed
			var spent time.Duration
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				for range runs {
					if err := s.Run(p, c); err != nil {
						b.Fatal(err)
					}
				}
				spent += time.Since(start)
				if err := s.(*stream).g.Flush(); err != nil {
					b.Fatal(err)
				}
				if err := be.Sync(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N*runs), "ns/run")
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkOp is the device's speed on large tensors.
func BenchmarkOp(b *testing.B) {
	for _, x := range []struct {
		op    ops.Op
		attr  any
		shape []int
		in    int
		moved int // tensors of the shape read or written
	}{
		{"contiguous", nil, []int{1 << 24}, 1, 2},
		{"add", ops.BinaryAttr{}, []int{1 << 24}, 2, 3},
		{"exp", nil, []int{1 << 24}, 1, 2},
		{"tanh", nil, []int{1 << 24}, 1, 2},
		{"gelu", nil, []int{1 << 24}, 1, 2},
		{"sum", ops.ReduceAttr{Dims: 1}, []int{1 << 24}, 1, 1},
		{"sum", ops.ReduceAttr{Dims: 2}, []int{1 << 14, 1 << 10}, 1, 1},
		{"sum", ops.ReduceAttr{Dims: 1}, []int{1 << 14, 1 << 10}, 1, 1},
		{"var", ops.ReduceAttr{Dims: 2}, []int{1 << 14, 1 << 10}, 1, 1},
		{"logsumexp", ops.ReduceAttr{Dims: 2}, []int{1 << 14, 1 << 10}, 1, 1},
		{"softmax", ops.SoftmaxAttr{Dim: 1}, []int{1 << 14, 1 << 10}, 1, 2},
		{"softmax", ops.SoftmaxAttr{Dim: 1}, []int{1 << 18, 1 << 6}, 1, 2},
		{"softmax", ops.SoftmaxAttr{Dim: 0}, []int{1 << 10, 1 << 14}, 1, 2},
	} {
		b.Run(fmt.Sprintf("op=%s/attr=%v/shape=%v", x.op, x.attr, x.shape), func(b *testing.B) {
			be := openDevice(b)
			in := make([]ops.Spec, x.in)
			for i := range in {
				in[i] = ops.NewSpec(ops.F32, x.shape...)
			}
			c, p := call(b, be, x.op, x.attr, in...)
			s, err := be.Stream()
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(x.moved * in[0].Bytes()))
			for b.Loop() {
				if err := s.Run(p, c); err != nil {
					b.Fatal(err)
				}
				if err := s.(*stream).g.Flush(); err != nil {
					b.Fatal(err)
				}
				if err := be.Sync(); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

package cpu

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

func TestSizeClasses(t *testing.T) {
	last := 0
	for bytes := 1; bytes < 1<<20; bytes = bytes + 1 + bytes/50 {
		class, size := sizeClass(bytes)
		if size < bytes || size > bytes+max(64, bytes/8) || size%64 != 0 || classSize(class) != size {
			t.Fatalf("%d bytes: wanted a class of that size or an eighth more, got %d of size %d (%d)", bytes, class, size, classSize(class))
		}
		if class < last {
			t.Fatalf("%d bytes: wanted a class of at least %d, got %d", bytes, last, class)
		}
		last = class
	}
	if class, size := sizeClass(maxBytes); class >= classes || size != maxBytes {
		t.Errorf("wanted the largest size in the last class of %d, got %d of size %d", classes, class, size)
	}
	if class, size := sizeClass(0); class != 0 || size != 64 {
		t.Errorf("wanted class 0 of 64 bytes for nothing, got %d of %d", class, size)
	}
}

func TestBufferReadWrite(t *testing.T) {
	for _, o := range []Options{{}, {Guard: true}, {Poison: true}} {
		b := open(t, o)
		for _, n := range []int{0, 1, 63, 64, 65, 1000, 100000} {
			buf, err := b.Alloc(n)
			if err != nil {
				t.Fatal(err)
			}
			if p := uintptr(buf.(*Buffer).base); p%alignment != 0 {
				t.Errorf("%d bytes: wanted alignment to %d, got address %#x", n, alignment, p)
			}
			if buf.Bytes() != n {
				t.Errorf("wanted %d bytes, got %d", n, buf.Bytes())
			}
			src, dst := make([]byte, n), make([]byte, n)
			for i := range src {
				src[i] = byte(i * 7)
			}
			if err := errors.Join(buf.Write(0, src), buf.Read(context.Background(), 0, dst)); err != nil {
				t.Error(err)
			}
			equal(t, "content", dst, src)
			for _, c := range []struct{ off, n int }{{-1, 0}, {n, 1}, {n + 1, 0}, {0, n + 1}} {
				if err := buf.Write(c.off, make([]byte, c.n)); err == nil {
					t.Errorf("%d bytes: wanted an error for a write of %d at %d", n, c.n, c.off)
				}
				if err := buf.Read(context.Background(), c.off, make([]byte, c.n)); err == nil {
					t.Errorf("%d bytes: wanted an error for a read of %d at %d", n, c.n, c.off)
				}
			}
			buf.Release()
		}
	}
}

func TestReadHonoursContext(t *testing.T) {
	b := open(t, Options{})
	buf, _ := b.Alloc(8)
	defer buf.Release()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := buf.Read(ctx, 0, make([]byte, 8)); !errors.Is(err, context.Canceled) {
		t.Errorf("wanted context.Canceled, got %v", err)
	}
}

func TestReuseAndStats(t *testing.T) {
	b := open(t, Options{})
	first, _ := b.Alloc(1000)
	base := first.(*Buffer).base
	if s := b.MemStats(); s.InUse != 1024 || s.Peak != 1024 || s.Pooled != 0 {
		t.Errorf("wanted 1024 bytes in use, got %+v", s)
	}
	first.Retain()
	first.Release()
	if s := b.MemStats(); s.InUse != 1024 {
		t.Errorf("wanted 1024 bytes in use after Retain and Release, got %+v", s)
	}
	first.Release()
	if s := b.MemStats(); s.InUse != 0 || s.Peak != 1024 || s.Pooled != 1024 {
		t.Errorf("wanted 1024 bytes pooled, got %+v", s)
	}
	second, _ := b.Alloc(990)
	defer second.Release()
	if second.(*Buffer).base != base {
		t.Error("wanted the released memory again, got other memory")
	}
}

func TestPoolIsBounded(t *testing.T) {
	b := open(t, Options{})
	for size := 1 << 20; size < 64<<20; size += 3 << 20 {
		buf, err := b.Alloc(size)
		if err != nil {
			t.Fatal(err)
		}
		buf.Release()
		if s := b.MemStats(); s.Pooled > poolFloor+s.Peak {
			t.Fatalf("wanted at most %d bytes pooled, got %+v", poolFloor+s.Peak, s)
		}
	}
}

func TestBudget(t *testing.T) {
	b := open(t, Options{Budget: 10000})
	small, err := b.Alloc(4000) // takes 4096
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Alloc(6000) // wants 6144
	if !errors.Is(err, ops.ErrOutOfMemory) {
		t.Fatalf("wanted ErrOutOfMemory, got %v", err)
	}
	for _, part := range []string{"asked for 6000", "4096 in use", "5904 free"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("wanted %q in the text, got %q", part, err)
		}
	}
	small.Release()
	large, err := b.Alloc(6000) // the pooled 4096 must go
	if err != nil {
		t.Fatal(err)
	}
	if s := b.MemStats(); s.InUse+s.Pooled > 10000 {
		t.Errorf("wanted the budget kept, got %+v", s)
	}
	large.Release()
	for _, n := range []int{-1, maxBytes + 1} {
		if _, err := b.Alloc(n); !errors.Is(err, ops.ErrOutOfMemory) {
			t.Errorf("%d bytes: wanted ErrOutOfMemory, got %v", n, err)
		}
	}
}

func panics(f func()) (r any) {
	defer func() { r = recover() }()
	f()
	return nil
}

func TestReleasedBuffersPanic(t *testing.T) {
	for _, o := range []Options{{}, strict} {
		b := open(t, o)
		buf, _ := b.Alloc(100)
		buf.Release()
		if panics(buf.Release) == nil || panics(buf.Retain) == nil {
			t.Error("wanted a panic for a released buffer")
		}
		if err := buf.Write(0, []byte{1}); err == nil {
			t.Error("wanted an error for a write to a released buffer")
		}
	}
}

func TestCloseWithLeak(t *testing.T) {
	b, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	buf, _ := b.Alloc(100)
	if err := b.Close(); err == nil || !strings.Contains(err.Error(), "128 bytes in use") {
		t.Errorf("wanted an error about 128 bytes in use, got %v", err)
	}
	buf.Release()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestPoison(t *testing.T) {
	b := open(t, Options{Poison: true})
	for range 2 { // fresh, then reused
		buf, _ := b.Alloc(4 * 100)
		v := ops.DenseView(ops.NewSpec(ops.F32, 100), buf)
		for i, x := range Data[float32](&v) {
			if x == x {
				t.Fatalf("element %d: wanted NaN, got %v", i, x)
			}
			Data[float32](&v)[i] = 1
		}
		buf.Release()
	}
}

func TestAllocatorIsSafeAndAllocationFree(t *testing.T) {
	b := open(t, Options{})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				buf, err := b.Alloc(100 + (i*g)%5000)
				if err != nil {
					t.Error(err)
					return
				}
				buf.(*Buffer).all()[0] = byte(g)
				if buf.(*Buffer).all()[0] != byte(g) {
					t.Error("wanted a buffer of my own, got a shared one")
				}
				buf.Release()
			}
		})
	}
	wg.Wait()
	if s := b.MemStats(); s.InUse != 0 {
		t.Errorf("wanted nothing in use, got %+v", s)
	}
	if n := testing.AllocsPerRun(100, func() { buf, _ := b.Alloc(5000); buf.Release() }); n != 0 {
		t.Errorf("wanted no Go allocation, got %v", n)
	}
}

// TestGuard: kernels that write before and behind their output are found, and
// named.
func TestGuard(t *testing.T) {
	b := open(t, Options{Guard: true, Threads: 1})
	for place, off := range map[string]int{"before": -1, "behind": 12} {
		x := put(t, b, []float32{1, 2, 3}, 3)
		p := prepare(t, b, "neg", nil, [2]float64{}, x)
		good := p.plan
		p.plan = &plan{op: "neg", run: func(_ *Ctx, c *ops.Call) error {
			*(*byte)(unsafe.Add(c.Out[0].Buf.(*Buffer).base, off)) = 0
			return nil
		}}
		err := p.run()
		if err == nil || !strings.Contains(err.Error(), "cpu: neg: ") || !strings.Contains(err.Error(), place) {
			t.Errorf("wanted an error that names neg and %q, got %v", place, err)
		}
		*(*byte)(unsafe.Add(p.call.Out[0].Buf.(*Buffer).base, off)) = guardByte
		p.plan = good
		if err := p.run(); err != nil {
			t.Errorf("wanted no error from a good kernel, got %v", err)
		}
	}
}

func BenchmarkAlloc(b *testing.B) {
	c := open(b, Options{})
	b.ReportAllocs()
	for b.Loop() {
		buf, _ := c.Alloc(4096)
		buf.Release()
	}
}

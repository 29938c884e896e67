//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestStreamErrors(t *testing.T) {
	d := open(t, nil)
	p := pipe(t, d, addProgram)
	x := buffer(t, d, 64)
	gone, err := d.NewBuffer(64)
	must(t, err)
	gone.Release()
	s := stream(t, d)
	push := make([]byte, 32)
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"push size", s.Dispatch(p, [3]uint32{1, 1, 1}, push[:28], nil), "wanted 32 bytes of push constants, got 28"},
		{"zero grid", s.Dispatch(p, [3]uint32{1, 0, 1}, push, nil), "wanted a grid"},
		{"large grid", s.Dispatch(p, [3]uint32{1, 1 << 31, 1}, push, nil), "wanted a grid"},
		{"no pipeline", s.Dispatch(nil, [3]uint32{1, 1, 1}, push, nil), "wanted a pipeline"},
		{"range", s.Dispatch(p, [3]uint32{1, 1, 1}, push, []Range{{x, 60, 8, true}}), "within the buffer's 64, got [60, 68)"},
		{"nil buffer", s.Dispatch(p, [3]uint32{1, 1, 1}, push, []Range{{}}), "wanted a buffer"},
		{"released", s.Fill(gone, 0, 64, 0), "released"},
		{"fill alignment", s.Fill(x, 2, 4, 0), "multiples of 4"},
		{"copy overlap", s.Copy(x, 8, x, 0, 16), "do not overlap"},
		{"copy range", s.Copy(x, 0, x, 32, 33), "within the buffer's 64"},
		{"write range", x.Write(60, make([]byte, 5)), "within the buffer's 64"},
		{"read range", x.Read(bg, -1, make([]byte, 5)), "within the buffer's 64"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: wanted an error with %q, got %v", c.name, c.want, c.err)
		}
	}
	must(t, s.Wait(bg))
	must(t, s.Close())
	must(t, s.Close())
	if err := s.Fill(x, 0, 4, 0); !errors.Is(err, ErrClosed) {
		t.Errorf("use after close: wanted ErrClosed, got %v", err)
	}
}

func TestContext(t *testing.T) {
	d := open(t, nil)
	p := pipe(t, d, spinProgram)
	x := buffer(t, d, 8)
	s := stream(t, d)
	must(t, spin(s, p, x, 20_000_000, 1))
	ctx, cancel := context.WithTimeout(bg, 10*time.Millisecond)
	defer cancel()
	if err := x.Read(ctx, 0, make([]byte, 4)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wanted the context's error, got %v", err)
	}
	if got := readWords(t, x, 1); got[0] != 1 {
		t.Errorf("the work itself: wanted 1, got %d", got[0])
	}
	must(t, s.Close())
}

// TestManyStreams opens and closes more streams than there are fault records in
// a chunk, and finds their objects reused.
func TestManyStreams(t *testing.T) {
	d := open(t, nil)
	x := buffer(t, d, 1024)
	for i := range 400 {
		s := stream(t, d)
		must(t, s.Fill(x, 0, 1024, uint32(i)))
		must(t, s.Close())
	}
	if got := readWords(t, x, 1); got[0] != 399 {
		t.Errorf("wanted 399, got %d", got[0])
	}
	if n := len(d.resAll); n > maxClosed+2 {
		t.Errorf("wanted closed streams' objects reused, got %d sets for 400 streams", n)
	}
	var open []*Stream
	for range recordsChunk + 10 {
		s := stream(t, d)
		if s.FaultAddr() == 0 {
			t.Fatal("no fault record")
		}
		open = append(open, s)
	}
	for _, s := range open {
		must(t, s.Close())
	}
	must(t, d.Sync(bg))
}

// TestGoroutines: 64 goroutines on one device, each with its own stream and
// buffers, reading one shared buffer; one more reads and writes everybody's.
func TestGoroutines(t *testing.T) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			d := open(t, &m.opt)
			const n, rounds = 256, 12
			shared := buffer(t, d, 4*n)
			must(t, shared.Write(0, words(n, func(i int) uint32 { return uint32(i) })))
			var wg sync.WaitGroup
			for g := range 64 {
				wg.Add(1)
				go func() {
					defer wg.Done()
					if err := worker(d, shared, uint32(g), n, rounds); err != nil {
						t.Errorf("goroutine %d: %v", g, err)
					}
				}()
			}
			stop := make(chan struct{})
			var extra sync.WaitGroup
			extra.Add(1)
			go func() {
				defer extra.Done()
				for {
					select {
					case <-stop:
						return
					default:
						d.Stats()
						if err := d.Sync(bg); err != nil {
							t.Error(err)
							return
						}
					}
				}
			}()
			wg.Wait()
			close(stop)
			extra.Wait()
			if s := d.Stats(); s.Buffers != 1 {
				t.Errorf("wanted only the shared buffer alive, got %d", s.Buffers)
			}
		})
	}
}

// worker adds the shared buffer to its own, rounds times, with temporaries.
func worker(d *Device, shared *Buffer, id uint32, n, rounds int) error {
	p, err := d.Pipeline(addProgram)
	if err != nil {
		return err
	}
	s, err := d.NewStream()
	if err != nil {
		return err
	}
	x, err := d.NewBuffer(4 * n)
	if err != nil {
		return err
	}
	if err := x.Write(0, words(n, func(int) uint32 { return id })); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(uint64(id), 1))
	for range rounds {
		y, err := d.NewBuffer(4 * n)
		if err != nil {
			return err
		}
		if err := add(s, p, x, shared, y, uint32(n), 1); err != nil {
			return err
		}
		x.Release()
		x = y
		if rng.IntN(4) == 0 {
			if err := s.Flush(); err != nil {
				return err
			}
		}
	}
	out := make([]byte, 4*n)
	if err := x.Read(bg, 0, out); err != nil {
		return err
	}
	x.Release()
	for i := range n {
		if got, want := binary.LittleEndian.Uint32(out[4*i:]), id+uint32(rounds*i); got != want {
			return errors.New("wrong result")
		}
	}
	return s.Close()
}

// TestGC makes pipelines and submits batches while a loop collects garbage:
// the binding's slices are freed under running calls, the shim's are not.
func TestGC(t *testing.T) {
	d := open(t, nil)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	const n = 512
	a, b := buffer(t, d, 4*n), buffer(t, d, 4*n)
	s := stream(t, d)
	var want uint32
	must(t, a.Write(0, make([]byte, 4*n)))
	must(t, b.Write(0, words(n, func(int) uint32 { return 1 })))
	for i := range 60 {
		p := addProgram
		p.Spec = []SpecConst{{0, 64}, {1000, uint32(i)}} // another pipeline each time
		pl := pipe(t, d, p)
		for range 5 {
			must(t, add(s, pl, a, b, a, n, 1))
			want++
		}
		must(t, s.Flush())
		if i%10 == 0 {
			if got := readWords(t, a, n); got[0] != want {
				t.Fatalf("wanted %d, got %d", want, got[0])
			}
		}
	}
	must(t, s.Wait(bg))
	close(stop)
	wg.Wait()
	if got := readWords(t, a, n); got[n-1] != want {
		t.Fatalf("wanted %d, got %d", want, got[n-1])
	}
	if got := d.Stats().PipelinesMade; got != 60 {
		t.Errorf("wanted 60 pipelines, got %d", got)
	}
	must(t, s.Close())
}

// TestUploadRing pushes more through the ring than it holds, behind work that
// keeps the target busy, so that nothing takes the short way.
func TestUploadRing(t *testing.T) {
	d := open(t, nil)
	p := pipe(t, d, spinProgram)
	x := buffer(t, d, 3<<20)
	s := stream(t, d)
	src := make([]byte, 3<<20)
	for round := range 12 {
		must(t, spin(s, p, x, 2_000_000, 1))
		for i := range src {
			src[i] = byte(i + round)
		}
		must(t, x.Write(0, src))
		clear(src)
	}
	got := make([]byte, len(src))
	must(t, x.Read(bg, 0, got))
	for i, v := range got {
		if v != byte(i+11) {
			t.Fatalf("byte %d: wanted %d, got %d", i, byte(i+11), v)
		}
	}
	if d.Stats().StagedWrites < 8 {
		t.Errorf("wanted the writes behind running work staged, got %d", d.Stats().StagedWrites)
	}
	must(t, s.Close())
}

func TestRingFit(t *testing.T) {
	p := func(off int) []part { return []part{{off: off}} }
	for _, c := range []struct {
		head, n int
		parts   []part
		at      int
		ok      bool
	}{
		{5000, 64, nil, 0, true},
		{64, 100, p(0), 64, true},
		{ringBytes - 64, 65, p(0), 0, false},
		{ringBytes - 64, 65, p(1024), 0, true},
		{ringBytes - 64, 1024, p(1024), 0, false},
		{512, 511, p(1024), 512, true},
		{512, 512, p(1024), 0, false},
		{0, 64, p(0), 0, false},
	} {
		at, ok := ringFit(c.head, c.n, c.parts)
		if ok != c.ok || ok && at != c.at {
			t.Errorf("head %d, %d bytes, oldest %v: wanted %d %v, got %d %v", c.head, c.n, c.parts, c.at, c.ok, at, ok)
		}
	}
}

//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"testing"
	"time"
)

func TestHazards(t *testing.T) {
	type use struct {
		lo, hi uint64
		write  bool
	}
	for _, c := range []struct {
		name          string
		first, second use
		want          bool
	}{
		{"read after write", use{0, 16, true}, use{8, 24, false}, true},
		{"write after read", use{0, 16, false}, use{8, 24, true}, true},
		{"write after write", use{0, 16, true}, use{15, 16, true}, true},
		{"read after read", use{0, 16, false}, use{0, 16, false}, false},
		{"neighbours", use{0, 16, true}, use{16, 32, true}, false},
		{"neighbours below", use{16, 32, true}, use{0, 16, false}, false},
		{"inside", use{0, 100, true}, use{40, 41, false}, true},
		{"around", use{40, 41, true}, use{0, 100, false}, true},
	} {
		var h hazards
		h.add(span{c.first.lo, c.first.hi}, c.first.write)
		if got := h.conflict(span{c.second.lo, c.second.hi}, c.second.write); got != c.want {
			t.Errorf("%s: wanted %v, got %v", c.name, c.want, got)
		}
		h.reset()
		if h.conflict(span{c.second.lo, c.second.hi}, c.second.write) {
			t.Errorf("%s: a conflict is left after the barrier", c.name)
		}
	}
}

// TestBarrierCount counts the barriers that the device was given for chains
// whose need is known.
func TestBarrierCount(t *testing.T) {
	d := open(t, nil)
	p := pipe(t, d, addProgram)
	const n = 64
	b := make([]*Buffer, 6)
	for i := range b {
		b[i] = buffer(t, d, 4*n)
		must(t, b[i].Write(0, words(n, func(int) uint32 { return 1 })))
	}
	for _, c := range []struct {
		name string
		ops  [][3]int // a, b, c: c = a + b
		want int
	}{
		{"one", [][3]int{{0, 1, 2}}, 0},
		{"independent", [][3]int{{0, 1, 2}, {0, 1, 3}, {0, 1, 4}}, 0},
		{"read after write", [][3]int{{0, 1, 2}, {2, 1, 3}}, 1},
		{"write after read", [][3]int{{0, 1, 2}, {3, 4, 0}}, 1},
		{"write after write", [][3]int{{0, 1, 2}, {0, 1, 2}}, 1},
		{"in place", [][3]int{{2, 1, 2}}, 0},
		{"chain", [][3]int{{0, 1, 2}, {2, 1, 3}, {3, 1, 4}, {4, 1, 5}}, 3},
		{"one barrier serves two", [][3]int{{0, 1, 2}, {0, 1, 3}, {2, 1, 4}, {3, 1, 5}}, 1},
	} {
		s := stream(t, d)
		before := d.Stats().Barriers
		for _, o := range c.ops {
			must(t, add(s, p, b[o[0]], b[o[1]], b[o[2]], n, 1))
		}
		must(t, s.Wait(bg))
		if got := d.Stats().Barriers - before; got != c.want {
			t.Errorf("%s: wanted %d barriers, got %d", c.name, c.want, got)
		}
		must(t, s.Close())
	}
}

// TestRangesOfOneBuffer: halves of one buffer do not wait for each other.
func TestRangesOfOneBuffer(t *testing.T) {
	d := open(t, nil)
	x := buffer(t, d, 1024)
	s := stream(t, d)
	must(t, s.Fill(x, 0, 512, 1))
	must(t, s.Fill(x, 512, 512, 2))
	must(t, s.Copy(x, 512, x, 0, 256)) // needs a barrier
	must(t, s.Wait(bg))
	if got := d.Stats().Barriers; got != 1 {
		t.Errorf("wanted 1 barrier, got %d", got)
	}
	got := readWords(t, x, 256)
	if got[127] != 1 || got[128] != 1 || got[191] != 1 || got[192] != 2 {
		t.Errorf("wanted 1 1 1 2 at the borders, got %d %d %d %d", got[127], got[128], got[191], got[192])
	}
	must(t, s.Close())
}

// TestChain runs a long chain whose every step depends on the one before, in
// many batches, and with the buffers changing roles.
func TestChain(t *testing.T) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			d := open(t, &m.opt)
			p := pipe(t, d, addProgram)
			const n, steps = 4096, 700
			a, b := buffer(t, d, 4*n), buffer(t, d, 4*n)
			one := buffer(t, d, 4*n)
			must(t, one.Write(0, words(n, func(int) uint32 { return 1 })))
			must(t, a.Write(0, make([]byte, 4*n)))
			s := stream(t, d)
			for range steps {
				must(t, add(s, p, a, one, b, n, 1))
				a, b = b, a
			}
			for i, v := range readWords(t, a, n) {
				if v != steps {
					t.Fatalf("element %d: wanted %d, got %d", i, steps, v)
				}
			}
			must(t, s.Close())
			if got := d.Stats().Submissions; got < steps/batchCommands {
				t.Errorf("wanted batches of at most %d commands, got %d batches for %d", batchCommands, got, steps)
			}
		})
	}
}

// TestMemoryReuse releases and allocates between commands, so that buffers
// share memory within one batch; the hazards must follow the memory.
func TestMemoryReuse(t *testing.T) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			d := open(t, &m.opt)
			p := pipe(t, d, addProgram)
			const n, steps = 4096, 300
			one := buffer(t, d, 4*n)
			must(t, one.Write(0, words(n, func(int) uint32 { return 1 })))
			s := stream(t, d)
			x, err := d.NewBuffer(4 * n)
			must(t, err)
			must(t, s.Fill(x, 0, 4*n, 0))
			seen := map[uint64]bool{}
			for range steps {
				y, err := d.NewBuffer(4 * n)
				must(t, err)
				must(t, add(s, p, x, one, y, n, 1))
				x.Release()
				x = y
				seen[y.Address()] = true
			}
			for i, v := range readWords(t, x, n) {
				if v != steps {
					t.Fatalf("element %d: wanted %d, got %d", i, steps, v)
				}
			}
			x.Release()
			if len(seen) > 3 {
				t.Errorf("wanted memory reused at once, got %d addresses for %d buffers", len(seen), steps)
			}
			must(t, s.Close())
		})
	}
}

// TestReuseAcrossStreams: memory freed with unsubmitted work of one stream is
// written by another stream, and by the host.
func TestReuseAcrossStreams(t *testing.T) {
	d := open(t, nil)
	p, slow := pipe(t, d, addProgram), pipe(t, d, spinProgram)
	const n = 1024
	one, out := buffer(t, d, 4*n), buffer(t, d, 4*n)
	must(t, one.Write(0, words(n, func(int) uint32 { return 1 })))
	a, b := stream(t, d), stream(t, d)
	for round := range 20 {
		x, err := d.NewBuffer(4 * n)
		must(t, err)
		addr := x.Address()
		must(t, spin(a, slow, x, 100000, 5))
		must(t, a.Fill(x, 0, 4*n, 7))
		must(t, add(a, p, x, one, out, n, 1))
		x.Release() // a's batch is not submitted
		y, err := d.NewBuffer(4 * n)
		must(t, err)
		if y.Address() != addr {
			t.Fatalf("wanted the freed memory again, got another address")
		}
		if round%2 == 0 {
			must(t, b.Fill(y, 0, 4*n, 9))
		} else {
			must(t, y.Write(0, words(n, func(int) uint32 { return 9 })))
		}
		if got := readWords(t, out, n); got[0] != 8 || got[n-1] != 8 {
			t.Fatalf("round %d: wanted 8, got %d and %d", round, got[0], got[n-1])
		}
		if got := readWords(t, y, n); got[0] != 9 || got[n-1] != 9 {
			t.Fatalf("round %d: wanted 9, got %d and %d", round, got[0], got[n-1])
		}
		y.Release()
	}
	must(t, a.Close())
	must(t, b.Close())
}

// TestAcrossStreams: each pair of uses in two streams, without any Flush.
func TestAcrossStreams(t *testing.T) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			d := open(t, &m.opt)
			p := pipe(t, d, addProgram)
			const n = 512
			one, x, y := buffer(t, d, 4*n), buffer(t, d, 4*n), buffer(t, d, 4*n)
			must(t, one.Write(0, words(n, func(int) uint32 { return 1 })))
			must(t, x.Write(0, make([]byte, 4*n)))
			a, b := stream(t, d), stream(t, d)
			for range 10 {
				must(t, add(a, p, x, one, y, n, 1)) // a writes y
				must(t, add(b, p, y, one, x, n, 1)) // b reads y (after a's write) and writes x (after a's read)
			}
			if got := readWords(t, x, n); got[0] != 20 || got[n-1] != 20 {
				t.Fatalf("wanted 20, got %d and %d", got[0], got[n-1])
			}
			must(t, y.Write(0, words(n, func(int) uint32 { return 100 })))
			must(t, add(a, p, y, one, x, n, 1))
			must(t, y.Write(0, words(n, func(int) uint32 { return 200 }))) // after a's unsubmitted read
			must(t, add(b, p, y, x, y, n, 1))
			if got := readWords(t, y, n); got[0] != 301 {
				t.Fatalf("wanted 301, got %d", got[0])
			}
			must(t, a.Close())
			must(t, b.Close())
		})
	}
}

// TestReadWaitsForItsWriterOnly: a read returns while later work on another
// buffer is still running.
func TestReadWaitsForItsWriterOnly(t *testing.T) {
	for _, opt := range []*Options{nil, {Disable: []string{"timeline"}}} {
		d := open(t, opt)
		if !d.Info().Features.HostCached {
			t.Skip("reads of this device go through the queue")
		}
		p := pipe(t, d, spinProgram)
		x, y := buffer(t, d, 8), buffer(t, d, 8)
		s := stream(t, d)
		must(t, spin(s, p, x, 1000, 42))
		must(t, s.Flush())
		must(t, spin(s, p, y, 40_000_000, 43))
		must(t, s.Flush())
		start := time.Now()
		if got := readWords(t, x, 1); got[0] != 42 {
			t.Fatalf("wanted 42, got %d", got[0])
		}
		fast := time.Since(start)
		d.poll()
		running := d.completed.Load() < d.lastSeq.Load()
		if got := readWords(t, y, 1); got[0] != 43 {
			t.Fatalf("wanted 43, got %d", got[0])
		}
		slow := time.Since(start)
		if !running {
			t.Errorf("the read of x waited for y: %v of %v", fast, slow)
		}
		must(t, s.Close())
	}
}

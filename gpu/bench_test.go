//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"fmt"
	"testing"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// forget drops the recorded batch without submitting it.
func (s *Stream) forget() {
	s.mu.Lock()
	s.cur.seq.Store(1)
	s.cur, s.dirty = &batch{stream: s}, false
	s.cmds, s.push, s.labels = s.cmds[:0], s.push[:0], s.labels[:0]
	s.hz.reset()
	s.seconds, s.barrier = 0, false
	s.mu.Unlock()
}

// BenchmarkRecord measures what one kernel costs the host: recording it in Go
// (three ranges, 32 bytes of push constants), and replaying it through the shim
// into a command buffer, in batches of 200. chain needs a barrier for every
// kernel, free for none.
func BenchmarkRecord(b *testing.B) {
	d := open(b, nil)
	p := pipe(b, d, addProgram)
	const n, perBatch = 64, 200
	bufs := make([]*Buffer, 3*perBatch)
	for i := range bufs {
		bufs[i] = buffer(b, d, 4*n)
	}
	record := func(s *Stream, chain bool, i int) error {
		i %= perBatch
		if chain {
			return add(s, p, bufs[i%2], bufs[2], bufs[1-i%2], n, 1)
		}
		return add(s, p, bufs[3*(i%40)], bufs[3*(i%40)+1], bufs[3*(i%40)+2], n, 1)
	}
	for _, mode := range []string{"chain", "free"} {
		b.Run(fmt.Sprintf("stage=record/ranges=3/deps=%s", mode), func(b *testing.B) {
			s := stream(b, d)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := record(s, mode == "chain", i); err != nil {
					b.Fatal(err)
				}
				if i%perBatch == perBatch-1 || mode == "free" && i%40 == 39 {
					s.forget()
				}
			}
			s.forget()
			must(b, s.Close())
		})
		b.Run(fmt.Sprintf("stage=replay/batch=%d/deps=%s", perBatch, mode), func(b *testing.B) {
			s := stream(b, d)
			for i := range perBatch {
				must(b, record(s, mode == "chain", i))
			}
			cb, err := s.res.next(perBatch)
			must(b, err)
			b.ReportAllocs()
			kernels := 0
			for b.Loop() {
				if r := d.vkx.Replay(cb.handle, s.cmds, s.push, 0); r != vkx.Success {
					b.Fatal(r)
				}
				kernels += perBatch
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(kernels), "ns/kernel")
			s.forget()
			must(b, s.Close())
		})
	}
	b.Run("stage=submit_and_wait/batch=1", func(b *testing.B) {
		s := stream(b, d)
		b.ReportAllocs()
		for b.Loop() {
			must(b, record(s, true, 0))
			must(b, s.Wait(bg))
		}
		must(b, s.Close())
	})
}

// TestRecordAllocates holds the promise of the benchmark: recording one kernel
// allocates nothing (one small record for each batch aside).
func TestRecordAllocates(t *testing.T) {
	d := open(t, nil)
	p := pipe(t, d, addProgram)
	x, y, z := buffer(t, d, 256), buffer(t, d, 256), buffer(t, d, 256)
	s := stream(t, d)
	run := func() {
		for range 200 {
			s.Mark("add")
			s.Cost(64, 768)
			if err := add(s, p, x, y, z, 64, 1); err != nil {
				t.Fatal(err)
			}
		}
		s.forget()
	}
	run()
	if got := testing.AllocsPerRun(20, run); got > 2 {
		t.Errorf("200 kernels: wanted at most 2 allocations, got %v", got)
	}
	must(t, s.Close())
}

// BenchmarkBuffer measures taking and releasing pooled memory.
func BenchmarkBuffer(b *testing.B) {
	d := open(b, nil)
	for _, size := range []int{1 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x, err := d.NewBuffer(size)
				if err != nil {
					b.Fatal(err)
				}
				x.Release()
			}
		})
	}
}

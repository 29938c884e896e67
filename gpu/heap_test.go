//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"math/rand/v2"
	"testing"
)

// check walks a block: pieces tile it, no two free ones are neighbours, and the
// free bytes are what the heap says.
func (h *heap) check(t *testing.T, blocks []*block) {
	t.Helper()
	free := 0
	for _, b := range blocks {
		end := 0
		var prev *piece
		for p := b.first; p != nil; prev, p = p, p.next {
			if p.off != end || p.size < granule || p.off%granule != 0 || p.prev != prev || p.block != b {
				t.Fatalf("piece at %d of %d bytes is out of place (wanted %d)", p.off, p.size, end)
			}
			if !p.used {
				free += p.size
				if prev != nil && !prev.used {
					t.Fatalf("two free pieces side by side at %d", p.off)
				}
			}
			end += p.size
		}
		if end != b.size {
			t.Fatalf("pieces cover %d of %d bytes", end, b.size)
		}
	}
	if free != h.free {
		t.Fatalf("free bytes: walked %d, counted %d", free, h.free)
	}
}

func TestHeap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var h heap
	var blocks []*block
	grow := func(size int) {
		b := &block{size: size, heap: &h}
		b.first = h.addBlock(b, size)
		blocks = append(blocks, b)
	}
	grow(1 << 20)
	var live []*piece
	for range 20000 {
		if rng.IntN(5) < 3 || len(live) == 0 {
			size := granule * (1 + rng.IntN(1<<rng.IntN(10)))
			p := h.alloc(size)
			if p == nil {
				if largest := h.largest(); largest >= size {
					t.Fatalf("no piece for %d although %d bytes are free in one", size, largest)
				}
				if len(live) > 0 {
					for _, q := range live[:len(live)/2] {
						h.release(q)
					}
					live = append(live[:0], live[len(live)/2:]...)
				}
				continue
			}
			if p.size != size {
				t.Fatalf("wanted %d bytes, got %d", size, p.size)
			}
			live = append(live, p)
		} else {
			i := rng.IntN(len(live))
			h.release(live[i])
			live[i] = live[len(live)-1]
			live = live[:len(live)-1]
		}
		if rng.IntN(50) == 0 {
			h.check(t, blocks)
		}
	}
	for _, p := range live {
		h.release(p)
	}
	h.check(t, blocks)
	if h.largest() != 1<<20 {
		t.Errorf("after freeing everything: wanted one piece of %d, got %d", 1<<20, h.largest())
	}
}

func TestBins(t *testing.T) {
	last := 0
	for g := 1; g < 1<<16; g++ {
		b := binOf(g * granule)
		if b < last || b > last+1 || b >= heapBins {
			t.Fatalf("size %d: bin %d after %d", g*granule, b, last)
		}
		last = b
	}
	if b := binOf(1 << 62); b >= heapBins {
		t.Errorf("the largest size has bin %d of %d", b, heapBins)
	}
}

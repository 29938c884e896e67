//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import "math/bits"

// granule is the unit and alignment of every piece of memory, in bytes.
const granule = 256

// heap divides blocks into pieces: a good-fit allocator with two-level size
// bins and immediate coalescing, after Masmano et al., "TLSF: a New Dynamic
// Memory Allocator for Real-Time Systems" (2004). alloc and free cost O(1).
// It hands out offsets and knows no Vulkan.
type heap struct {
	bins  [heapBins]*piece
	mask  [heapBins / 64]uint64
	spare *piece // recycled records
	free  int    // bytes in free pieces
}

const (
	binBits  = 3 // 8 bins for each power of two
	heapBins = 512
)

// piece is a run of bytes in a block, free or in use. Neighbours in address
// order are linked; free ones are also linked in their bin.
type piece struct {
	block        *block
	off, size    int
	used         bool
	prev, next   *piece // by address
	bprev, bnext *piece // in the bin
	uses         []*batch
}

// binOf is the bin whose pieces are at least as large as its lower bound and
// may hold size.
func binOf(size int) int {
	g := uint64(size / granule)
	if g < 1<<binBits {
		return int(g)
	}
	e := bits.Len64(g) - 1 - binBits
	return (e+1)<<binBits + int(g>>e)&(1<<binBits-1)
}

func (h *heap) record() *piece {
	p := h.spare
	if p == nil {
		return &piece{}
	}
	h.spare = p.next
	*p = piece{uses: p.uses[:0]}
	return p
}

func (h *heap) recycle(p *piece) {
	u := p.uses
	clear(u)
	*p = piece{next: h.spare, uses: u[:0]}
	h.spare = p
}

func (h *heap) link(p *piece) {
	b := binOf(p.size)
	p.bprev, p.bnext = nil, h.bins[b]
	if p.bnext != nil {
		p.bnext.bprev = p
	}
	h.bins[b] = p
	h.mask[b/64] |= 1 << (b % 64)
	h.free += p.size
}

func (h *heap) unlink(p *piece) {
	b := binOf(p.size)
	if p.bprev != nil {
		p.bprev.bnext = p.bnext
	} else {
		h.bins[b] = p.bnext
		if p.bnext == nil {
			h.mask[b/64] &^= 1 << (b % 64)
		}
	}
	if p.bnext != nil {
		p.bnext.bprev = p.bprev
	}
	p.bprev, p.bnext = nil, nil
	h.free -= p.size
}

// addBlock gives the heap a whole block to divide.
func (h *heap) addBlock(b *block, size int) *piece {
	p := h.record()
	p.block, p.size = b, size
	h.link(p)
	return p
}

// find returns a free piece of at least size bytes, or nil: the best of a few
// in the size's own bin, else the first of a larger bin.
func (h *heap) find(size int) *piece {
	b := binOf(size)
	var best *piece
	n := 0
	for p := h.bins[b]; p != nil && n < 16; p, n = p.bnext, n+1 {
		if p.size >= size && (best == nil || p.size < best.size) {
			best = p
		}
	}
	if best != nil {
		return best
	}
	for i := b + 1; i < heapBins; {
		w := h.mask[i/64] >> (i % 64)
		if w == 0 {
			i = (i/64 + 1) * 64
			continue
		}
		return h.bins[i+bits.TrailingZeros64(w)]
	}
	return nil
}

// alloc takes size bytes, a multiple of granule, or returns nil. The piece
// carries the uses that the memory still has.
func (h *heap) alloc(size int) *piece {
	p := h.find(size)
	if p == nil {
		return nil
	}
	h.unlink(p)
	if rest := p.size - size; rest >= granule {
		r := h.record()
		r.block, r.off, r.size = p.block, p.off+size, rest
		r.uses = append(r.uses, p.uses...)
		r.prev, r.next = p, p.next
		if r.next != nil {
			r.next.prev = r
		}
		p.next, p.size = r, size
		h.link(r)
	}
	p.used = true
	return p
}

// release gives a piece back and merges it with free neighbours. It returns
// the free piece that holds it now.
func (h *heap) release(p *piece) *piece {
	p.used = false
	if q := p.next; q != nil && !q.used {
		h.unlink(q)
		p.size += q.size
		p.next = q.next
		if p.next != nil {
			p.next.prev = p
		}
		p.uses = mergeUses(p.uses, q.uses)
		h.recycle(q)
	}
	if q := p.prev; q != nil && !q.used {
		h.unlink(q)
		q.size += p.size
		q.next = p.next
		if q.next != nil {
			q.next.prev = q
		}
		q.uses = mergeUses(q.uses, p.uses)
		h.recycle(p)
		p = q
	}
	h.link(p)
	return p
}

// dropBlock forgets a block whose single piece is free.
func (h *heap) dropBlock(p *piece) {
	h.unlink(p)
	h.recycle(p)
}

// largest is the size of the largest free piece.
func (h *heap) largest() int {
	for i := heapBins/64 - 1; i >= 0; i-- {
		if h.mask[i] == 0 {
			continue
		}
		n := 0
		for p := h.bins[i*64+63-bits.LeadingZeros64(h.mask[i])]; p != nil; p = p.bnext {
			n = max(n, p.size)
		}
		return n
	}
	return 0
}

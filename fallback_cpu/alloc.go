package cpu

import (
	"context"
	"fmt"
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

const (
	alignment  = 64       // bytes: a cache line, and the widest vector register
	guardBytes = 64       // before and, at least, behind a guarded buffer
	guardByte  = 0xC9     // what they hold
	poolFloor  = 64 << 20 // bytes that may stay pooled whatever the peak was
	maxBytes   = 1 << 46  // beyond any machine, and beyond what Go can allocate
)

// Buffer is memory of the Go heap. It is an ops.Buffer.
type Buffer struct {
	base   unsafe.Pointer // first byte that is lent; 64-byte aligned
	bytes  int            // asked for
	class  int
	refs   atomic.Int32
	memory *allocator
}

// Bytes is the size asked for.
func (b *Buffer) Bytes() int { return b.bytes }

// Retain adds a reference.
func (b *Buffer) Retain() {
	if b.refs.Add(1) <= 1 {
		panic("cpu: retain: wanted a live buffer, got a released one")
	}
}

// Release drops a reference; the last one gives the memory back, and the
// Buffer must not be used after.
func (b *Buffer) Release() {
	switch n := b.refs.Add(-1); {
	case n == 0:
		b.memory.free(b)
	case n < 0:
		panic("cpu: release: wanted a live buffer, got a released one")
	}
}

// Write copies src to byte offset off.
func (b *Buffer) Write(off int, src []byte) error {
	if err := b.inside("write", off, len(src)); err != nil {
		return err
	}
	copy(b.all()[off:], src)
	return nil
}

// Read copies from byte offset off. Work on this backend is done when it was
// submitted, so there is nothing to wait for.
func (b *Buffer) Read(ctx context.Context, off int, dst []byte) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("cpu: read: %w", err)
	}
	if err := b.inside("read", off, len(dst)); err != nil {
		return err
	}
	copy(dst, b.all()[off:])
	return nil
}

func (b *Buffer) inside(what string, off, n int) error {
	if b.refs.Load() <= 0 {
		return fmt.Errorf("cpu: %s: wanted a live buffer, got a released one", what)
	}
	if off < 0 || off > b.bytes-n {
		return fmt.Errorf("cpu: %s: wanted bytes inside [0, %d), got [%d, %d)", what, b.bytes, off, off+n)
	}
	return nil
}

func (b *Buffer) all() []byte { return unsafe.Slice((*byte)(b.base), b.bytes) }

// sizeClass rounds up: to multiples of 64 up to 512, then to eighths of powers
// of two, so that at most a ninth is wasted.
func sizeClass(bytes int) (class, size int) {
	if bytes <= 512 {
		class = max(0, bytes-1) / 64
		return class, (class + 1) * 64
	}
	e := bits.Len(uint(bytes-1)) - 1 // 2^e < bytes ≤ 2^(e+1)
	step := 1 << (e - 3)
	k := (bytes - 1<<e + step - 1) / step
	return 8*(e-8) + k - 1, 1<<e + k*step
}

func classSize(class int) int {
	if class < 8 {
		return (class + 1) * 64
	}
	e := class/8 + 8
	return 1<<e + (class%8+1)<<(e-3)
}

const classes = 8 * (47 - 8)

// allocator keeps released buffers for reuse, by size class: a fresh Go
// allocation must be zeroed and, page by page, faulted in, which costs more
// than most ops.
type allocator struct {
	options Options

	mu                  sync.Mutex
	pools               [classes]sizePool
	inUse, peak, pooled int64
	tick                uint64
}

// sizePool holds the free buffers of one size, last in, first out.
type sizePool struct {
	free []*Buffer
	used uint64 // tick of the last Alloc or Release
}

func newAllocator(o Options) *allocator { return &allocator{options: o} }

func (a *allocator) debug() bool { return a.options.Poison || a.options.Guard }

func (a *allocator) alloc(bytes int) (*Buffer, error) {
	if bytes < 0 || bytes > maxBytes {
		return nil, fmt.Errorf("cpu: alloc: wanted 0 to %d bytes, got %d: %w", maxBytes, bytes, ops.ErrOutOfMemory)
	}
	class, size := sizeClass(bytes)
	a.mu.Lock()
	if budget := a.options.Budget; budget > 0 && a.inUse+int64(size) > budget {
		used := a.inUse
		a.mu.Unlock()
		return nil, fmt.Errorf("cpu: alloc: asked for %d bytes, %d in use, %d free of %d: %w",
			bytes, used, budget-used, budget, ops.ErrOutOfMemory)
	}
	b := a.take(class, size)
	a.mu.Unlock()
	if b == nil {
		b = a.fresh(class, size)
	}
	b.bytes = bytes
	b.refs.Store(1)
	if a.debug() {
		a.prepare(b, size)
	}
	return b, nil
}

// take finds a pooled buffer and counts it, or counts one that is to be made,
// for which nil is returned.
func (a *allocator) take(class, size int) (b *Buffer) {
	p := &a.pools[class]
	a.tick++
	p.used = a.tick
	if n := len(p.free); n > 0 {
		b, p.free[n-1] = p.free[n-1], nil
		p.free = p.free[:n-1]
		a.pooled -= int64(size)
	} else if budget := a.options.Budget; budget > 0 {
		a.trimLocked(budget - a.inUse - int64(size))
	}
	a.inUse += int64(size)
	a.peak = max(a.peak, a.inUse)
	return b
}

// fresh makes a buffer from the Go heap.
func (a *allocator) fresh(class, size int) *Buffer {
	room := 0
	if a.options.Guard {
		room = guardBytes
	}
	block := make([]byte, room+size+room+alignment-8)
	base := unsafe.Pointer(unsafe.SliceData(block))
	skip := room + int(-(uintptr(base)+uintptr(room))&(alignment-1))
	return &Buffer{base: unsafe.Pointer(&block[skip]), class: class, memory: a}
}

func (a *allocator) free(b *Buffer) {
	size := int64(classSize(b.class))
	if a.debug() { // a stale handle must never become a live one again
		b, b.base = &Buffer{base: b.base, class: b.class, memory: a}, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	p := &a.pools[b.class]
	a.tick++
	p.used = a.tick
	a.inUse -= size
	a.pooled += size
	p.free = append(p.free, b)
	a.trimLocked(poolFloor + a.peak)
}

// trim gives pooled memory back to Go until at most limit bytes are left.
func (a *allocator) trim(limit int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trimLocked(limit)
}

// trimLocked starts with the size that was not asked for for longest.
func (a *allocator) trimLocked(limit int64) {
	for a.pooled > max(limit, 0) {
		oldest := -1
		for i := range a.pools {
			if p := &a.pools[i]; len(p.free) > 0 && (oldest < 0 || p.used < a.pools[oldest].used) {
				oldest = i
			}
		}
		p, size := &a.pools[oldest], int64(classSize(oldest))
		for n := len(p.free); n > 0 && a.pooled > max(limit, 0); n-- {
			p.free[n-1] = nil
			p.free = p.free[:n-1]
			a.pooled -= size
		}
	}
}

func (a *allocator) stats() ops.MemStats {
	a.mu.Lock()
	defer a.mu.Unlock()
	return ops.MemStats{InUse: a.inUse, Peak: a.peak, Pooled: a.pooled, Budget: a.options.Budget}
}

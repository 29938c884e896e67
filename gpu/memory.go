//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"context"
	"fmt"
	"sync"
	"unsafe"

	vk "github.com/vulkan-go/vulkan"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// Block sizes in bytes. Small pieces have blocks of their own so that they do
// not cut up the large ones.
const (
	smallPiece    = 1 << 20
	smallBlock    = 32 << 20
	firstBlock    = 64 << 20
	largestBlock  = 512 << 20
	blockRounding = 64 << 10
)

// block is one driver allocation with one buffer over all of it.
type block struct {
	mem, buf uint64
	addr     uint64
	size     int
	mapped   []byte // nil when not mapped
	first    *piece
	heap     *heap
}

// pool owns the blocks of a device.
type pool struct {
	d            *Device
	mu           sync.Mutex
	small, large heap
	blocks       []*block
	next         int // size of the next large block
	memType      int
	heapIndex    uint32
	inUse, peak  int
	reserved     int
	live, made   int
}

// newBlock allocates, binds and maps (when the type allows) one block.
func (d *Device) newBlock(size, memType int, mapIt bool) (*block, vkx.Result) {
	dev := d.vk
	ci := vk.BufferCreateInfo{
		SType: vk.StructureTypeBufferCreateInfo, Size: vk.DeviceSize(size), SharingMode: vk.SharingModeExclusive,
		Usage: vk.BufferUsageFlags(vk.BufferUsageStorageBufferBit|vk.BufferUsageTransferSrcBit|vk.BufferUsageTransferDstBit) | 0x20000, // shader device address
	}
	var buf vk.Buffer
	r := vk.CreateBuffer(dev, &ci, nil, &buf)
	ci.Free()
	if r != vk.Success {
		return nil, vkx.Result(r)
	}
	var req vk.MemoryRequirements
	vk.GetBufferMemoryRequirements(dev, buf, &req)
	req.Deref()
	need, bits := req.Size, req.MemoryTypeBits
	req.Free()
	if bits&(1<<memType) == 0 {
		vk.DestroyBuffer(dev, buf, nil)
		return nil, vkx.OutOfDeviceMemory
	}
	ai := vk.MemoryAllocateInfo{
		SType: vk.StructureTypeMemoryAllocateInfo, PNext: vkx.AddressChain(),
		AllocationSize: need, MemoryTypeIndex: uint32(memType),
	}
	var mem vk.DeviceMemory
	r = vk.AllocateMemory(dev, &ai, nil, &mem)
	ai.Free()
	if r == vk.Success {
		r = vk.BindBufferMemory(dev, buf, mem, 0)
	}
	var p unsafe.Pointer
	if r == vk.Success && mapIt {
		r = vk.MapMemory(dev, mem, 0, vk.DeviceSize(need), 0, &p)
	}
	if r != vk.Success {
		vk.DestroyBuffer(dev, buf, nil)
		if mem != nil {
			vk.FreeMemory(dev, mem, nil)
		}
		return nil, vkx.Result(r)
	}
	b := &block{mem: raw(mem), buf: raw(buf), size: size}
	b.addr = d.vkx.BufferAddress(b.buf)
	if p != nil {
		b.mapped = unsafe.Slice((*byte)(p), size)
	}
	return b, vkx.Success
}

func (d *Device) freeBlock(b *block) {
	vk.DestroyBuffer(d.vk, handle[vk.Buffer](b.buf), nil)
	vk.FreeMemory(d.vk, handle[vk.DeviceMemory](b.mem), nil) // unmaps
	b.mapped = nil
}

// budget is how many more bytes may be reserved, and the whole budget; -1 and 0
// when nobody says.
func (p *pool) budget() (left, whole int) {
	if lim := p.d.opt.MemoryLimit; lim > 0 {
		return int(lim) - p.reserved, int(lim)
	}
	if !p.d.info.Features.MemoryBudget {
		return -1, 0
	}
	b, u := p.d.inst.Budget(p.d.phys)
	if b[p.heapIndex] == 0 {
		return -1, 0
	}
	return max(0, int(b[p.heapIndex])-int(u[p.heapIndex])), int(b[p.heapIndex])
}

// alloc takes a piece; the caller holds no lock.
func (p *pool) alloc(size int) (*piece, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := &p.large
	if size < smallPiece {
		h = &p.small
	}
	pc := h.alloc(size)
	if pc == nil {
		if reason := p.grow(h, size); reason != "" {
			return nil, reason
		}
		if pc = h.alloc(size); pc == nil {
			return nil, "the new block was too small" // not reached: grow makes room for size
		}
	}
	p.inUse += pc.size
	p.peak = max(p.peak, p.inUse)
	p.live++
	p.made++
	return pc, ""
}

// grow reserves a block that holds size bytes, or says why not.
func (p *pool) grow(h *heap, size int) string {
	want := smallBlock
	if h == &p.large {
		want = p.next
		if size > want/2 {
			want = size
		}
	}
	want = min((want+blockRounding-1)/blockRounding*blockRounding, p.d.info.Limits.MaxAllocation)
	exact := max(size, min((size+blockRounding-1)/blockRounding*blockRounding, p.d.info.Limits.MaxAllocation))
	left, whole := p.budget()
	if left >= 0 && want > left {
		want = exact
	}
	if left >= 0 && want > left {
		return fmt.Sprintf("a block of %s would pass the budget: %s reserved, %s left of %s", sizeText(want), sizeText(p.reserved), sizeText(left), sizeText(whole))
	}
	mapIt := p.d.info.Features.HostVisible
	b, r := p.d.newBlock(want, p.memType, mapIt)
	if r != vkx.Success && want > exact {
		b, r = p.d.newBlock(exact, p.memType, mapIt)
	}
	if r != vkx.Success {
		return "the driver answered " + r.Error()
	}
	if h == &p.large && want == p.next {
		p.next = min(p.next*2, largestBlock)
	}
	b.heap = h
	b.first = h.addBlock(b, b.size)
	p.blocks = append(p.blocks, b)
	p.reserved += b.size
	return ""
}

func (p *pool) release(pc *piece) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inUse -= pc.size
	p.live--
	pc.block.heap.release(pc)
}

// trim gives whole free blocks, with which the device is done, to the driver.
func (p *pool) trim() {
	p.mu.Lock()
	defer p.mu.Unlock()
	keep := p.blocks[:0]
	for _, b := range p.blocks {
		pc := b.first
		idle := !pc.used && pc.next == nil
		for _, u := range pc.uses {
			idle = idle && u.done()
		}
		if !idle {
			keep = append(keep, b)
			continue
		}
		b.heap.dropBlock(pc)
		p.reserved -= b.size
		p.d.freeBlock(b)
	}
	clear(p.blocks[len(keep):])
	p.blocks = keep
}

// Trim returns cached memory that no buffer and no running work uses to the
// driver.
func (d *Device) Trim() {
	if d.enter() != nil {
		return
	}
	defer d.leave()
	d.poll()
	d.pool.trim()
}

// NewBuffer returns a buffer of the given size in bytes with one reference. Its
// address is a multiple of 256 and its contents are undefined. When memory is
// out, it waits for the device, returns cached blocks, calls Options.Reclaim
// and tries again; then the error is an *OutOfMemory.
func (d *Device) NewBuffer(bytes int) (*Buffer, error) {
	if bytes <= 0 {
		return nil, fmt.Errorf("gpu: new buffer: wanted a size above 0, got %d bytes", bytes)
	}
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	if bytes > d.info.Limits.MaxAllocation {
		return nil, d.outOfMemory(bytes, "the device's largest allocation is "+sizeText(d.info.Limits.MaxAllocation))
	}
	size := (bytes + granule - 1) / granule * granule
	pc, reason := d.pool.alloc(size)
	if pc == nil {
		pc, reason = d.retryAlloc(size)
	}
	if err := d.Err(); pc == nil && err != nil {
		return nil, err
	}
	if pc == nil {
		return nil, d.outOfMemory(bytes, reason)
	}
	b := &Buffer{d: d, piece: pc, addr: pc.block.addr + uint64(pc.off), bytes: bytes}
	b.refs.Store(1)
	return b, nil
}

// retryAlloc frees what can be freed and tries again: first cached blocks, then
// what Options.Reclaim lets go.
func (d *Device) retryAlloc(size int) (*piece, string) {
	var reason string
	for try := range 2 {
		if try == 1 {
			if d.opt.Reclaim == nil {
				break
			}
			d.opt.Reclaim()
		}
		d.flushAll()
		d.waitSeq(context.Background(), d.lastSeq.Load())
		d.pool.trim()
		var pc *piece
		if pc, reason = d.pool.alloc(size); pc != nil {
			return pc, ""
		}
	}
	return nil, reason
}

func (d *Device) outOfMemory(asked int, reason string) error {
	s := d.Stats()
	return &OutOfMemory{Device: d.info.Name, Asked: asked, InUse: s.InUse, Pooled: s.Pooled, Largest: s.Largest, Budget: s.Budget, Reason: reason}
}

// Stats reports the memory pool and the work done so far.
func (d *Device) Stats() Stats {
	p := &d.pool
	p.mu.Lock()
	s := Stats{
		InUse: p.inUse, Peak: p.peak, Reserved: p.reserved, Pooled: p.small.free + p.large.free,
		Largest: max(p.small.largest(), p.large.largest()), Buffers: p.live, Blocks: len(p.blocks), Allocations: p.made,
	}
	if d.enter() == nil {
		_, s.Budget = p.budget()
		d.leave()
	}
	p.mu.Unlock()
	s.Submissions, s.Commands, s.Barriers = int(d.nSubmit.Load()), int(d.nCmd.Load()), int(d.nBarrier.Load())
	s.StagedWrites = int(d.nStaged.Load())
	s.PipelinesMade, s.PipelineFileHits = int(d.nPipe.Load()), int(d.nHit.Load())
	return s
}

//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"context"
	"fmt"

	vk "github.com/vulkan-go/vulkan"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// maxInFlight is how many batches of one stream may be with the device; the
// next one waits for the first.
const maxInFlight = 16

// maxClosed is how many closed streams' work may be with the device before a
// new stream waits for the oldest: a loop that never reads back would otherwise
// run ahead of the device without bound.
const maxClosed = 32

// streamRes are the Vulkan objects and arrays behind a stream. A closed
// stream's serve a later one.
type streamRes struct {
	d      *Device
	pool   uint64 // VkCommandPool
	cbs    []*cmdBuffer
	record int    // index of the fault record
	last   uint64 // last submission of the stream that had them
	faulty bool

	cmds   []vkx.Cmd
	push   []byte
	labels []string
	hz     hazards
}

type cmdBuffer struct {
	handle  uint64
	seq     uint64 // its last submission
	queries uint64 // VkQueryPool, when profiling
	slots   int    // commands that fit the pool
	noted   noted
}

// takeRes returns resources that no running work uses.
func (d *Device) takeRes() (*streamRes, error) {
	d.poll()
	if err := d.waitClosed(); err != nil {
		return nil, err
	}
	d.resMu.Lock()
	defer d.resMu.Unlock()
	for i, r := range d.resFree {
		if r.last <= d.completed.Load() {
			d.collectLate(r)
			d.resFree = append(d.resFree[:i], d.resFree[i+1:]...)
			return r, nil
		}
	}
	ci := vk.CommandPoolCreateInfo{
		SType: vk.StructureTypeCommandPoolCreateInfo, QueueFamilyIndex: d.fam,
		Flags: vk.CommandPoolCreateFlags(vk.CommandPoolCreateResetCommandBufferBit),
	}
	var p vk.CommandPool
	r := vk.CreateCommandPool(d.vk, &ci, nil, &p)
	ci.Free()
	if r != vk.Success {
		return nil, fmt.Errorf("gpu: new stream: create command pool: %w", vkx.Result(r))
	}
	res := &streamRes{d: d, pool: raw(p), record: len(d.resAll)}
	if err := d.records.reserve(d, res.record); err != nil {
		vk.DestroyCommandPool(d.vk, p, nil)
		return nil, err
	}
	d.resAll = append(d.resAll, res)
	return res, nil
}

// waitClosed waits while too many closed streams' work is unfinished.
func (d *Device) waitClosed() error {
	d.resMu.Lock()
	n, oldest := len(d.resFree), uint64(0)
	for _, r := range d.resFree {
		if oldest == 0 || r.last < oldest {
			oldest = r.last
		}
	}
	d.resMu.Unlock()
	if n < maxClosed {
		return nil
	}
	return d.waitSeq(context.Background(), oldest)
}

// giveRes takes the resources of a closed stream back.
func (d *Device) giveRes(s *Stream) {
	d.streamsMu.Lock()
	delete(d.streams, s)
	d.streamsMu.Unlock()
	s.mu.Lock()
	r := s.res
	r.last, r.faulty = s.last, s.faulty
	r.cmds, r.push, r.labels, r.hz = s.cmds, s.push, s.labels, s.hz
	clear(r.labels[:cap(r.labels)])
	s.cmds, s.push, s.labels, s.hz, s.res = nil, nil, nil, hazards{}, nil
	s.mu.Unlock()
	d.resMu.Lock()
	d.resFree = append(d.resFree, r)
	d.resMu.Unlock()
}

// next returns a command buffer that the device is done with.
func (r *streamRes) next(cmds int) (*cmdBuffer, error) {
	d := r.d
	var oldest *cmdBuffer
	for _, c := range r.cbs {
		if oldest == nil || c.seq < oldest.seq {
			oldest = c
		}
	}
	if oldest != nil && oldest.seq > d.completed.Load() {
		d.poll()
	}
	if oldest != nil && oldest.seq > d.completed.Load() && len(r.cbs) < maxInFlight {
		oldest = nil
	}
	if oldest == nil {
		ai := vk.CommandBufferAllocateInfo{
			SType: vk.StructureTypeCommandBufferAllocateInfo, CommandPool: handle[vk.CommandPool](r.pool),
			Level: vk.CommandBufferLevelPrimary, CommandBufferCount: 1,
		}
		var h [1]vk.CommandBuffer
		res := vk.AllocateCommandBuffers(d.vk, &ai, h[:])
		ai.Free()
		if res != vk.Success {
			return nil, fmt.Errorf("gpu: allocate command buffer: %w", vkx.Result(res))
		}
		oldest = &cmdBuffer{handle: raw(h[0])}
		r.cbs = append(r.cbs, oldest)
	}
	if err := d.waitSeq(context.Background(), oldest.seq); err != nil {
		return nil, err
	}
	if d.prof.on {
		d.prof.collect(d, oldest)
		if err := d.prof.provide(d, oldest, cmds); err != nil {
			return nil, err
		}
	}
	return oldest, nil
}

func (r *streamRes) destroy() {
	for _, c := range r.cbs {
		if c.queries != 0 {
			vk.DestroyQueryPool(r.d.vk, handle[vk.QueryPool](c.queries), nil)
		}
	}
	vk.DestroyCommandPool(r.d.vk, handle[vk.CommandPool](r.pool), nil) // frees its command buffers
}

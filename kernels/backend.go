package kernels

import (
	"context"
	"fmt"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// Backend runs ops on one Vulkan device.
type Backend struct {
	dev  *gpu.Device
	info gpu.Info
}

var (
	_ ops.Backend       = (*Backend)(nil)
	_ ops.StatsReporter = (*Backend)(nil)
	_ ops.Buffer        = (*Buffer)(nil)
)

// Open opens a device that gpu.Enumerate listed. In a build without Vulkan it
// fails with gpu.ErrUnavailable.
func Open(info gpu.Info, opt *gpu.Options) (*Backend, error) {
	dev, err := gpu.Open(info, opt)
	if err != nil {
		return nil, fmt.Errorf("kernels: open: %w", wrap(err))
	}
	return &Backend{dev: dev, info: dev.Info()}, nil
}

// Name identifies the device to people.
func (b *Backend) Name() string {
	return fmt.Sprintf("vulkan:%d (%s, %s)", b.info.Index, b.info.Name, b.info.Driver)
}

// Info describes the device, with the features that are in use.
func (b *Backend) Info() gpu.Info { return b.info }

// Device is the device underneath, for profiles and for drawing.
func (b *Backend) Device() *gpu.Device { return b.dev }

// MemStats reports the device's memory pool.
func (b *Backend) MemStats() ops.MemStats {
	s := b.dev.Stats()
	return ops.MemStats{InUse: int64(s.InUse), Peak: int64(s.Peak), Pooled: int64(s.Pooled), Budget: int64(s.Budget)}
}

// Sync waits until all work of all streams is done.
func (b *Backend) Sync() error { return wrap(b.dev.Sync(context.Background())) }

// Close frees the device.
func (b *Backend) Close() error { return wrap(b.dev.Close()) }

// Buffer is device memory with a reference count.
type Buffer struct{ *gpu.Buffer }

// Alloc lends a buffer.
func (b *Backend) Alloc(bytes int) (ops.Buffer, error) {
	g, err := b.dev.NewBuffer(bytes)
	if err != nil {
		return nil, wrap(err)
	}
	return &Buffer{g}, nil
}

// Write copies src to the buffer.
func (b *Buffer) Write(off int, src []byte) error { return wrap(b.Buffer.Write(off, src)) }

// Read copies from the buffer, waiting for its writers.
func (b *Buffer) Read(ctx context.Context, off int, dst []byte) error {
	return wrap(b.Buffer.Read(ctx, off, dst))
}

// plan is a Plan whose programs are pipelines of the device.
type plan struct {
	steps   []step
	scratch int
}

type step struct {
	pipe         *gpu.Pipeline
	grid         [3]uint32
	push         func(*Args, []byte) []byte
	uses         []Use // Len filled in
	flops, bytes float64
}

// Scratch is how many bytes of working memory the call needs.
func (p *plan) Scratch() int { return p.scratch }

// Plan prepares a call.
func (b *Backend) Plan(c *ops.Call) (ops.Plan, error) {
	e := table[c.Op]
	if e == nil {
		return nil, unsupported("no kernel for op %s", c.Op)
	}
	p, err := e.Plan(&b.info, c)
	if err != nil {
		return nil, err
	}
	out := &plan{scratch: p.Scratch, steps: make([]step, len(p.Steps))}
	for i := range p.Steps {
		s := &p.Steps[i]
		pipe, err := b.dev.Pipeline(s.Program)
		if err != nil {
			return nil, wrap(err)
		}
		st := step{pipe: pipe, grid: s.Grid, push: s.Push, uses: uses(c, s.Uses, p.Scratch), flops: s.Flops, bytes: s.Bytes}
		if st.bytes == 0 {
			for _, u := range st.uses {
				st.bytes += float64(u.Len)
			}
		}
		out.steps[i] = st
	}
	return out, nil
}

// uses fills in what Step.Uses leaves out.
func uses(c *ops.Call, given []Use, scratch int) []Use {
	out := append([]Use(nil), given...)
	if given == nil {
		for i := range c.In {
			out = append(out, Use{Role: In, Index: i})
		}
		for i := range c.Out {
			out = append(out, Use{Role: Out, Index: i, Write: true})
		}
		if scratch > 0 {
			out = append(out, Use{Role: Scratch, Write: true})
		}
	}
	for i := range out {
		u := &out[i]
		if u.Len != 0 {
			continue
		}
		switch u.Role {
		case In:
			u.Len = extentBytes(&c.In[u.Index]) - u.Off
		case Out:
			u.Len = extentBytes(&c.Out[u.Index]) - u.Off
		case Scratch:
			u.Len = scratch - u.Off
		}
	}
	return out
}

// extentBytes is the length of the view's range in its buffer.
func extentBytes(v *ops.View) int {
	lo, hi := v.Extent()
	return (hi - lo) * v.DType.Size()
}

// stream records dispatches; it belongs to one goroutine at a time.
type stream struct {
	g      *gpu.Stream
	args   Args
	push   [256]byte
	ranges []gpu.Range
}

// Stream opens one in-order list of work.
func (b *Backend) Stream() (ops.Stream, error) {
	g, err := b.dev.NewStream()
	if err != nil {
		return nil, wrap(err)
	}
	return &stream{g: g, args: Args{stream: g}}, nil
}

// Run records the dispatches of a planned call.
func (s *stream) Run(p ops.Plan, c *ops.Call) error {
	pl := p.(*plan)
	s.args.Call = c
	s.g.Mark(string(c.Op))
	var err error
	for i := range pl.steps {
		st := &pl.steps[i]
		s.fill(st.uses, c)
		s.g.Cost(st.flops, st.bytes)
		if err = s.g.Dispatch(st.pipe, st.grid, st.push(&s.args, s.push[:0]), s.ranges); err != nil {
			err = wrap(err)
			break
		}
	}
	s.args.Call = nil
	clear(s.ranges)
	return err
}

// fill turns the uses of a step into byte ranges of the call's buffers.
func (s *stream) fill(us []Use, c *ops.Call) {
	s.ranges = s.ranges[:0]
	for i := range us {
		u := &us[i]
		v := &c.Scratch
		switch u.Role {
		case In:
			v = &c.In[u.Index]
		case Out:
			v = &c.Out[u.Index]
		}
		s.ranges = append(s.ranges, gpu.Range{
			Buf: v.Buf.(*Buffer).Buffer, Off: v.Offset*v.DType.Size() + u.Off, Len: u.Len, Write: u.Write,
		})
	}
}

// Close submits what is left and reports failures known by then.
func (s *stream) Close() error { return wrap(s.g.Close()) }

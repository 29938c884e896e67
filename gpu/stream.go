//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"context"
	"fmt"
	"sync"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// A batch is submitted by itself at this many commands, or when its estimated
// time passes batchSeconds: desktop drivers reset GPUs that do not answer, and
// the display waits for long batches.
const (
	batchCommands = 256
	batchSeconds  = 0.05
)

// Stream is one in-order list of work. It belongs to one goroutine at a time;
// reads and writes of buffers by others may submit what it has recorded.
type Stream struct {
	d   *Device
	mu  sync.Mutex
	res *streamRes

	cur     *batch
	dirty   bool // cur is registered with buffers
	cmds    []vkx.Cmd
	push    []byte
	labels  []string // of this batch; Cmd.Mark is an index
	mark    string   // set by Mark
	hz      hazards
	barrier bool    // the next command needs one whatever its ranges
	seconds float64 // estimate for the batch
	cost    float64 // given by Cost for the next command, 0: none
	faulty  bool    // FaultAddr was called
	last    uint64  // number of the last submitted batch
	closed  bool
}

// NewStream returns an empty stream.
func (d *Device) NewStream() (*Stream, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	return d.newStream()
}

func (d *Device) newStream() (*Stream, error) {
	res, err := d.takeRes()
	if err != nil {
		return nil, err
	}
	// The arrays of a closed stream serve the next one; the Stream itself does
	// not, because batches point to it.
	s := &Stream{d: d, res: res, cmds: res.cmds[:0], push: res.push[:0], labels: res.labels[:0],
		hz: hazards{reads: res.hz.reads[:0], writes: res.hz.writes[:0]}}
	s.cur = &batch{stream: s}
	d.streamsMu.Lock()
	d.streams[s] = struct{}{}
	d.streamsMu.Unlock()
	return s, nil
}

// claim locks the stream and registers its batch with the buffers of use,
// submitting what has to go before. On success the stream stays locked.
func (s *Stream) claim(what string, use []Range) error {
	for {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return fmt.Errorf("gpu: %s: stream: %w", what, ErrClosed)
		}
		s.dirty = true
		var before *batch
		for i := range use {
			if before = use[i].Buf.claim(s.cur, use[i].Write); before != nil {
				break
			}
		}
		if before == nil {
			return nil
		}
		s.mu.Unlock()
		if err := before.submit(); err != nil {
			return err
		}
	}
}

// place puts c behind the barriers it needs and submits a full batch. The
// caller holds the lock.
func (s *Stream) place(c *vkx.Cmd, label string, use []Range) error {
	need := s.barrier || s.hz.full(len(use))
	for i := 0; i < len(use) && !need; i++ {
		lo := use[i].Buf.addr + uint64(use[i].Off)
		need = s.hz.conflict(span{lo, lo + uint64(use[i].Len)}, use[i].Write)
	}
	if need && len(s.cmds) > 0 {
		c.Barrier = 1
		s.hz.reset()
	}
	s.barrier = false
	for i := range use {
		lo := use[i].Buf.addr + uint64(use[i].Off)
		s.hz.add(span{lo, lo + uint64(use[i].Len)}, use[i].Write)
	}
	if s.mark != "" {
		label = s.mark
	}
	if n := len(s.labels); n == 0 || s.labels[n-1] != label {
		s.labels = append(s.labels, label)
	}
	c.Mark = uint32(len(s.labels) - 1)
	s.cmds = append(s.cmds, *c)
	if len(s.cmds) >= batchCommands || s.seconds >= batchSeconds {
		return s.submitLocked()
	}
	return nil
}

// Dispatch records a run of p over grid workgroups. push has the pipeline's
// size; use names every range of memory that the kernel touches besides the
// fault record. Neither is kept. Buffers may be released after the call.
func (s *Stream) Dispatch(p *Pipeline, grid [3]uint32, push []byte, use []Range) error {
	if err := s.d.enter(); err != nil {
		return err
	}
	defer s.d.leave()
	if err := s.checkDispatch(p, grid, push, use); err != nil {
		return err
	}
	if err := s.claim("dispatch", use); err != nil {
		return err
	}
	defer s.mu.Unlock()
	c := vkx.Cmd{Kind: vkx.Dispatch, Grid: grid, H0: p.pipeline, H1: p.layout, PushOff: uint32(len(s.push)), PushLen: uint32(len(push))}
	s.push = append(s.push, push...)
	if s.cost > 0 {
		s.seconds += s.cost
		s.cost = 0
	} else {
		s.seconds += 5e-6 + s.d.groupSeconds*float64(grid[0])*float64(grid[1])*float64(grid[2])
	}
	return s.place(&c, p.name, use)
}

func (s *Stream) checkDispatch(p *Pipeline, grid [3]uint32, push []byte, use []Range) error {
	if p == nil || p.d != s.d {
		return fmt.Errorf("gpu: dispatch: wanted a pipeline of device %s, got another's or none", s.d.info.Name)
	}
	if len(push) != p.pushBytes {
		return fmt.Errorf("gpu: dispatch: %s: wanted %d bytes of push constants, got %d", p.name, p.pushBytes, len(push))
	}
	lim := &s.d.info.Limits.MaxWorkgroupCount
	for i, g := range grid {
		if g == 0 || int(g) > lim[i] {
			return fmt.Errorf("gpu: dispatch: %s: wanted a grid from 1 to %v workgroups, got %v", p.name, *lim, grid)
		}
	}
	return s.checkUse("dispatch", use)
}

func (s *Stream) checkUse(what string, use []Range) error {
	for i := range use {
		b := use[i].Buf
		if b == nil || b.d != s.d {
			return fmt.Errorf("gpu: %s: range %d: wanted a buffer of device %s, got another's or none", what, i, s.d.info.Name)
		}
		if err := b.check(what, use[i].Off, use[i].Len); err != nil {
			return err
		}
	}
	return nil
}

// Copy records a copy of n bytes. The ranges may lie in one buffer when they do
// not overlap.
func (s *Stream) Copy(dst *Buffer, dstOff int, src *Buffer, srcOff, n int) error {
	if err := s.d.enter(); err != nil {
		return err
	}
	defer s.d.leave()
	_, err := s.copy(dst, dstOff, src, srcOff, n)
	return err
}

// copy is Copy; it returns the batch that the command became part of.
func (s *Stream) copy(dst *Buffer, dstOff int, src *Buffer, srcOff, n int) (*batch, error) {
	use := [2]Range{{src, srcOff, n, false}, {dst, dstOff, n, true}}
	if err := s.checkUse("copy", use[:]); err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, nil
	}
	if src == dst && srcOff < dstOff+n && dstOff < srcOff+n {
		return nil, fmt.Errorf("gpu: copy: wanted ranges that do not overlap, got [%d, %d) and [%d, %d) of one buffer", srcOff, srcOff+n, dstOff, dstOff+n)
	}
	if err := s.claim("copy", use[:]); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	cur := s.cur
	c := vkx.Cmd{Kind: vkx.Copy, H0: src.piece.block.buf, H1: dst.piece.block.buf,
		A: src.offset() + uint64(srcOff), B: dst.offset() + uint64(dstOff), N: uint64(n)}
	s.seconds += 2e-6 + 2*float64(n)*s.d.byteSeconds
	return cur, s.place(&c, "copy", use[:])
}

// Fill records writing word over n bytes; off and n are multiples of 4.
func (s *Stream) Fill(dst *Buffer, off, n int, word uint32) error {
	if err := s.d.enter(); err != nil {
		return err
	}
	defer s.d.leave()
	return s.fill(dst, off, n, word)
}

func (s *Stream) fill(dst *Buffer, off, n int, word uint32) error {
	use := [1]Range{{dst, off, n, true}}
	if err := s.checkUse("fill", use[:]); err != nil {
		return err
	}
	if off%4 != 0 || n%4 != 0 {
		return fmt.Errorf("gpu: fill: wanted an offset and a length in multiples of 4 bytes, got %d and %d", off, n)
	}
	if n == 0 {
		return nil
	}
	if err := s.claim("fill", use[:]); err != nil {
		return err
	}
	defer s.mu.Unlock()
	c := vkx.Cmd{Kind: vkx.Fill, Grid: [3]uint32{word}, H1: dst.piece.block.buf, B: dst.offset() + uint64(off), N: uint64(n)}
	s.seconds += 2e-6 + float64(n)*s.d.byteSeconds
	return s.place(&c, "fill", use[:])
}

// Mark names the commands that follow, in errors and in the profile, until the
// next Mark; "" returns to the names of the programs.
func (s *Stream) Mark(label string) { s.mark = label }

// Cost estimates the next Dispatch: floating-point operations and bytes moved.
// It decides only when a batch is large enough to be submitted. Without it the
// estimate goes by the number of workgroups.
func (s *Stream) Cost(flops, bytes float64) {
	s.cost = 2e-6 + max(flops*s.d.flopSeconds, bytes*s.d.byteSeconds)
}

// Flush submits what is recorded and does not wait. It also reports a fault of
// work that is known to be complete.
func (s *Stream) Flush() error {
	if err := s.d.enter(); err != nil {
		return err
	}
	defer s.d.leave()
	if err := s.flush(); err != nil {
		return err
	}
	return s.takeFault()
}

func (s *Stream) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.submitLocked()
}

// submit submits the batch if that has not happened yet.
func (b *batch) submit() error {
	s := b.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	if !b.pending() || s.cur != b {
		return s.d.Err()
	}
	return s.submitLocked()
}

// Wait submits what is recorded and waits for all of this stream's work. The
// context ends the wait, not the work.
func (s *Stream) Wait(ctx context.Context) error {
	if err := s.d.enter(); err != nil {
		return err
	}
	defer s.d.leave()
	return s.wait(ctx)
}

func (s *Stream) wait(ctx context.Context) error {
	if err := s.flush(); err != nil {
		return err
	}
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if err := s.d.waitSeq(ctx, last); err != nil {
		return err
	}
	return s.takeFault()
}

// Close submits what is recorded and gives the stream's resources back. It does
// not wait; it reports a lost device, and a fault of work that is complete.
func (s *Stream) Close() error {
	if err := s.d.enter(); err != nil {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		return err
	}
	defer s.d.leave()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	err := s.submitLocked()
	s.closed = true
	s.mu.Unlock()
	s.d.poll()
	if e := s.takeFault(); err == nil {
		err = e
	}
	s.d.giveRes(s)
	return err
}

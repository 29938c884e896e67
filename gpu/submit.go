//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	vk "github.com/vulkan-go/vulkan"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// submitLocked submits the recorded batch, if there is one.
func (s *Stream) submitLocked() error {
	d := s.d
	if len(s.cmds) == 0 {
		if s.dirty { // registered by a call that then failed
			s.cur.seq.Store(1)
			s.cur, s.dirty = &batch{stream: s}, false
		}
		return d.Err()
	}
	if s.faulty {
		s.copyFault()
	}
	seq, err := s.send()
	if err != nil {
		seq = 1 // nobody waits for it: the error is sticky
	} else {
		s.last = seq
	}
	s.cur.seq.Store(seq)
	s.cur, s.dirty = &batch{stream: s}, false
	s.cmds, s.push, s.labels = s.cmds[:0], s.push[:0], s.labels[:0]
	s.hz.reset()
	s.barrier, s.seconds = false, 0
	return err
}

// send replays the batch into a command buffer and puts it on the queue.
func (s *Stream) send() (uint64, error) {
	d := s.d
	if err := d.Err(); err != nil {
		return 0, err
	}
	cb, err := s.res.next(len(s.cmds))
	if err != nil {
		return 0, err
	}
	if r := d.vkx.Replay(cb.handle, s.cmds, s.push, cb.queries); r != vkx.Success {
		return 0, d.lose("recording a command buffer failed: " + r.Error())
	}
	barriers := 0
	for i := range s.cmds {
		barriers += int(s.cmds[i].Barrier)
	}
	seq, err := d.submit(cb.handle, s.labels)
	if err != nil {
		return 0, err
	}
	d.nSubmit.Add(1)
	d.nCmd.Add(int64(len(s.cmds)))
	d.nBarrier.Add(int64(barriers))
	cb.seq = seq
	if cb.queries != 0 {
		cb.note(s)
	}
	return seq, nil
}

// submit puts a command buffer on the queue and numbers it.
func (d *Device) submit(cb uint64, labels []string) (uint64, error) {
	d.submitMu.Lock()
	defer d.submitMu.Unlock()
	if err := d.Err(); err != nil {
		return 0, err
	}
	seq := d.lastSeq.Load() + 1
	var fence uint64
	if d.semaphore == 0 {
		var err error
		if fence, err = d.fences.take(d); err != nil {
			return 0, err
		}
	}
	d.recent.add(labels)
	if r := d.vkx.Submit(d.queue, cb, d.semaphore, seq, fence); r != vkx.Success {
		return 0, d.lose("submitting failed: " + r.Error())
	}
	if fence != 0 {
		d.fences.put(seq, fence)
	}
	d.lastSeq.Store(seq)
	return seq, nil
}

// poll updates completed without waiting.
func (d *Device) poll() {
	if d.semaphore == 0 {
		d.fences.poll(d)
		return
	}
	v, r := d.vkx.Counter(d.semaphore)
	if r != vkx.Success {
		d.lose("reading the timeline failed: " + r.Error())
		return
	}
	raise(&d.completed, v)
}

func raise(a *atomic.Uint64, v uint64) {
	for {
		old := a.Load()
		if v <= old || a.CompareAndSwap(old, v) {
			return
		}
	}
}

// waitSeq waits until the device has finished submission seq. It ends early
// with the context, and with the sticky error when the device is lost or
// finishes nothing for Options.WaitLimit.
func (d *Device) waitSeq(ctx context.Context, seq uint64) error {
	if seq <= d.completed.Load() {
		return d.Err()
	}
	progress, seen := time.Now(), d.completed.Load()
	slice := time.Millisecond
	for {
		if err := d.Err(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("gpu: wait: %w", context.Cause(ctx))
		}
		if err := d.waitSlice(seq, slice); err != nil {
			return err
		}
		now := d.completed.Load()
		if now >= seq {
			return d.Err()
		}
		if now > seen {
			progress, seen = time.Now(), now
		} else if time.Since(progress) > d.opt.WaitLimit {
			return d.lose(fmt.Sprintf("no progress for %v (submission %d of %d)", d.opt.WaitLimit, now+1, d.lastSeq.Load()))
		}
		slice = min(2*slice, 20*time.Millisecond)
	}
}

func (d *Device) waitSlice(seq uint64, slice time.Duration) error {
	if d.semaphore == 0 {
		return d.fences.wait(d, seq, slice)
	}
	r := d.vkx.WaitValue(d.semaphore, seq, uint64(slice))
	switch r {
	case vkx.Success:
		raise(&d.completed, seq)
	case vkx.Timeout:
		d.poll()
	default:
		return d.lose("waiting failed: " + r.Error())
	}
	return nil
}

// waitLost waits for a device that counts as lost, so that its objects can be
// destroyed, and says whether the work has ended.
func (d *Device) waitLost(limit time.Duration) bool {
	end := time.Now().Add(limit)
	for {
		last := d.lastSeq.Load()
		if d.semaphore != 0 {
			// A device that really is lost answers with an error at once and
			// may be destroyed.
			r := d.vkx.WaitValue(d.semaphore, last, uint64(10*time.Millisecond))
			if r != vkx.Timeout {
				return true
			}
		} else {
			d.fences.poll(d)
			if d.completed.Load() >= last || d.fences.dead.Load() {
				return true
			}
			time.Sleep(5 * time.Millisecond)
		}
		if time.Now().After(end) {
			return false
		}
	}
}

// fences stand in for the timeline: one for each submission in flight.
type fences struct {
	mu     sync.Mutex
	flight []flight // in order
	free   []uint64
	dead   atomic.Bool
}

type flight struct {
	seq, fence uint64
	waiters    int
	done       bool
}

func (f *fences) take(d *Device) (uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.free); n > 0 {
		x := f.free[n-1]
		f.free = f.free[:n-1]
		return x, nil
	}
	ci := vk.FenceCreateInfo{SType: vk.StructureTypeFenceCreateInfo}
	var x vk.Fence
	r := vk.CreateFence(d.vk, &ci, nil, &x)
	ci.Free()
	if r != vk.Success {
		return 0, d.lose("creating a fence failed: " + vkx.Result(r).Error())
	}
	return raw(x), nil
}

func (f *fences) put(seq, fence uint64) {
	f.mu.Lock()
	f.flight = append(f.flight, flight{seq: seq, fence: fence})
	f.mu.Unlock()
}

func (f *fences) poll(d *Device) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pollLocked(d)
}

func (f *fences) pollLocked(d *Device) {
	for i := range f.flight {
		x := &f.flight[i]
		if x.done {
			continue
		}
		r := vkx.Result(vk.GetFenceStatus(d.vk, handle[vk.Fence](x.fence)))
		if r < 0 {
			f.dead.Store(true)
			d.lose("reading a fence failed: " + r.Error())
		}
		if r != vkx.Success {
			break
		}
		x.done = true
		raise(&d.completed, x.seq)
	}
	for len(f.flight) > 0 && f.flight[0].done && f.flight[0].waiters == 0 {
		if d.vkx.ResetFence(f.flight[0].fence) == vkx.Success {
			f.free = append(f.free, f.flight[0].fence)
		}
		f.flight = append(f.flight[:0], f.flight[1:]...)
	}
}

// wait waits at most slice for submission seq. The fence is not reused while
// anybody waits for it.
func (f *fences) wait(d *Device, seq uint64, slice time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pollLocked(d)
	if d.completed.Load() >= seq {
		return nil
	}
	for i := range f.flight {
		if f.flight[i].seq != seq {
			continue
		}
		f.flight[i].waiters++
		fence := f.flight[i].fence
		f.mu.Unlock()
		r := d.vkx.WaitFence(fence, uint64(slice))
		f.mu.Lock()
		for j := range f.flight {
			if f.flight[j].seq == seq {
				f.flight[j].waiters--
			}
		}
		if r < 0 {
			f.dead.Store(true)
			return d.lose("waiting for a fence failed: " + r.Error())
		}
		f.pollLocked(d)
		return nil
	}
	return nil
}

func (f *fences) destroy(d *Device) {
	for _, x := range f.flight {
		vk.DestroyFence(d.vk, handle[vk.Fence](x.fence), nil)
	}
	for _, x := range f.free {
		vk.DestroyFence(d.vk, handle[vk.Fence](x), nil)
	}
}

// recent keeps the labels of the last submitted operations.
type recent struct {
	mu  sync.Mutex
	ops [8]string
	n   int
}

func (r *recent) add(labels []string) {
	r.mu.Lock()
	for _, l := range labels[max(0, len(labels)-len(r.ops)):] {
		r.ops[r.n%len(r.ops)] = l
		r.n++
	}
	r.mu.Unlock()
}

func (r *recent) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for i := max(0, r.n-len(r.ops)); i < r.n; i++ {
		out = append(out, r.ops[i%len(r.ops)])
	}
	return out
}

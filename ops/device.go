package ops

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"sync"
)

// Device is a backend with what all ops need around it: the cache of plans,
// the scopes that are open, and memory figures. It is safe for many goroutines.
type Device struct {
	backend Backend
	log     *slog.Logger
	plans   planCache

	mu      sync.Mutex
	scopes  map[*Scope]struct{}
	kept    map[uint64]TensorStat // tensors outside scopes; no pointers, so that lost ones are collected
	orphans []Buffer              // of kept tensors that were garbage collected
}

// NewDevice wraps a backend. log may be nil.
func NewDevice(b Backend, log *slog.Logger) *Device {
	d := &Device{backend: b, log: log, scopes: map[*Scope]struct{}{}, kept: map[uint64]TensorStat{}}
	d.plans.limit = 4096
	return d
}

// Name identifies the device to people.
func (d *Device) Name() string { return d.backend.Name() }

// Backend gives access to what is special about the device.
func (d *Device) Backend() Backend { return d.backend }

// Sync waits until all submitted work is done.
func (d *Device) Sync() error { return d.backend.Sync() }

// Close frees the device. Scopes that are open make it an error.
func (d *Device) Close() error {
	d.mu.Lock()
	open := len(d.scopes)
	d.mu.Unlock()
	if open > 0 {
		return &Error{Op: "close", Msg: "wanted every scope to have ended, got an open one"}
	}
	d.drain()
	return d.backend.Close()
}

// TensorStat is one live tensor in Stats.
type TensorStat struct {
	Op    Op     `json:"op"` // the op that made it
	Spec  string `json:"spec"`
	Bytes int    `json:"bytes"`
	Kept  bool   `json:"kept"` // lives outside scopes
}

// Stats are a device's memory figures.
type Stats struct {
	MemStats
	Scopes  int          `json:"scopes"`  // open ones
	Kept    int          `json:"kept"`    // tensors outside scopes
	Largest []TensorStat `json:"largest"` // at most 10, largest first
}

// Stats reports memory in use, the peak, what is pooled and the largest live
// tensors with the ops that made them.
func (d *Device) Stats() Stats {
	var st Stats
	if r, ok := d.backend.(StatsReporter); ok {
		st.MemStats = r.MemStats()
	}
	d.mu.Lock()
	st.Scopes, st.Kept = len(d.scopes), len(d.kept)
	for _, k := range d.kept {
		st.Largest = append(st.Largest, k)
	}
	scopes := make([]*Scope, 0, len(d.scopes))
	for s := range d.scopes {
		scopes = append(scopes, s)
	}
	d.mu.Unlock()
	for _, s := range scopes {
		s.mu.Lock()
		for _, t := range s.list {
			if t.scope == s && t.st == &t.own && t.st.refs.Load() > 0 {
				st.Largest = append(st.Largest, TensorStat{t.st.op, t.view.Spec.String(), t.st.bytes, false})
			}
		}
		s.mu.Unlock()
	}
	slices.SortStableFunc(st.Largest, func(a, b TensorStat) int { return cmp.Compare(b.Bytes, a.Bytes) })
	st.Largest = st.Largest[:min(10, len(st.Largest))]
	return st
}

// alloc asks the backend; out of memory, it collects garbage and tries again.
func (d *Device) alloc(bytes int) (Buffer, error) {
	b, err := d.backend.Alloc(max(bytes, 1))
	if err != nil && errors.Is(err, ErrOutOfMemory) {
		runtime.GC() // cleanups of lost tensors run soon after
		runtime.Gosched()
		d.drain()
		if serr := d.backend.Sync(); serr != nil {
			return nil, serr
		}
		b, err = d.backend.Alloc(max(bytes, 1))
	}
	return b, err
}

// orphan takes the buffer of a kept tensor that was garbage collected without
// Release. It runs on the runtime's cleanup goroutine, so it only queues.
func (d *Device) orphan(l lost) {
	d.mu.Lock()
	delete(d.kept, l.id)
	d.orphans = append(d.orphans, l.buf)
	d.mu.Unlock()
}

// lost is what is left of a kept tensor that nothing refers to.
type lost struct {
	id  uint64
	buf Buffer
}

func (d *Device) drain() {
	d.mu.Lock()
	bufs := d.orphans
	d.orphans = nil
	d.mu.Unlock()
	for _, b := range bufs {
		b.Release()
	}
	if len(bufs) > 0 && d.log != nil {
		d.log.Warn("tensors outside scopes were lost without Release", "count", len(bufs))
	}
}

// storage is the memory that a tensor and its views share.
type storage struct {
	dev     *Device
	buf     Buffer
	bytes   int
	op      Op            // the op that made it
	refs    atomicInt32   // handles, tape and pending gradients
	version atomicUint64  // raised by in-place calls
	writer  atomicPointer // the op of the last in-place call
}

func (st *storage) retain() { st.refs.Add(1) }

func (st *storage) release() {
	if st.refs.Add(-1) == 0 && st.buf != nil {
		st.buf.Release()
	}
}

// wrote notes that an in-place op changed the storage.
func (st *storage) wrote(d *Def) {
	st.version.Add(1)
	st.writer.Store(d)
}

// Mode says what a scope is for, and holds its generator.
type Mode struct {
	train bool
	rng   *Rand
}

// Train records gradients; dropout drops. rng may be nil when nothing random
// is used.
func Train(rng *Rand) Mode { return Mode{true, rng} }

// Infer records nothing; dropout passes. The generator is optional.
func Infer(rng ...*Rand) Mode {
	if len(rng) > 0 {
		return Mode{false, rng[0]}
	}
	return Mode{}
}

// Scope runs f with a scope of its own: temporaries that f makes go back to
// the pool when f returns. A panic with *Error inside becomes the returned
// error; other panics pass on. A failing scope frees what it kept and clears
// the gradients that its Backward calls touched; in-place writes stay.
func (d *Device) Scope(ctx context.Context, mode Mode, f func(s *Scope) error) error {
	return d.scopeWith(ctx, mode, nil, f)
}

// scopeWith is Scope, tracing instead of computing when tr is set.
func (d *Device) scopeWith(ctx context.Context, mode Mode, tr *trace, f func(s *Scope) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	d.drain()
	s := d.open(ctx, mode)
	s.trace = tr
	returned := false
	defer func() {
		r := recover()
		e, misuse := r.(*Error)
		if misuse {
			err = e
		}
		if late := s.end(returned && err == nil); err == nil {
			err = late
		}
		if r != nil && !misuse {
			panic(r)
		}
	}()
	err = f(s)
	returned = true
	return err
}

func (d *Device) open(ctx context.Context, mode Mode) *Scope {
	s := &Scope{dev: d, ctx: ctx, train: mode.train, recording: mode.train, rng: mode.rng}
	d.mu.Lock()
	d.scopes[s] = struct{}{}
	d.mu.Unlock()
	return s
}

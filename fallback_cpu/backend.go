package cpu

import (
	"fmt"

	"github.com/tuff-ml/tuff/internal/parallel"
	"github.com/tuff-ml/tuff/ops"
)

// Options configure a Backend. The zero value is what users want.
type Options struct {
	// Threads is how many cores one call may use; 0 means GOMAXPROCS.
	Threads int
	// Plain keeps to the plain Go kernels where faster ones exist.
	Plain bool
	// Budget is how many bytes of buffers may exist, lent out and pooled
	// together; 0 means the machine's memory where that is known.
	Budget int64
	// Poison fills every new buffer with 0xFF bytes, which are NaN in all
	// float types, so that tests notice reads of memory nobody wrote.
	Poison bool
	// Guard surrounds every buffer with known bytes and checks them after each
	// call; a kernel that wrote outside its buffers becomes an error that
	// names the op.
	Guard bool
}

// Backend is an ops.Backend on this machine's cores. Work is done when a
// stream's Run returns. It is safe for many goroutines; calls of different
// goroutines share one set of workers.
type Backend struct {
	name    string
	options Options
	pool    *parallel.Pool
	memory  *allocator
}

var (
	_ ops.Backend       = (*Backend)(nil)
	_ ops.StatsReporter = (*Backend)(nil)
)

// New starts a backend; Close ends its workers.
func New(o Options) (*Backend, error) {
	if o.Threads < 0 || o.Budget < 0 {
		return nil, fmt.Errorf("cpu: new: wanted threads and budget of at least 0, got %d and %d", o.Threads, o.Budget)
	}
	if o.Budget == 0 {
		o.Budget = machineMemory()
	}
	b := &Backend{options: o, pool: parallel.New(o.Threads), memory: newAllocator(o)}
	plural := "s"
	if b.pool.Threads() == 1 {
		plural = ""
	}
	b.name = fmt.Sprintf("cpu (%s, %d thread%s)", instructions(o.Plain), b.pool.Threads(), plural)
	return b, nil
}

// Name is for people: instruction set and number of threads.
func (b *Backend) Name() string { return b.name }

// Threads is how many cores one call may use.
func (b *Backend) Threads() int { return b.pool.Threads() }

// Alloc lends a buffer of undefined content, aligned to 64 bytes.
func (b *Backend) Alloc(bytes int) (ops.Buffer, error) {
	buf, err := b.memory.alloc(bytes)
	if err != nil {
		return nil, err
	}
	return buf, nil
}

// MemStats counts whole size classes, so it can exceed what was asked for by
// an eighth.
func (b *Backend) MemStats() ops.MemStats { return b.memory.stats() }

// Plan looks the kernel up and lets it plan.
func (b *Backend) Plan(c *ops.Call) (ops.Plan, error) {
	k, ok := kernels[c.Op]
	if !ok {
		return nil, fmt.Errorf("cpu: %s: no kernel: %w", c.Op, ops.ErrUnsupported)
	}
	run, scratch, err := k.Plan(c)
	if err != nil {
		return nil, fmt.Errorf("cpu: %s: %w", c.Op, err)
	}
	return &plan{op: c.Op, run: run, scratch: scratch}, nil
}

// Stream opens a stream. All streams work on the spot, so their order is the
// order of the Run calls.
func (b *Backend) Stream() (ops.Stream, error) {
	return &stream{Ctx{pool: b.pool, plain: b.options.Plain, guard: b.options.Guard}}, nil
}

// Sync has nothing to wait for.
func (b *Backend) Sync() error { return nil }

// Close ends the workers and gives pooled memory back. It fails while buffers
// are lent out.
func (b *Backend) Close() error {
	if s := b.memory.stats(); s.InUse != 0 {
		return fmt.Errorf("cpu: close: wanted all buffers released, got %d bytes in use", s.InUse)
	}
	b.memory.trim(0)
	b.pool.Close()
	return nil
}

// plan is an ops.Plan.
type plan struct {
	op      ops.Op
	run     Run
	scratch int
}

func (p *plan) Scratch() int { return p.scratch }

// stream is an ops.Stream.
type stream struct{ ctx Ctx }

func (s *stream) Run(p ops.Plan, c *ops.Call) error {
	q, ok := p.(*plan)
	if !ok {
		return fmt.Errorf("cpu: %s: wanted a plan of this backend, got %T", c.Op, p)
	}
	if q.op != c.Op {
		return fmt.Errorf("cpu: %s: wanted a plan for this op, got one for %s", c.Op, q.op)
	}
	err := q.run(&s.ctx, c)
	if s.ctx.guard {
		if broken := checkGuards(c); broken != nil {
			return broken
		}
	}
	return err
}

func (s *stream) Close() error { return nil }

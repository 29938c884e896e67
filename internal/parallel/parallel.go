// Package parallel spreads the pieces of one job over a fixed set of worker
// goroutines. It allocates nothing per job, and it refuses to know what the
// pieces compute.
//
// One job runs at a time. A caller that finds the pool busy does its pieces
// itself, so that many callers at once never put more goroutines to work than
// the pool has.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Task is a job of numbered pieces. Do is called once for each piece, from
// several goroutines at once, in no order.
type Task interface{ Do(piece int) }

// Pool is a set of workers. The goroutine that calls Run is one of them.
type Pool struct {
	threads int
	busy    sync.Mutex

	// The job. Written while no worker is inside (see Run).
	task   Task
	pieces int64
	next   atomic.Int64

	open     atomic.Bool   // the job may be entered
	inside   atomic.Int32  // workers that are looking at the job
	jobs     atomic.Uint64 // changes with every job: what idle workers watch
	sleepers atomic.Int32  // workers that gave up watching
	wake     chan struct{}
	closed   atomic.Bool
	failure  atomic.Pointer[any] // what a piece on a worker panicked with
	workers  sync.WaitGroup
}

// New starts a pool of that many threads, the caller of Run counted; 0 or less
// means GOMAXPROCS. Close ends its goroutines.
func New(threads int) *Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	p := &Pool{threads: threads, wake: make(chan struct{}, threads)}
	p.workers.Add(threads - 1)
	for range threads - 1 {
		go p.work()
	}
	return p
}

// Threads is the number of goroutines that work on a job.
func (p *Pool) Threads() int { return p.threads }

// Run does pieces 0 … n−1 of t and returns when all are done. It may be called
// from many goroutines, and from within a piece (which then runs inline). A
// piece that panics, on whatever goroutine, makes Run panic with the same value.
func (p *Pool) Run(n int, t Task) {
	if n <= 1 || p.threads == 1 || !p.busy.TryLock() {
		for i := range n {
			t.Do(i)
		}
		return
	}
	defer p.leave()
	p.task, p.pieces = t, int64(n)
	p.next.Store(0)
	p.open.Store(true)
	p.jobs.Add(1)
	p.rouse(min(n, p.threads) - 1)
	p.take(t, int64(n))
}

// leave closes the job, waits for the workers inside it, and frees the pool;
// deferred so that a panicking piece does not leave the pool locked.
func (p *Pool) leave() {
	p.next.Store(p.pieces) // after a panic: nothing more to take
	p.open.Store(false)
	for spins := 0; p.inside.Load() != 0; spins++ {
		if spins > 64 {
			runtime.Gosched()
		}
	}
	p.task = nil
	failure := p.failure.Swap(nil)
	p.busy.Unlock()
	if failure != nil {
		panic(*failure)
	}
}

// take does pieces until none is left.
func (p *Pool) take(t Task, n int64) {
	for {
		i := p.next.Add(1) - 1
		if i >= n {
			return
		}
		t.Do(int(i))
	}
}

// rouse wakes up to n sleeping workers; those that still watch come by themselves.
func (p *Pool) rouse(n int) {
	for range min(n, int(p.sleepers.Load())) {
		select {
		case p.wake <- struct{}{}:
		default:
			return
		}
	}
}

func (p *Pool) work() {
	defer p.workers.Done()
	var seen uint64
	for {
		seen = p.await(seen)
		if p.closed.Load() {
			return
		}
		p.help()
	}
}

// help takes part in the job if there is one. A worker is inside before it
// looks whether the job is open, and Run closes the job before it looks whether
// anybody is inside: so nobody reads the job while it changes.
func (p *Pool) help() {
	p.inside.Add(1)
	defer p.inside.Add(-1)
	if !p.open.Load() {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			failure := r // a variable of its own: it alone moves to the heap
			p.failure.CompareAndSwap(nil, &failure)
			p.next.Store(p.pieces)
		}
	}()
	p.take(p.task, p.pieces)
}

// How long an idle worker watches before it sleeps: watchRounds times
// watchLoads loads and one yield, some 20 µs. Jobs of one training step follow
// each other within that time; waking a sleeper costs about 5 µs.
const (
	watchRounds = 100
	watchLoads  = 30
)

// await returns the number of the newest job once it differs from seen.
func (p *Pool) await(seen uint64) uint64 {
	for {
		for range watchRounds {
			for range watchLoads {
				if now := p.jobs.Load(); now != seen {
					return now
				}
			}
			runtime.Gosched()
		}
		p.sleepers.Add(1)
		if p.jobs.Load() == seen {
			<-p.wake
		}
		p.sleepers.Add(-1)
		if p.closed.Load() {
			return seen
		}
	}
}

// Close ends the workers. No Run may be under way or follow.
func (p *Pool) Close() {
	p.busy.Lock()
	defer p.busy.Unlock()
	if p.closed.Swap(true) {
		return
	}
	p.jobs.Add(1)
	close(p.wake)
	p.workers.Wait()
}

package data

import (
	"context"
	"fmt"
	"iter"
	"sync"
)

// LoaderOptions are torch.utils.data.DataLoader's; the zero value is torch's
// default.
type LoaderOptions struct {
	BatchSize int     // 0: 1
	Shuffle   bool    // visit in the order of RandomSampler{Len, Seed}
	Seed      uint64  // for Shuffle
	Sampler   Sampler // the order, instead of Shuffle
	DropLast  bool    // leave out a last batch that is not full
	Workers   int     // goroutines that prepare batches; 0: the caller's, when asked
	Prefetch  int     // batches that each worker prepares ahead; 0: 2
}

// Loader makes batches B of a dataset's examples T. It is immutable, and safe
// for many goroutines.
type Loader[T, B any] struct {
	data    Dataset[T]
	collate func([]T) (B, error)
	opts    LoaderOptions
}

// NewLoader checks the options. collate turns the examples of a batch into the
// batch; with workers it is called from many goroutines at once, and may not
// keep its argument.
func NewLoader[T, B any](d Dataset[T], collate func([]T) (B, error), o LoaderOptions) (*Loader[T, B], error) {
	switch {
	case d == nil || collate == nil:
		return nil, fmt.Errorf("data: loader: wanted a dataset and a collate function, got nil")
	case o.BatchSize < 0 || o.Workers < 0 || o.Prefetch < 0:
		return nil, fmt.Errorf("data: loader: wanted a batch size, workers and prefetch of at least 0, got %d, %d and %d", o.BatchSize, o.Workers, o.Prefetch)
	case o.Shuffle && o.Sampler != nil:
		return nil, fmt.Errorf("data: loader: wanted Shuffle or a Sampler, got both")
	}
	if o.BatchSize == 0 {
		o.BatchSize = 1
	}
	if o.Prefetch == 0 {
		o.Prefetch = 2
	}
	switch {
	case o.Shuffle:
		o.Sampler = RandomSampler{d.Len(), o.Seed}
	case o.Sampler == nil:
		o.Sampler = SequentialSampler{d.Len()}
	}
	return &Loader[T, B]{d, collate, o}, nil
}

// Len is the number of batches of an epoch.
func (l *Loader[T, B]) Len() int { return l.batches(l.opts.Sampler.Len()) }

// Examples is the number of examples of an epoch.
func (l *Loader[T, B]) Examples() int {
	n := l.opts.Sampler.Len()
	if l.opts.DropLast {
		n -= n % l.opts.BatchSize
	}
	return n
}

func (l *Loader[T, B]) batches(n int) int {
	if !l.opts.DropLast {
		n += l.opts.BatchSize - 1
	}
	return n / l.opts.BatchSize
}

// Epoch walks the batches of one epoch in order. The order depends on seed and
// epoch, and on nothing else. Breaking off stops the workers: they have ended
// when the loop has. An error of the dataset or of collate, or the end of ctx,
// comes once, with a zero batch, and ends the walk. A panic in a worker comes
// out of the loop.
func (l *Loader[T, B]) Epoch(ctx context.Context, epoch int) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		var none B
		if epoch < 0 {
			yield(none, fmt.Errorf("data: loader: wanted an epoch of at least 0, got %d", epoch))
			return
		}
		order := l.opts.Sampler.Indices(epoch)
		if err := wantIndices("loader", order, l.data.Len()); err != nil {
			yield(none, err)
			return
		}
		jobs := make([][]int, l.batches(len(order)))
		for k := range jobs {
			at := k * l.opts.BatchSize
			jobs[k] = order[at:min(at+l.opts.BatchSize, len(order))]
		}
		next := l.load // batch k, computed here
		if l.opts.Workers > 0 {
			f := l.start(ctx, jobs)
			defer f.stop()
			next = f.take
		}
		for k, job := range jobs {
			if err := ctx.Err(); err != nil {
				yield(none, fmt.Errorf("data: loader: epoch %d stopped after %d of %d batches: %w", epoch, k, len(jobs), err))
				return
			}
			b, err := next(ctx, job)
			if err != nil {
				yield(none, err)
				return
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// load makes one batch.
func (l *Loader[T, B]) load(ctx context.Context, indices []int) (B, error) {
	var none B
	items := make([]T, len(indices))
	for k, i := range indices {
		if err := ctx.Err(); err != nil {
			return none, fmt.Errorf("data: loader: stopped: %w", err)
		}
		x, err := l.data.At(i)
		if err != nil {
			return none, fmt.Errorf("data: loader: example %d: %w", i, err)
		}
		items[k] = x
	}
	b, err := l.collate(items)
	if err != nil {
		return none, fmt.Errorf("data: loader: collating examples %v: %w", indices, err)
	}
	return b, nil
}

// fleet are the workers of one epoch. Batches are handed out, and taken back,
// in order: each has a place of its own for its result.
type fleet[T, B any] struct {
	l      *Loader[T, B]
	todo   chan job[B]
	queue  []chan result[B] // of the batches that are under way, in order
	left   [][]int          // not yet handed out
	cancel context.CancelFunc
	done   sync.WaitGroup
}

type job[B any] struct {
	indices []int
	to      chan result[B]
}

type result[B any] struct {
	batch    B
	err      error
	panicked any
}

func (l *Loader[T, B]) start(ctx context.Context, jobs [][]int) *fleet[T, B] {
	ctx, cancel := context.WithCancel(ctx)
	ahead := l.opts.Workers * l.opts.Prefetch
	f := &fleet[T, B]{l: l, todo: make(chan job[B], ahead), left: jobs, cancel: cancel}
	for range l.opts.Workers {
		f.done.Add(1)
		go func() {
			defer f.done.Done()
			for j := range f.todo {
				j.to <- f.work(ctx, j.indices)
			}
		}()
	}
	for range ahead {
		f.hand()
	}
	return f
}

// hand gives the workers one more batch, if there is one. At most ahead are
// under way, so the channel has room.
func (f *fleet[T, B]) hand() {
	if len(f.left) > 0 {
		to := make(chan result[B], 1)
		f.todo <- job[B]{f.left[0], to}
		f.queue, f.left = append(f.queue, to), f.left[1:]
	}
}

func (f *fleet[T, B]) work(ctx context.Context, indices []int) (r result[B]) {
	ok := false
	defer func() {
		if !ok {
			r.panicked = recover()
		}
	}()
	r.batch, r.err = f.l.load(ctx, indices)
	ok = true
	return r
}

// take waits for the next batch.
func (f *fleet[T, B]) take(_ context.Context, _ []int) (B, error) {
	r := <-f.queue[0]
	f.queue = f.queue[1:]
	f.hand()
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.batch, r.err
}

// stop ends the workers and waits for them.
func (f *fleet[T, B]) stop() {
	f.cancel()
	close(f.todo)
	f.done.Wait()
}

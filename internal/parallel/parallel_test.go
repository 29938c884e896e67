package parallel

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// marks counts how often each piece was done.
type marks struct{ n []atomic.Int32 }

func (m *marks) Do(i int) { m.n[i].Add(1) }

func (m *marks) check(t *testing.T, want int32) {
	t.Helper()
	for i := range m.n {
		if got := m.n[i].Load(); got != want {
			t.Fatalf("piece %d: wanted %d calls, got %d", i, want, got)
		}
	}
}

func TestEveryPieceOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		p := New(threads)
		for _, n := range []int{0, 1, 2, 7, 100} {
			m := &marks{make([]atomic.Int32, n)}
			p.Run(n, m)
			m.check(t, 1)
		}
		p.Close()
	}
}

func TestManyCallers(t *testing.T) {
	p := New(4)
	defer p.Close()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			m := &marks{make([]atomic.Int32, 50)}
			for range 200 {
				p.Run(50, m)
			}
			m.check(t, 200)
		})
	}
	wg.Wait()
}

// TestWakesSleepers leaves time for the workers to fall asleep between jobs.
func TestWakesSleepers(t *testing.T) {
	p := New(3)
	defer p.Close()
	for range 20 {
		for p.sleepers.Load() != 2 {
			time.Sleep(100 * time.Microsecond)
		}
		var meet sync.WaitGroup // both pieces must run at once
		meet.Add(2)
		p.Run(2, taskFunc(func(int) { meet.Done(); meet.Wait() }))
	}
}

type taskFunc func(int)

func (f taskFunc) Do(i int) { f(i) }

// nested calls Run from within a piece.
type nested struct {
	p     *Pool
	inner marks
}

func (n *nested) Do(int) { n.p.Run(len(n.inner.n), &n.inner) }

func TestNestedRunsInline(t *testing.T) {
	p := New(3)
	defer p.Close()
	n := &nested{p: p, inner: marks{make([]atomic.Int32, 9)}}
	p.Run(6, n)
	n.inner.check(t, 6)
}

// TestPanicReachesCaller panics once on the caller's goroutine and once on a
// worker's: both pieces wait for each other, so each has its own.
func TestPanicReachesCaller(t *testing.T) {
	p := New(2)
	defer p.Close()
	for bad := range 2 {
		var meet sync.WaitGroup
		meet.Add(2)
		got := func() (r any) {
			defer func() { r = recover() }()
			p.Run(2, taskFunc(func(i int) {
				meet.Done()
				meet.Wait()
				if i == bad {
					panic("piece")
				}
			}))
			return nil
		}()
		if got != "piece" {
			t.Errorf("piece %d: wanted its panic to reach the caller, got %v", bad, got)
		}
	}
	m := &marks{make([]atomic.Int32, 5)}
	p.Run(5, m)
	m.check(t, 1)
}

func TestCloseEndsWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 10 {
		p := New(4)
		p.Run(8, taskFunc(func(int) {}))
		p.Close()
		p.Close() // twice is once
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("wanted %d goroutines, got %d", before, after)
	}
}

// TestNoAllocation counts by itself: testing.AllocsPerRun allows one processor
// only, on which the workers would never take part.
func TestNoAllocation(t *testing.T) {
	p := New(2)
	defer p.Close()
	m := &marks{make([]atomic.Int32, 8)}
	p.Run(8, m)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const runs = 10000
	for range runs {
		p.Run(8, m)
	}
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > runs/100 {
		t.Errorf("wanted no allocation in %d jobs, got %d", runs, n)
	}
}

func BenchmarkRun(b *testing.B) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			p := New(threads)
			defer p.Close()
			t := taskFunc(func(int) {})
			for b.Loop() {
				p.Run(2, t)
			}
		})
	}
}

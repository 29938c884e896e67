package ops_test

import (
	"runtime"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// TestTwoThousandStepsStayFlat trains and compares device memory and Go heap
// after a warm-up with those at the end.
func TestTwoThousandStepsStayFlat(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		steps := 2000
		if testing.Short() {
			steps = 200
		}
		rng := newRand(t, dev, 1)
		var net *adamNet
		train(t, dev, rng, func(s *ops.Scope) error { net = newAdamNet(s); return nil })
		defer release(net.all()...)
		heap := func() uint64 {
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		var before ops.Stats
		var beforeHeap uint64
		for i := range steps {
			if i == steps/10 {
				if err := dev.Sync(); err != nil {
					t.Fatal(err)
				}
				before, beforeHeap = dev.Stats(), heap()
			}
			train(t, dev, rng, func(s *ops.Scope) error {
				x, y := batch(s, i%7)
				loss := net.update(s, x, y)
				if i%50 == 0 {
					item(t, loss)
				}
				return nil
			})
		}
		if err := dev.Sync(); err != nil {
			t.Fatal(err)
		}
		after, afterHeap := dev.Stats(), heap()
		if after.InUse != before.InUse || after.Kept != before.Kept {
			t.Errorf("device memory: %d bytes in %d tensors after %d steps, %d in %d after %d",
				before.InUse, before.Kept, steps/10, after.InUse, after.Kept, steps)
		}
		if after.Peak > before.Peak+before.Peak/10 {
			t.Errorf("peak: %d bytes after the warm-up, %d at the end", before.Peak, after.Peak)
		}
		if afterHeap > beforeHeap+1<<20 {
			t.Errorf("Go heap: %d bytes after the warm-up, %d at the end", beforeHeap, afterHeap)
		}
	})
}

// TestLostTensorsComeBack drops kept tensors without Release: the garbage
// collector hands their memory back.
func TestLostTensorsComeBack(t *testing.T) {
	dev := openCPU(t)
	infer(t, dev, func(s *ops.Scope) error {
		for range 8 {
			s.Keep(ops.Zeros(s, ops.F32, 1<<16))
		}
		return nil
	})
	lost := dev.Stats().InUse
	for range 50 {
		runtime.GC()
		infer(t, dev, func(*ops.Scope) error { return nil }) // opening a scope drains the queue
		if dev.Stats().InUse == 0 {
			return
		}
	}
	t.Errorf("wanted %d bytes back after collections, %d are still in use", lost, dev.Stats().InUse)
}

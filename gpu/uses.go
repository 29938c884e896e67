//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import "sync/atomic"

// batch is the work that a stream submits at once. Its number is 0 until then.
// Numbers grow in the order in which the device runs them; 1 stands for work
// that needs no waiting.
type batch struct {
	stream *Stream
	seq    atomic.Uint64
}

func (b *batch) pending() bool { return b.seq.Load() == 0 }

// done says that the device has finished the batch, as far as is known.
func (b *batch) done() bool {
	n := b.seq.Load()
	return n != 0 && n <= b.stream.d.completed.Load()
}

// addUse records that batch x uses the memory which list describes. It keeps
// every unsubmitted batch and, of those submitted and not known to be done, the
// last: the device runs them in order.
func addUse(list []*batch, x *batch) []*batch {
	if n := len(list); n > 0 && list[n-1] == x {
		return list
	}
	keep, last := list[:0], uint64(0)
	at := -1
	for _, y := range list {
		if y == x || y.done() {
			continue
		}
		if n := y.seq.Load(); n != 0 {
			if at >= 0 {
				if n > last {
					keep[at], last = y, n
				}
				continue
			}
			at, last = len(keep), n
		}
		keep = append(keep, y)
	}
	return append(keep, x)
}

// mergeUses joins two lists; a is reused.
func mergeUses(a, b []*batch) []*batch {
	for _, x := range b {
		if !x.done() {
			a = addUse(a, x)
		}
	}
	return a
}

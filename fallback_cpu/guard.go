package cpu

import (
	"fmt"
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

// prepare fills a new buffer's content and guards as the options want it.
func (a *allocator) prepare(b *Buffer, size int) {
	if a.options.Poison {
		fillBytes(b.all(), 0xFF)
	}
	if a.options.Guard {
		front, back := b.guards()
		fillBytes(front, guardByte)
		fillBytes(back, guardByte)
	}
}

func fillBytes(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

// guards are the known bytes before the buffer, and behind it up to the end of
// its size class and guardBytes more.
func (b *Buffer) guards() (front, back []byte) {
	front = unsafe.Slice((*byte)(unsafe.Add(b.base, -guardBytes)), guardBytes)
	end := classSize(b.class) + guardBytes
	back = unsafe.Slice((*byte)(unsafe.Add(b.base, b.bytes)), end-b.bytes)
	return front, back
}

// checkGuards looks at all buffers of a call after it ran.
func checkGuards(c *ops.Call) error {
	for _, views := range [...][]ops.View{c.Out, c.In, {c.Scratch}} {
		for i := range views {
			b, ok := views[i].Buf.(*Buffer)
			if !ok {
				continue
			}
			front, back := b.guards()
			if at := firstOther(front); at >= 0 {
				return fmt.Errorf("cpu: %s: wanted writes inside the buffers, got one %d bytes before a buffer of %d bytes", c.Op, guardBytes-at, b.bytes)
			}
			if at := firstOther(back); at >= 0 {
				return fmt.Errorf("cpu: %s: wanted writes inside the buffers, got one %d bytes behind a buffer of %d bytes", c.Op, at, b.bytes)
			}
		}
	}
	return nil
}

// firstOther is the place of the first byte that is no guard, −1 when all are.
func firstOther(b []byte) int {
	for i, v := range b {
		if v != guardByte {
			return i
		}
	}
	return -1
}

//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// Buffer is a piece of device memory. It is safe for many goroutines.
type Buffer struct {
	d     *Device
	piece *piece
	addr  uint64
	bytes int
	refs  atomic.Int32

	mu    sync.Mutex // guards write and piece.uses
	write *batch     // last recorded write by the device, nil when none
}

// Address is the device address of the first byte.
func (b *Buffer) Address() uint64 { return b.addr }

// Bytes is the size asked for.
func (b *Buffer) Bytes() int { return b.bytes }

// Retain adds a reference.
func (b *Buffer) Retain() {
	if b.refs.Add(1) <= 1 {
		panic("gpu: buffer: retain after the last release")
	}
}

// Release drops a reference. With the last one the memory returns to the pool;
// work that still uses it is unharmed.
func (b *Buffer) Release() {
	switch n := b.refs.Add(-1); {
	case n < 0:
		panic("gpu: buffer: released more often than retained")
	case n == 0:
		b.d.pool.release(b.piece)
	}
}

func (b *Buffer) offset() uint64 { return uint64(b.piece.off) }

func (b *Buffer) check(what string, off, n int) error {
	if b.refs.Load() <= 0 {
		return fmt.Errorf("gpu: %s: wanted a live buffer, got one that was released", what)
	}
	if off < 0 || n < 0 || off > b.bytes-n {
		return fmt.Errorf("gpu: %s: wanted bytes within the buffer's %d, got [%d, %d)", what, b.bytes, off, off+n)
	}
	return nil
}

// claim registers batch cur as a user of b. When an unsubmitted batch of
// another stream has to go first, that one is returned and nothing changes.
func (b *Buffer) claim(cur *batch, write bool) (before *batch) {
	b.mu.Lock()
	if w := b.write; w != nil && w != cur && w.pending() {
		b.mu.Unlock()
		return w
	}
	if write {
		for _, u := range b.piece.uses {
			if u != cur && u.pending() {
				b.mu.Unlock()
				return u
			}
		}
		b.write = cur
	}
	b.piece.uses = addUse(b.piece.uses, cur)
	b.mu.Unlock()
	return nil
}

// settle submits every unsubmitted batch that uses b and says whether the
// device is done with all of them.
func (b *Buffer) settle() (idle bool, err error) {
	for {
		var before *batch
		idle = true
		b.mu.Lock()
		for _, u := range b.piece.uses {
			if u.pending() {
				before = u
			}
			idle = idle && u.done()
		}
		b.mu.Unlock()
		if before == nil {
			return idle, nil
		}
		if err := before.submit(); err != nil {
			return false, err
		}
	}
}

// Write copies src to the bytes at off. It takes effect after every use of the
// buffer recorded before, in any stream, and before every one recorded after;
// src is free on return. It copies straight into mapped memory when the device
// is done with the buffer, and otherwise through the staging ring, so it does
// not wait for computation.
func (b *Buffer) Write(off int, src []byte) error {
	if err := b.check("write", off, len(src)); err != nil {
		return err
	}
	d := b.d
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	if len(src) == 0 {
		return nil
	}
	idle, err := b.settle()
	if err != nil {
		return err
	}
	if !idle {
		d.poll()
		if idle, err = b.settle(); err != nil {
			return err
		}
	}
	if m := b.piece.block.mapped; idle && m != nil {
		copy(m[b.piece.off+off:], src)
		return nil
	}
	return d.upload(b, off, src)
}

// Read copies the bytes at off to dst. It submits the unsubmitted work that
// writes the buffer and waits for that work alone; memory that the host does not
// see cached is copied to staging first, behind what was submitted by then.
func (b *Buffer) Read(ctx context.Context, off int, dst []byte) error {
	if err := b.check("read", off, len(dst)); err != nil {
		return err
	}
	d := b.d
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	if len(dst) == 0 {
		return nil
	}
	b.mu.Lock()
	w := b.write
	b.mu.Unlock()
	if w != nil && w.pending() {
		if err := w.submit(); err != nil {
			return err
		}
	}
	if m := b.piece.block.mapped; m != nil && d.info.Features.HostCached {
		if w != nil {
			if err := d.waitSeq(ctx, w.seq.Load()); err != nil {
				return err
			}
		}
		copy(dst, m[b.piece.off+off:])
	} else if err := d.download(ctx, b, off, dst); err != nil {
		return err
	}
	if w != nil {
		return w.stream.takeFault()
	}
	return nil
}

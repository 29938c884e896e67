//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"context"
	"fmt"
	"sync"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// Sizes of the staging memory, in bytes.
const (
	ringBytes = 16 << 20
	downBytes = 16 << 20
	// flushUpload is the size from which an upload is submitted at once, so
	// that it runs while the host goes on.
	flushUpload = 1 << 20
)

// staging makes a buffer over a host block of its own.
func (d *Device) staging(size, memType int) (*Buffer, error) {
	blk, r := d.newBlock(size, memType, true)
	if r != vkx.Success {
		return nil, fmt.Errorf("gpu: staging memory of %s: %w", sizeText(size), r)
	}
	b := &Buffer{d: d, piece: &piece{block: blk, size: size, used: true}, addr: blk.addr, bytes: size}
	b.refs.Store(1)
	return b, nil
}

// uploader is the staging ring: uploads are copied into it and recorded in a
// stream of its own, which is submitted when anybody uses the buffer.
type uploader struct {
	mu     sync.Mutex
	stream *Stream
	buf    *Buffer
	head   int // next byte to hand out
	parts  []part
}

type part struct {
	off, n int
	batch  *batch
}

func (d *Device) upload(b *Buffer, off int, src []byte) error {
	u := &d.up
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.buf == nil {
		buf, err := d.staging(ringBytes, d.host[0])
		if err != nil {
			return err
		}
		u.buf = buf
	}
	if u.stream == nil {
		s, err := d.newStream()
		if err != nil {
			return err
		}
		s.mark, u.stream = "upload", s
	}
	d.nStaged.Add(1)
	big := len(src) >= flushUpload
	for len(src) > 0 {
		n := min(len(src), ringBytes/4)
		at, err := u.take(n)
		if err != nil {
			return err
		}
		copy(u.buf.piece.block.mapped[at:], src[:n])
		batch, err := u.stream.copy(b, off, u.buf, at, n)
		if err != nil {
			return err
		}
		u.parts = append(u.parts, part{at, n, batch})
		src, off = src[n:], off+n
		if big {
			if err := u.stream.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// take finds n contiguous bytes of the ring, waiting for old uploads.
func (u *uploader) take(n int) (int, error) {
	for {
		if len(u.parts) == 0 {
			u.head = 0
		}
		if at, ok := ringFit(u.head, n, u.parts); ok {
			u.head = at + (n+63)/64*64
			return at, nil
		}
		old := u.parts[0].batch
		if old.pending() {
			if err := old.submit(); err != nil {
				return 0, err
			}
		}
		if err := u.stream.d.waitSeq(context.Background(), old.seq.Load()); err != nil {
			return 0, err
		}
		u.parts = append(u.parts[:0], u.parts[1:]...)
	}
}

// ringFit places n bytes behind head without touching the parts in use, which
// lie in ring order from the oldest.
func ringFit(head, n int, parts []part) (int, bool) {
	if len(parts) == 0 {
		return 0, n <= ringBytes
	}
	tail := parts[0].off
	if head > tail {
		if head+n <= ringBytes {
			return head, true
		}
		head = 0
	}
	return head, head+n < tail
}

func (u *uploader) flush() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.stream == nil {
		return nil
	}
	return u.stream.flush()
}

func (u *uploader) destroy(d *Device) {
	if u.buf != nil {
		d.freeBlock(u.buf.piece.block)
	}
}

// downloader brings data back through cached host memory.
type downloader struct {
	mu     sync.Mutex
	stream *Stream
	buf    *Buffer
}

func (d *Device) download(ctx context.Context, b *Buffer, off int, dst []byte) error {
	w := &d.down
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.buf == nil {
		buf, err := d.staging(downBytes, d.host[1])
		if err != nil {
			return err
		}
		w.buf = buf
	}
	if w.stream == nil {
		s, err := d.newStream()
		if err != nil {
			return err
		}
		s.mark, w.stream = "read back", s
	}
	for len(dst) > 0 {
		n := min(len(dst), downBytes)
		if _, err := w.stream.copy(w.buf, 0, b, off, n); err != nil {
			return err
		}
		if err := w.stream.wait(ctx); err != nil {
			return err
		}
		copy(dst[:n], w.buf.piece.block.mapped)
		dst, off = dst[n:], off+n
	}
	return nil
}

func (w *downloader) destroy(d *Device) {
	if w.buf != nil {
		d.freeBlock(w.buf.piece.block)
	}
}

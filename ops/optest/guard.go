package optest

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/tuff-ml/tuff/ops"
)

const (
	guardBytes = 256 // before and behind each buffer; keeps offsets modulo 16
	guardByte  = 0x5A
	junkByte   = 0xCB // as f32 −2.7e7, as an integer odd and negative
)

// Guard wraps a backend: each buffer stands between guard words, and a fresh
// one is full of junk. Check tells whether every guard word is unharmed. The
// wrapped backend is not closed with it.
type Guard struct {
	inner ops.Backend
	mu    sync.Mutex
	live  []*guarded
}

// NewGuard wraps b.
func NewGuard(b ops.Backend) *Guard { return &Guard{inner: b} }

// guarded is a buffer inside a larger one.
type guarded struct {
	ops.Buffer
	size int
}

// Name is the wrapped backend's.
func (g *Guard) Name() string { return g.inner.Name() }

// Alloc lends a guarded buffer full of junk. Guard holds it until Check, so
// that writes after its release are seen too.
func (g *Guard) Alloc(size int) (ops.Buffer, error) {
	b, err := g.inner.Alloc(size + 2*guardBytes)
	if err != nil {
		return nil, err
	}
	fill := bytes.Repeat([]byte{junkByte}, size+2*guardBytes)
	for i := range guardBytes {
		fill[i], fill[guardBytes+size+i] = guardByte, guardByte
	}
	if err := b.Write(0, fill); err != nil {
		b.Release()
		return nil, err
	}
	b.Retain()
	out := &guarded{b, size}
	g.mu.Lock()
	g.live = append(g.live, out)
	g.mu.Unlock()
	return out, nil
}

func (b *guarded) Bytes() int { return b.size }

func (b *guarded) Write(off int, src []byte) error { return b.Buffer.Write(off+guardBytes, src) }

func (b *guarded) Read(ctx context.Context, off int, dst []byte) error {
	return b.Buffer.Read(ctx, off+guardBytes, dst)
}

// Check reads the guard words of all buffers lent since the last Check, and
// lets the buffers go.
func (g *Guard) Check(ctx context.Context) error {
	g.mu.Lock()
	live := g.live
	g.live = nil
	g.mu.Unlock()
	var first error
	for _, b := range live {
		for _, off := range [...]int{0, guardBytes + b.size} {
			words := make([]byte, guardBytes)
			if err := b.Buffer.Read(ctx, off, words); err != nil {
				first = cmpErr(first, err)
				continue
			}
			for i, w := range words {
				if w != guardByte {
					first = cmpErr(first, fmt.Errorf("a kernel wrote outside a buffer of %d bytes: byte %d was changed to %#x", b.size, off+i-guardBytes, w))
					break
				}
			}
		}
		b.Buffer.Release()
	}
	return first
}

func cmpErr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// translate gives the call on the wrapped backend's own buffers.
func translate(c *ops.Call) *ops.Call {
	out := *c
	out.In, out.Out = translateViews(c.In), translateViews(c.Out)
	out.Scratch = translateView(c.Scratch)
	return &out
}

func translateViews(vs []ops.View) []ops.View {
	out := make([]ops.View, len(vs))
	for i, v := range vs {
		out[i] = translateView(v)
	}
	return out
}

func translateView(v ops.View) ops.View {
	if v.DType != ops.InvalidDType {
		v.Offset += guardBytes / v.DType.Size()
	}
	if b, ok := v.Buf.(*guarded); ok {
		v.Buf = b.Buffer
	}
	return v
}

// Plan asks the wrapped backend.
func (g *Guard) Plan(c *ops.Call) (ops.Plan, error) { return g.inner.Plan(translate(c)) }

// Stream opens a stream of the wrapped backend.
func (g *Guard) Stream() (ops.Stream, error) {
	s, err := g.inner.Stream()
	if err != nil {
		return nil, err
	}
	return guardedStream{s}, nil
}

type guardedStream struct{ ops.Stream }

func (s guardedStream) Run(p ops.Plan, c *ops.Call) error { return s.Stream.Run(p, translate(c)) }

// Sync waits for the wrapped backend.
func (g *Guard) Sync() error { return g.inner.Sync() }

// Close leaves the wrapped backend open.
func (g *Guard) Close() error { return nil }

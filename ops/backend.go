package ops

import (
	"context"
	"errors"
	"fmt"
)

// Backend runs ops on one device. It is safe for many goroutines.
type Backend interface {
	// Name identifies the device to people, for example "cpu (avx2, 8 threads)".
	Name() string
	// Alloc lends a buffer of at least that many bytes, reference count 1. Its
	// content is undefined. Out of memory is an error wrapping ErrOutOfMemory.
	Alloc(bytes int) (Buffer, error)
	// Plan chooses variant, grid and scratch for a call, or fails with
	// ErrUnsupported (and the reason), or with ErrDense when it could run the
	// call if all inputs were dense. It never looks at Buf, keeps neither c
	// nor its slices, and its result serves every call with the same op,
	// attribute, dtypes, shapes, strides, and offsets modulo 16 bytes.
	Plan(c *Call) (Plan, error)
	// Stream opens one in-order list of work; a scope holds one.
	Stream() (Stream, error)
	// Sync waits until all work of all streams is done.
	Sync() error
	// Close frees the device. Buffers and streams must be released before.
	Close() error
}

// Stream is one in-order list of work. It belongs to one goroutine at a time.
// Streams of one device see each other's work in the order of submission.
type Stream interface {
	// Run carries out a planned call. It may return before the work is done,
	// and keeps neither c nor its slices.
	Run(p Plan, c *Call) error
	// Close hands in what is left and reports failures known by then. It need
	// not wait for the work.
	Close() error
}

// Plan is a backend's prepared way to run a call. It is immutable and safe for
// many goroutines.
type Plan interface {
	// Scratch is how many bytes of working memory the call needs, lent in
	// Call.Scratch.
	Scratch() int
}

// Buffer is device memory with a reference count.
type Buffer interface {
	// Bytes is the size asked for.
	Bytes() int
	// Write copies src to the buffer after every earlier use of the buffer;
	// src is free on return.
	Write(off int, src []byte) error
	// Read copies from the buffer, waiting for this buffer's writers only.
	Read(ctx context.Context, off int, dst []byte) error
	// Retain and Release count references; at zero the memory goes back to
	// the backend's pool once the device no longer uses it.
	Retain()
	Release()
}

// Call is one use of an op. It reads In and writes Out and nothing else. No
// view in it is empty. Where Def.Alias names an input for an output, the
// output is that input's view.
type Call struct {
	Op      Op
	Out, In []View
	Attr    any        // the op's comparable struct, or nil
	Const   [2]float64 // Go constants; no part of the plan's key
	Scratch View       // U8, as long as Plan.Scratch asked for
}

// MemStats are a backend's memory figures, in bytes.
type MemStats struct {
	InUse  int64 `json:"in_use"` // lent out now
	Peak   int64 `json:"peak"`   // the most ever lent out
	Pooled int64 `json:"pooled"` // held for reuse
	Budget int64 `json:"budget"` // what the device may give; 0: unknown
}

// StatsReporter is a Backend that knows its memory figures.
type StatsReporter interface{ MemStats() MemStats }

// Sentinels that backends wrap.
var (
	// ErrUnsupported: the backend has no kernel for this call.
	ErrUnsupported = errors.New("not supported by this backend")
	// ErrDense: the backend could run the call on dense inputs.
	ErrDense = errors.New("needs dense inputs")
	// ErrOutOfMemory: the device has no room; the text has sizes asked for, in use and free.
	ErrOutOfMemory = errors.New("out of memory")
	// ErrDeviceLost: the device stopped working; every later use fails alike.
	ErrDeviceLost = errors.New("device lost")
)

// IndexError reports an index that was outside its dimension, found while a
// kernel ran; ops such as gather return it at read-back or at the scope's end.
type IndexError struct {
	Op    Op
	Index int64
	Limit int64
}

func (e *IndexError) Error() string {
	return fmt.Sprintf("ops: %s: wanted an index in [0, %d), got %d", e.Op, e.Limit, e.Index)
}

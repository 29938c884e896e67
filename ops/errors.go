package ops

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// Error is what a misused tensor function panics with, and what a scope
// returns for it. Its text names op, shapes, dtypes and the caller's line.
type Error struct {
	Op    Op
	Msg   string // what was wanted, what came
	In    []Spec // the inputs, where there were any
	Where string // file:line of the first frame outside this module
	Err   error  // the cause, where there is one: errors.Is sees it
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ops: %s: ", e.Op)
	b.WriteString(e.Msg)
	if e.Err != nil {
		if e.Msg != "" {
			b.WriteString(": ")
		}
		b.WriteString(e.Err.Error())
	}
	if len(e.In) > 0 {
		b.WriteString(" (inputs")
		for i, s := range e.In {
			if i == 4 {
				fmt.Fprintf(&b, " and %d more", len(e.In)-i)
				break
			}
			b.WriteByte(' ')
			b.WriteString(s.String())
		}
		b.WriteByte(')')
	}
	if e.Where != "" {
		b.WriteString(" at ")
		b.WriteString(e.Where)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// fail panics with an *Error for op.
func fail(op Op, in []*Tensor, format string, args ...any) {
	panic(newError(op, in, nil, fmt.Sprintf(format, args...)))
}

// failErr panics with an *Error that wraps err.
func failErr(op Op, in []*Tensor, err error) { panic(newError(op, in, err, "")) }

// Failf panics with an *Error, for tensor functions outside this package
// (layers, custom ops) that find their arguments wrong.
func Failf(op Op, in []*Tensor, format string, args ...any) { fail(op, in, format, args...) }

func newError(op Op, in []*Tensor, cause error, msg string) *Error {
	e := &Error{Op: op, Msg: msg, Err: cause, Where: caller()}
	for _, t := range in {
		if t != nil {
			e.In = append(e.In, t.view.Spec)
		}
	}
	return e
}

const modulePath = "github.com/tuff-ml/tuff"

// libraryRooms are the packages whose frames an error's line skips.
var libraryRooms = [...]string{"/ops", "/layers", "/train", "/algos", "/text", "/onnx", "/kernels", "/fallback_cpu"}

// caller finds the first frame that is neither the runtime nor a library room
// of this module; tests of the module count as outside.
func caller() string {
	var pcs [64]uintptr
	n := runtime.Callers(2, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		if f.File != "" && !ownFrame(f.Function, f.File) {
			dir, file := filepath.Split(f.File)
			return fmt.Sprintf("%s/%s:%d", filepath.Base(dir), file, f.Line)
		}
		if !more {
			return ""
		}
	}
}

func ownFrame(function, file string) bool {
	if strings.HasPrefix(function, "runtime.") {
		return true
	}
	rest, ok := strings.CutPrefix(function, modulePath)
	if !ok || strings.HasSuffix(file, "_test.go") {
		return false
	}
	for _, room := range libraryRooms {
		if strings.HasPrefix(rest, room+".") || strings.HasPrefix(rest, room+"/") {
			return true
		}
	}
	return false
}

package ops

import (
	"context"
	"runtime"
	"sync"
)

// Scope is the lifetime of temporaries and the mode they are made in. It
// belongs to one goroutine, and ends when the function given to Device.Scope
// returns.
type Scope struct {
	dev       *Device
	ctx       context.Context
	train     bool
	recording bool // off while Backward runs
	rng       *Rand
	stream    Stream
	trace     *trace // set by Capture

	mu       sync.Mutex // guards list against Stats
	list     []*Tensor  // handles to release at the end
	nodes    []*node    // tape entries that hold references
	keeps    []*Tensor
	replaces []replacement
	touched  []*Tensor // tensors whose gradient this scope's Backward set
	done     bool

	// Working memory of apply.
	key  []byte
	call Call
	outs []*Tensor
	ins  []*Tensor
}

type replacement struct {
	at **Tensor
	by *Tensor
}

// Device is the scope's device.
func (s *Scope) Device() *Device { return s.dev }

// Context is the context given to Device.Scope.
func (s *Scope) Context() context.Context { return s.ctx }

// Training says whether the scope was opened with Train.
func (s *Scope) Training() bool { return s.train }

// Rand is the scope's generator, or nil.
func (s *Scope) Rand() *Rand { return s.rng }

// In lends the scope to a tensor without one, for maths on parameters alone.
// The gradient's path stays.
func (s *Scope) In(x *Tensor) *Tensor {
	s.use("in", x)
	if x.scope == s {
		return x
	}
	t := x.alias(s, x.view)
	t.node, t.out, t.root = x.node, x.out, x.root
	return t
}

// Keep lets x outlive the scope, if the scope ends without error; it then has
// no scope and lives until Release. It returns x.
func (s *Scope) Keep(x *Tensor) *Tensor {
	s.use("keep", x)
	s.refuseInCapture("keep", "keeping tensors")
	switch {
	case x.scope != s:
		fail("keep", []*Tensor{x}, "wanted a tensor of this scope; Clone what lives outside")
	case !x.kept:
		x.kept = true
		s.keeps = append(s.keeps, x)
	}
	return x
}

// Replace keeps v and puts it in place of *k, which is released, when the
// scope ends without error: the way a state grows.
func (s *Scope) Replace(k **Tensor, v *Tensor) {
	s.Keep(v)
	s.replaces = append(s.replaces, replacement{k, v})
}

// NewParam makes x, a float tensor of s that is its own, a parameter: it is
// kept, Train scopes record its gradient, and Params finds it.
func NewParam(s *Scope, x *Tensor) *Tensor {
	s.use("param", x)
	switch {
	case !x.view.DType.IsFloat():
		fail("param", []*Tensor{x}, "wanted a float tensor, got %v", x.view.DType)
	case x.tracked():
		fail("param", []*Tensor{x}, "wanted a tensor that carries no gradient; Detach it first")
	case !x.view.Dense():
		fail("param", []*Tensor{x}, "wanted a dense tensor; use Contiguous")
	}
	s.Keep(x)
	x.param, x.root = true, x
	return x
}

// use checks that x can be used in s.
func (s *Scope) use(op Op, x *Tensor) {
	if s == nil {
		fail(op, []*Tensor{x}, "wanted a scope, got nil")
	}
	if s.done {
		fail(op, []*Tensor{x}, "wanted an open scope, got one that ended")
	}
	check(op, x)
	if x.dev != s.dev {
		fail(op, []*Tensor{x}, "wanted a tensor on %s, got one on %s", s.dev.Name(), x.dev.Name())
	}
	if x.scope != nil && x.scope != s {
		fail(op, []*Tensor{x}, "wanted tensors of one scope, got one of another scope that is still open")
	}
}

// scopeOf finds the scope that a result of these inputs joins.
func scopeOf(op Op, in ...*Tensor) *Scope {
	for _, x := range in {
		if x == nil {
			fail(op, nil, "wanted a tensor, got nil")
		}
		if x.scope != nil {
			return x.scope
		}
	}
	fail(op, in, "wanted an input that has a scope, got parameters or kept tensors only; lend one with s.In")
	return nil
}

func (s *Scope) add(t *Tensor) {
	s.mu.Lock()
	s.list = append(s.list, t)
	s.mu.Unlock()
}

// newTensor allocates a dense tensor.
func (s *Scope) newTensor(op Op, spec Spec) *Tensor {
	t := &Tensor{dev: s.dev, scope: s}
	t.own.dev, t.own.op, t.own.bytes = s.dev, op, spec.Bytes()
	t.st = &t.own
	if t.own.bytes > 0 {
		var err error
		if s.trace != nil {
			t.own.buf = s.trace.alloc(t.own.bytes)
		} else if t.own.buf, err = s.dev.alloc(t.own.bytes); err != nil {
			failErr(op, nil, err)
		}
	}
	t.own.refs.Store(1)
	t.view = DenseView(spec, t.own.buf)
	s.add(t)
	return t
}

// mark and freeFrom bracket work whose temporaries are not needed later.
func (s *Scope) mark() int { return len(s.list) }

// freeFrom releases what was made since the mark, but for what keep accepts.
func (s *Scope) freeFrom(mark int, keep func(t *Tensor) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := s.list[:mark]
	for _, t := range s.list[mark:] {
		switch {
		case t.released || t.scope != s:
		case t.kept || keep(t):
			left = append(left, t)
		default:
			t.drop()
		}
	}
	clear(s.list[len(left):])
	s.list = left
}

// Tidy runs f and frees early what was made inside, except f's result and what
// the tape saved for gradients. x names the scope. Modules and composed
// functions use it to keep the peak of memory low.
func Tidy(x *Tensor, f func() *Tensor) *Tensor {
	s := scopeOf("tidy", x)
	mark := s.mark()
	r := f()
	s.freeFrom(mark, func(t *Tensor) bool { return t == r })
	return r
}

func (s *Scope) refuseInCapture(op Op, what string) {
	if s.trace != nil {
		fail(op, nil, "wanted no %s inside Capture: a captured program only computes", what)
	}
}

// adoptGrad makes g, a dense tensor of s that is its own, the gradient of x.
func (s *Scope) adoptGrad(x, g *Tensor) {
	x.grad = g
	if x.scope == nil || x.kept {
		g.node, g.root = nil, nil
		g.outlive()
	}
	s.touched = append(s.touched, x)
}

// end releases what the scope holds. ok says that its function returned nil.
func (s *Scope) end(ok bool) error {
	var err error
	if s.stream != nil {
		err = s.stream.Close()
		s.stream = nil
		ok = ok && err == nil
	}
	if ok {
		s.settle()
	} else {
		for _, x := range s.touched {
			x.ZeroGrad()
		}
	}
	for _, n := range s.nodes {
		n.drop()
	}
	s.mu.Lock()
	for _, t := range s.list {
		if t.scope == s {
			t.drop()
		}
	}
	s.list = nil
	s.mu.Unlock()
	s.nodes, s.keeps, s.replaces, s.touched, s.done = nil, nil, nil, nil, true
	s.dev.mu.Lock()
	delete(s.dev.scopes, s)
	s.dev.mu.Unlock()
	return err
}

// settle turns what was kept into tensors without a scope.
func (s *Scope) settle() {
	for _, x := range s.keeps {
		if x.released {
			continue
		}
		if !x.param {
			x.root = nil
		}
		x.node = nil
		x.outlive()
	}
	for _, r := range s.replaces {
		if old := *r.at; old != nil && old != r.by && !old.released {
			old.drop()
		}
		*r.at = r.by
	}
}

// outlive takes x out of its scope. The cleanup is the backstop for tensors
// that are lost without Release.
func (x *Tensor) outlive() {
	if s := x.scope; s != nil {
		s.mu.Lock() // Stats looks
		x.scope = nil
		s.mu.Unlock()
	}
	x.kept, x.id = true, nextSeq()
	x.dev.mu.Lock()
	x.dev.kept[x.id] = TensorStat{x.st.op, x.view.Spec.String(), x.st.bytes, true}
	x.dev.mu.Unlock()
	if _, traced := x.st.buf.(*traceBuf); x.st == &x.own && x.st.buf != nil && !traced {
		x.cleanup = runtime.AddCleanup(x, x.dev.orphan, lost{x.id, x.st.buf})
	}
}

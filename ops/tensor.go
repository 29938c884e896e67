package ops

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

type (
	atomicInt32   = atomic.Int32
	atomicUint64  = atomic.Uint64
	atomicPointer = atomic.Pointer[Def]
)

// Tensor is a view of device memory. It lives in a scope, whose end releases
// it, or outside of any: parameters, buffers and what Keep kept.
type Tensor struct {
	view  View
	dev   *Device
	st    *storage
	scope *Scope  // nil outside scopes
	node  *node   // how it was made, when gradients are recorded
	out   int     // which output of node
	root  *Tensor // the parameter or watched tensor that gradients reach; nil: none
	grad  *Tensor

	param    bool
	kept     bool // leaves the scope when it ends well
	borrowed bool // holds no reference of its own: a view of a tensor without scope
	released bool
	internal bool // made by Backward
	holds    int  // pending gradients that use this handle

	id      uint64 // in Device.kept
	cleanup runtime.Cleanup
	own     storage // used by tensors that were not made as views
}

// Spec is dtype and shape.
func (x *Tensor) Spec() Spec { return x.view.Spec }

// Shape is a copy of the shape.
func (x *Tensor) Shape() []int { return x.view.Dims() }

// Dim is the size of one dimension; negative ones count from the end.
func (x *Tensor) Dim(i int) int { return x.view.Shape[x.dim("dim", i)] }

// Rank is the number of dimensions.
func (x *Tensor) Rank() int { return x.view.Rank }

// Len is the number of elements.
func (x *Tensor) Len() int { return x.view.Len() }

// DType is the element type.
func (x *Tensor) DType() DType { return x.view.DType }

// Device is where the tensor lives.
func (x *Tensor) Device() *Device { return x.dev }

// Scope is the tensor's scope, nil for parameters, buffers and kept tensors.
func (x *Tensor) Scope() *Scope { return x.scope }

// Dense says whether the elements lie in row-major order without gaps.
func (x *Tensor) Dense() bool { return x.view.Dense() }

// IsParam says whether the tensor is a parameter: trained, and saved by name.
func (x *Tensor) IsParam() bool { return x.param }

// Grad is the gradient that Backward has accumulated, nil before and after
// ZeroGrad. A parameter's gradient has no scope; use it with s.In.
func (x *Tensor) Grad() *Tensor { return x.grad }

// ZeroGrad drops the gradient.
func (x *Tensor) ZeroGrad() {
	if g := x.grad; g != nil {
		x.grad = nil
		if !g.released {
			g.Release()
		}
	}
}

// SetGrad replaces a parameter's gradient by g (in a scope of x's device,
// like x, carrying no gradient itself), for optimizers that clip or scale.
func (x *Tensor) SetGrad(s *Scope, g *Tensor) {
	s.use("set_grad", g)
	if g.view.Spec != x.view.Spec {
		fail("set_grad", []*Tensor{x, g}, "wanted a gradient like the tensor, %v, got %v", x.view.Spec, g.view.Spec)
	}
	own := g.Detach().Clone()
	x.ZeroGrad()
	s.adoptGrad(x, own)
}

func (x *Tensor) String() string {
	where := "no scope"
	if x.scope != nil {
		where = "in scope"
	}
	return fmt.Sprintf("tensor %v on %s, %s", x.view.Spec, x.dev.Name(), where)
}

// Release frees the tensor before its scope ends, or a tensor without scope.
// Later uses are an error. Memory that the tape or views still need lives on.
func (x *Tensor) Release() {
	if x.released {
		fail("release", []*Tensor{x}, "wanted a live tensor, got one that was released before")
	}
	x.drop()
}

// drop gives up the handle's reference.
func (x *Tensor) drop() {
	if x.released {
		return
	}
	x.released = true
	x.ZeroGrad()
	if x.scope == nil && x.kept {
		x.cleanup.Stop()
		x.dev.mu.Lock()
		delete(x.dev.kept, x.id)
		x.dev.mu.Unlock()
	}
	if !x.borrowed {
		x.st.release()
	}
}

// Detach is the same memory without the gradient's path.
func (x *Tensor) Detach() *Tensor {
	check("detach", x)
	return x.alias(x.scope, x.view)
}

// Watch asks for x's gradient: Backward fills x.Grad, and Gradients can take
// x. x belongs to a Train scope and was not made from other watched tensors
// or parameters. It returns x.
func (x *Tensor) Watch() *Tensor {
	check("watch", x)
	switch {
	case x.scope == nil || !x.scope.train:
		fail("watch", []*Tensor{x}, "wanted a tensor of a Train scope")
	case x.node != nil:
		fail("watch", []*Tensor{x}, "wanted a tensor that no recorded op made; Detach it first")
	case !x.view.DType.IsFloat():
		fail("watch", []*Tensor{x}, "wanted a float tensor, got %v", x.view.DType)
	}
	x.root = x
	return x
}

// tracked says whether gradients flow to x.
func (x *Tensor) tracked() bool { return x.node != nil || x.root != nil }

// alias makes another handle for x's memory, without its gradient's path.
func (x *Tensor) alias(s *Scope, v View) *Tensor {
	t := &Tensor{view: v, dev: x.dev, st: x.st, scope: s}
	if s == nil {
		t.borrowed = true
		return t
	}
	x.st.retain()
	s.add(t)
	return t
}

// check panics when x cannot be used.
func check(op Op, x *Tensor) {
	switch {
	case x == nil:
		fail(op, nil, "wanted a tensor, got nil")
	case x.scope != nil && x.scope.done:
		fail(op, []*Tensor{x}, "wanted a live tensor, got one used after its scope ended; Keep it, or read it inside")
	case x.released:
		fail(op, []*Tensor{x}, "wanted a live tensor, got one used after its release")
	case x.scope == nil && x.st.refs.Load() == 0:
		fail(op, []*Tensor{x}, "wanted a live tensor, got a view of one that was released")
	}
}

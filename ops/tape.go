package ops

import (
	"fmt"
	"slices"
	"sync/atomic"
)

// node is one recorded op. It keeps the handles of its inputs and outputs for
// their specs and their paths, and references to the memory of those that the
// gradient reads.
type node struct {
	def             *Def
	attr            any
	c               [2]float64
	seq             uint64 // order of recording
	scope           *Scope // nil for views of tensors without scope
	in, out         []*Tensor
	saveIn, saveOut uint64
	versions        []uint64 // of the saved tensors, inputs first
	dropped         bool

	inBuf  [3]*Tensor
	outBuf [1]*Tensor
	verBuf [3]uint64
}

var seq atomic.Uint64

func nextSeq() uint64 { return seq.Add(1) }

// saved calls f for each saved tensor, in a fixed order.
func (n *node) saved(f func(t *Tensor)) {
	for i, t := range n.in {
		if n.saveIn>>i&1 == 1 {
			f(t)
		}
	}
	for i, t := range n.out {
		if n.saveOut>>i&1 == 1 {
			f(t)
		}
	}
}

func (n *node) save() {
	n.versions = n.verBuf[:0]
	n.saved(func(t *Tensor) {
		t.st.retain()
		n.versions = append(n.versions, t.st.version.Load())
	})
}

// drop gives up the memory that the node saved.
func (n *node) drop() {
	if !n.dropped {
		n.dropped = true
		n.saved(func(t *Tensor) { t.st.release() })
	}
}

// verify checks that no saved tensor changed since it was recorded.
func (n *node) verify() {
	i := 0
	n.saved(func(t *Tensor) {
		if t.st.version.Load() != n.versions[i] {
			by := Op("an in-place op")
			if w := t.st.writer.Load(); w != nil {
				by = w.Op
			}
			fail(n.def.Op, n.in, "wanted the tensors saved for the gradient unchanged, but %s wrote to one, %v, since", by, t.view.Spec)
		}
		i++
	})
}

// Grad is what an op's VJP works with: the gradients of the outputs, what was
// saved, and which inputs need a gradient.
type Grad struct {
	Attr  any
	Const [2]float64
	node  *node
	run   *backward
	d     []*Tensor
}

// D is the gradient of output i: zeros where nothing flows back.
func (g *Grad) D(i int) *Tensor {
	if g.d[i] == nil {
		g.d[i] = applyIn(g.run.s, fullDef, createAttr(g.node.out[i].view.Spec), noConst)
	}
	return g.d[i]
}

// In is input i, which the Def's SaveIn must name.
func (g *Grad) In(i int) *Tensor {
	if g.node.saveIn>>i&1 == 0 {
		panic(fmt.Sprintf("ops: %s: gradient reads input %d, which SaveIn does not name", g.node.def.Op, i))
	}
	return g.revive(g.node.in[i])
}

// Out is output i, which the Def's SaveOut must name.
func (g *Grad) Out(i int) *Tensor {
	if g.node.saveOut>>i&1 == 0 {
		panic(fmt.Sprintf("ops: %s: gradient reads output %d, which SaveOut does not name", g.node.def.Op, i))
	}
	return g.revive(g.node.out[i])
}

// revive makes a live handle, whose path leads on for higher orders.
func (g *Grad) revive(t *Tensor) *Tensor {
	r := t.alias(g.run.s, t.view)
	r.node, r.out, r.root = t.node, t.out, t.root
	return r
}

// Spec is dtype and shape of input i.
func (g *Grad) Spec(i int) Spec { return g.node.in[i].view.Spec }

// Inputs is the number of inputs.
func (g *Grad) Inputs() int { return len(g.node.in) }

// Need says whether the gradient of input i is asked for.
func (g *Grad) Need(i int) bool { return g.run.needs(g.node.in[i]) }

func (g *Grad) operand(i int) bool { return i >= 0 && g.Need(i) }

// SumTo sums t over the dimensions in which input i was broadcast.
func (g *Grad) SumTo(t *Tensor, i int) *Tensor {
	if t == nil || !g.Need(i) {
		return nil
	}
	return sumTo(t, g.Spec(i))
}

func sumTo(t *Tensor, want Spec) *Tensor {
	if t.view.Rank == want.Rank && t.view.Shape == want.Shape {
		return t
	}
	var dims []int
	add := t.view.Rank - want.Rank
	for i := range t.view.Rank {
		if i < add || want.Shape[i-add] == 1 && t.view.Shape[i] != 1 {
			dims = append(dims, i)
		}
	}
	if len(dims) > 0 {
		t = t.SumKeep(dims...)
	}
	return t.Reshape(want.Shape[:want.Rank]...)
}

// Backward computes the gradients of x, which has one element, and adds them
// to the Grad of every parameter and watched tensor that x was made from. The
// tape's memory is freed as it goes: a second Backward through the same ops is
// an error.
func (x *Tensor) Backward() {
	check("backward", x)
	if x.view.Len() != 1 {
		fail("backward", []*Tensor{x}, "wanted a tensor of one element, got %v; use BackwardWith", x.view.Spec)
	}
	s := recordingScope("backward", x)
	x.BackwardWith(applyIn(s, fullDef, createAttr(x.view.Spec), [2]float64{1}))
}

// BackwardWith is Backward from the gradient dy of x, of the same spec.
func (x *Tensor) BackwardWith(dy *Tensor) {
	s := recordingScope("backward", x)
	s.use("backward", dy)
	if dy.view.Spec != x.view.Spec {
		fail("backward", []*Tensor{x, dy}, "wanted a gradient like the tensor, got %v and %v", x.view.Spec, dy.view.Spec)
	}
	b := &backward{s: s, states: map[*node]*pending{}}
	b.collect(x)
	s.recording = false
	defer func() { s.recording = true }()
	b.give(x, dy)
	b.sweep()
	for _, r := range b.roots {
		b.deliver(r)
	}
}

// Gradients returns dy/dx for each x, nil where y does not depend on it. y has
// one element. With create, the gradients are recorded themselves and can be
// differentiated again, and the tape stays for further calls. Nothing is added
// to any Grad.
func Gradients(y *Tensor, xs []*Tensor, create bool) []*Tensor {
	check("gradients", y)
	if y.view.Len() != 1 {
		fail("gradients", []*Tensor{y}, "wanted a tensor of one element, got %v", y.view.Spec)
	}
	s := recordingScope("gradients", y)
	b := &backward{s: s, states: map[*node]*pending{}, create: create, targets: map[target]*Tensor{}}
	for _, x := range xs {
		check("gradients", x)
		if !x.tracked() {
			fail("gradients", []*Tensor{x}, "wanted parameters, watched tensors or what was made from them; Watch it first")
		}
		b.targets[targetOf(x)] = nil
	}
	b.collect(y)
	b.prune()
	s.recording = create
	defer func() { s.recording = true }()
	b.give(y, applyIn(s, fullDef, createAttr(y.view.Spec), [2]float64{1}))
	b.sweep()
	out := make([]*Tensor, len(xs))
	for i, x := range xs {
		if t := targetOf(x); t.root != nil {
			out[i] = b.leaf[t.root]
		} else {
			out[i] = b.targets[t]
		}
		if out[i] != nil {
			out[i].internal = false // the caller's from here on
		}
	}
	return out
}

func recordingScope(op Op, x *Tensor) *Scope {
	check(op, x)
	s := scopeOf(op, x)
	switch {
	case !s.train:
		fail(op, []*Tensor{x}, "wanted a Train scope, got an Infer scope")
	case !s.recording:
		fail(op, []*Tensor{x}, "wanted no gradient under way")
	case !x.tracked():
		fail(op, []*Tensor{x}, "wanted a tensor made from parameters or watched tensors")
	}
	return s
}

// target is something whose gradient Gradients was asked for.
type target struct {
	root *Tensor
	node *node
	out  int
}

func targetOf(x *Tensor) target {
	if x.node != nil {
		return target{node: x.node, out: x.out}
	}
	return target{root: x.root}
}

// backward is one run from a tensor to the roots.
type backward struct {
	s       *Scope
	create  bool
	order   []*node // reachable nodes, last recorded first
	states  map[*node]*pending
	roots   []*Tensor // in the order in which gradients reached them
	leaf    map[*Tensor]*Tensor
	targets map[target]*Tensor // nil: all roots
	useful  map[*node]bool     // nodes on a path to a target
}

// pending are the gradients that reached a node's outputs.
type pending struct {
	d    []*Tensor
	dBuf [1]*Tensor
}

// collect finds the nodes that x was made by, last recorded first.
func (b *backward) collect(x *Tensor) {
	b.leaf = map[*Tensor]*Tensor{}
	if x.node == nil {
		return
	}
	stack := []*node{x.node}
	b.reach(x.node)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		b.order = append(b.order, n)
		for _, in := range n.in {
			if in.node != nil && b.states[in.node] == nil {
				b.reach(in.node)
				stack = append(stack, in.node)
			}
		}
	}
	slices.SortFunc(b.order, func(m, n *node) int {
		if m.seq > n.seq {
			return -1
		}
		return 1
	})
}

func (b *backward) reach(n *node) {
	p := &pending{}
	p.d = append(p.dBuf[:0], make([]*Tensor, len(n.out))...)
	b.states[n] = p
}

// prune marks the nodes from which a target can be reached.
func (b *backward) prune() {
	b.useful = map[*node]bool{}
	for _, n := range slices.Backward(b.order) {
		for i := range n.out {
			if _, ok := b.targets[target{node: n, out: i}]; ok {
				b.useful[n] = true
			}
		}
		for _, in := range n.in {
			if b.needs(in) {
				b.useful[n] = true
			}
		}
	}
}

// needs says whether a gradient should flow to x.
func (b *backward) needs(x *Tensor) bool {
	switch {
	case b.targets == nil:
		return x.tracked()
	case x.node != nil:
		return b.useful[x.node]
	case x.root != nil:
		_, ok := b.targets[target{root: x.root}]
		return ok
	}
	return false
}

// sweep runs the VJPs, last recorded first.
func (b *backward) sweep() {
	for _, n := range b.order {
		p := b.states[n]
		if b.targets != nil && !b.useful[n] || !slices.ContainsFunc(p.d, func(d *Tensor) bool { return d != nil }) {
			continue
		}
		if n.dropped {
			fail(n.def.Op, n.in, "wanted the tape of one Backward, but an earlier one went through this op and freed what it had saved")
		}
		n.verify()
		mark := b.s.mark()
		for i, t := range n.out {
			if _, ok := b.targets[target{node: n, out: i}]; ok && p.d[i] != nil {
				b.targets[target{node: t.node, out: i}] = p.d[i]
				p.d[i].holds++
			}
		}
		b.pull(n, p)
		if !b.create {
			for _, d := range p.d {
				b.unhold(d)
			}
			b.s.freeFrom(mark, func(t *Tensor) bool {
				t.internal = t.internal || t.holds > 0
				return t.holds > 0
			})
			if b.targets == nil {
				n.drop()
			}
		}
	}
}

// pull runs one VJP and passes its results on.
func (b *backward) pull(n *node, p *pending) {
	g := &Grad{Attr: n.attr, Const: n.c, node: n, run: b, d: slices.Clone(p.d)}
	ds := n.def.VJP(g)
	if len(ds) != len(n.in) {
		panic(fmt.Sprintf("ops: %s: VJP returned %d gradients for %d inputs", n.def.Op, len(ds), len(n.in)))
	}
	for i, d := range ds {
		if d == nil || !b.needs(n.in[i]) {
			continue
		}
		if d.view.Spec != n.in[i].view.Spec {
			panic(fmt.Sprintf("ops: %s: VJP returned %v for input %d, %v", n.def.Op, d.view.Spec, i, n.in[i].view.Spec))
		}
		b.give(n.in[i], d)
	}
}

// give adds d to the gradient of x.
func (b *backward) give(x, d *Tensor) {
	if x.node != nil {
		p := b.states[x.node]
		p.d[x.out] = b.sum(p.d[x.out], d)
		return
	}
	had, seen := b.leaf[x.root]
	if !seen {
		b.roots = append(b.roots, x.root)
	}
	b.leaf[x.root] = b.sum(had, d)
}

func (b *backward) sum(had, d *Tensor) *Tensor {
	switch {
	case had == nil:
		d.holds++
		return d
	case !b.create && had.internal && had.holds == 1 && had.st.refs.Load() == 1 && had.view.Dense():
		had.Add_(b.s, 1, d)
		return had
	}
	t := had.Add(d)
	t.holds++
	b.unhold(had)
	return t
}

// unhold gives up a pending gradient; those that Backward made itself are
// freed.
func (b *backward) unhold(d *Tensor) {
	if d == nil || b.create {
		return
	}
	d.holds--
	if d.holds == 0 && d.internal && !d.released {
		d.drop()
	}
}

// deliver adds the gradient that reached a root to its Grad.
func (b *backward) deliver(r *Tensor) {
	d := b.leaf[r]
	if r.grad != nil {
		if b.s.trace != nil && !b.s.trace.owns(r.grad.st) {
			fail("backward", []*Tensor{r}, "wanted no gradient from before in a captured program; ZeroGrad before Capture")
		}
		r.grad.Add_(b.s, 1, d)
		b.unhold(d)
		b.s.touched = append(b.s.touched, r)
		return
	}
	if !(d.internal && d.holds == 1 && d.st == &d.own && d.st.refs.Load() == 1 && d.view.Dense()) {
		c := applyIn(b.s, contiguousDef, nil, noConst, d)
		b.unhold(d)
		d = c
	}
	d.holds, d.internal = 0, false
	b.s.adoptGrad(r, d)
}

package ops

import "fmt"

// Apply runs an op by name on in and returns its outputs, which join the
// inputs' scope. attr is the op's attribute, nil where it has none. Custom ops
// build their tensor functions on it.
func Apply(op Op, attr any, in ...*Tensor) []*Tensor {
	return ApplyConst(scopeOf(op, in...), op, attr, [2]float64{}, in...)
}

// ApplyConst is Apply with a scope, for ops whose inputs may have none, and
// with the op's constants.
func ApplyConst(s *Scope, op Op, attr any, c [2]float64, in ...*Tensor) []*Tensor {
	def := registry[op]
	if def == nil {
		fail(op, in, "wanted a registered op")
	}
	if def.Kind == ViewOp {
		return []*Tensor{applyView(def, attr, in)}
	}
	return applyN(s, def, attr, c, in...)
}

// apply1 runs an op with one output on inputs of which one has a scope.
func apply1(def *Def, attr any, c [2]float64, in ...*Tensor) *Tensor {
	if def.Kind == ViewOp {
		return applyView(def, attr, in)
	}
	return scopeOf(def.Op, in...).run(def, attr, c, in)[0]
}

// applyIn runs an op with one output in s.
func applyIn(s *Scope, def *Def, attr any, c [2]float64, in ...*Tensor) *Tensor {
	if s == nil {
		fail(def.Op, in, "wanted a scope, got nil")
	}
	return s.run(def, attr, c, in)[0]
}

// applyN runs an op in s; the result is the caller's own slice.
func applyN(s *Scope, def *Def, attr any, c [2]float64, in ...*Tensor) []*Tensor {
	if s == nil {
		fail(def.Op, in, "wanted a scope, got nil")
	}
	return append([]*Tensor(nil), s.run(def, attr, c, in)...)
}

// applyView makes a view; its scope is the input's, or none.
func applyView(def *Def, attr any, in []*Tensor) *Tensor {
	if len(in) != 1 {
		fail(def.Op, in, "wanted 1 input, got %d", len(in))
	}
	x := in[0]
	check(def.Op, x)
	var specs [1]Spec
	specs[0] = x.view.Spec
	if _, err := def.Infer(nil, specs[:], attr); err != nil {
		failErr(def.Op, in, err)
	}
	y := x.alias(x.scope, def.View(x.view, attr))
	if def.VJP != nil && x.tracked() && (x.scope == nil || x.scope.recording) {
		n := &node{def: def, attr: attr, seq: nextSeq(), scope: x.scope}
		n.in = append(n.inBuf[:0], x)
		n.out = append(n.outBuf[:0], y)
		y.node = n
	}
	return y
}

// run carries out one op. The result is valid until the scope's next op.
func (s *Scope) run(def *Def, attr any, c [2]float64, in []*Tensor) []*Tensor {
	for _, x := range in {
		s.use(def.Op, x)
	}
	if s.done {
		fail(def.Op, in, "wanted an open scope, got one that ended")
	}
	e := s.lookup(def, attr, in)
	switch {
	case e.compose:
		return def.Compose(in, attr, c)
	case def.Alias != nil:
		s.checkInPlace(def, attr, in, len(e.outs))
	}
	if e.fill != nil {
		outs := make([]*Tensor, len(e.outs))
		for i, spec := range e.outs {
			outs[i] = s.run(fullDef, createAttr(spec), [2]float64{*e.fill}, nil)[0]
		}
		s.outs = append(s.outs[:0], outs...)
		return s.record(def, attr, c, in)
	}
	s.outs = s.outs[:0]
	for i := range e.outs {
		if k := def.alias(attr, i); k >= 0 {
			s.outs = append(s.outs, in[k])
		} else {
			s.outs = append(s.outs, s.newTensor(def.Op, e.outs[i]))
		}
	}
	if e.nothing {
		return s.record(def, attr, c, in)
	}
	s.dispatch(def, attr, c, in, e)
	return s.record(def, attr, c, in)
}

// dispatch fills the scope's Call and hands it to the stream (or the trace).
func (s *Scope) dispatch(def *Def, attr any, c [2]float64, in []*Tensor, e *entry) {
	given := in
	if e.dense {
		in = s.densify(def, attr, in, len(e.outs))
	}
	call := &s.call
	call.Op, call.Attr, call.Const = def.Op, attr, c
	call.In, call.Out = call.In[:0], call.Out[:0]
	for _, x := range in {
		call.In = append(call.In, x.view)
	}
	for _, y := range s.outs {
		call.Out = append(call.Out, y.view)
	}
	call.Scratch = View{}
	var scratch Buffer
	if e.scratch > 0 {
		scratch = s.scratch(def, e.scratch)
		call.Scratch = DenseView(NewSpec(U8, e.scratch), scratch)
	}
	var err error
	if s.trace != nil {
		s.trace.reads(in)
		s.trace.add(def, e.plan, call, s.outs)
	} else {
		err = s.work(def.Op).Run(e.plan, call)
	}
	if scratch != nil {
		scratch.Release()
	}
	for i, x := range in {
		if x != given[i] {
			x.drop()
		}
	}
	if err != nil {
		failErr(def.Op, given, err)
	}
	if def.Alias != nil {
		for i, y := range s.outs {
			if def.Alias(attr, i) >= 0 {
				y.st.wrote(def)
			}
		}
	}
}

// work is the scope's stream, opened at its first use.
func (s *Scope) work(op Op) Stream {
	if s.stream == nil {
		var err error
		if s.stream, err = s.dev.backend.Stream(); err != nil {
			s.stream = nil // a backend may return a typed nil
			failErr(op, nil, err)
		}
	}
	return s.stream
}

// densify copies the inputs that are not dense, but for those written.
func (s *Scope) densify(def *Def, attr any, in []*Tensor, n int) []*Tensor {
	all := true
	for i, x := range in {
		all = all && (x.view.Dense() || def.aliased(attr, n, i))
	}
	if all {
		return in
	}
	outs := append([]*Tensor(nil), s.outs...)
	dense := make([]*Tensor, len(in))
	for i, x := range in {
		dense[i] = x
		if !x.view.Dense() && !def.aliased(attr, n, i) {
			recording := s.recording
			s.recording = false // the gradient passes to the original
			dense[i] = s.run(contiguousDef, nil, noConst, in[i:i+1])[0]
			s.recording = recording
		}
	}
	s.outs = append(s.outs[:0], outs...)
	return dense
}

func (s *Scope) scratch(def *Def, bytes int) Buffer {
	if s.trace != nil {
		return s.trace.alloc(bytes)
	}
	b, err := s.dev.alloc(bytes)
	if err != nil {
		failErr(def.Op, nil, err)
	}
	return b
}

// checkInPlace refuses destinations that overlap a source or themselves, and
// tensors through which a gradient would be lost.
func (s *Scope) checkInPlace(def *Def, attr any, in []*Tensor, outs int) {
	for o := 0; o < outs; o++ {
		k := def.Alias(attr, o)
		if k < 0 {
			continue
		}
		x := in[k]
		if x.view.Len() == 0 {
			continue
		}
		for i := 0; i < x.view.Rank; i++ {
			if x.view.Strides[i] == 0 && x.view.Shape[i] > 1 {
				fail(def.Op, in, "wanted a destination without repeated elements, got an expanded one %v", x.view.Spec)
			}
		}
		if x.node != nil {
			fail(def.Op, in, "wanted a destination that carries no gradient; Detach or Clone it")
		}
		for j, y := range in {
			if j != k && y.st == x.st && overlap(&x.view, &y.view) {
				fail(def.Op, in, "wanted a source apart from the destination, got inputs %d and %d in the same memory; Clone one", k, j)
			}
		}
	}
	for i, y := range in {
		if s.recording && y.node != nil {
			fail(def.Op, in, "wanted inputs that carry no gradient, since in-place ops are not recorded, got one in input %d; Detach it", i)
		}
	}
}

func overlap(a, b *View) bool {
	alo, ahi := a.Extent()
	blo, bhi := b.Extent()
	return alo < bhi && blo < ahi
}

// record puts the op on the tape when a gradient will be asked for.
func (s *Scope) record(def *Def, attr any, c [2]float64, in []*Tensor) []*Tensor {
	if !s.recording || def.VJP == nil {
		return s.outs
	}
	tracked := false
	for _, x := range in {
		tracked = tracked || x.tracked()
	}
	if !tracked {
		return s.outs
	}
	n := &node{def: def, attr: attr, c: c, seq: nextSeq(), scope: s, saveIn: def.SaveIn, saveOut: def.SaveOut}
	if def.Saves != nil {
		n.saveIn, n.saveOut = def.Saves(attr)
	}
	n.in = append(n.inBuf[:0], in...)
	n.out = append(n.outBuf[:0], s.outs...)
	for i, y := range n.out {
		if y.view.DType.IsFloat() {
			y.node, y.out = n, i
		}
	}
	n.save()
	s.nodes = append(s.nodes, n)
	return s.outs
}

func (n *node) String() string { return fmt.Sprintf("%s #%d", n.def.Op, n.seq) }

package ops

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// traceBuf stands for memory that a captured program will have: a slot of its
// arena, an input or an output. It holds no data.
type traceBuf struct {
	t     *trace
	bytes int
	refs  int
	birth int // the instruction that first may use it
	death int // the first instruction that no longer does
	input int // number of the program input, −1
	out   int // number of the output storage, −1
	at    place
}

// place is where a slot lies: a byte offset in one of the arena's buffers.
type place struct{ chunk, offset int }

func (b *traceBuf) Bytes() int { return b.bytes }
func (b *traceBuf) Retain()    { b.refs++ }
func (b *traceBuf) Release() {
	if b.refs--; b.refs == 0 {
		b.death = len(b.t.instrs)
	}
}
func (b *traceBuf) Write(int, []byte) error {
	return fmt.Errorf("ops: wanted no upload inside Capture")
}
func (b *traceBuf) Read(context.Context, int, []byte) error {
	return fmt.Errorf("ops: wanted no read-back inside Capture")
}

// instr is one recorded call; its views name traceBufs or real buffers.
type instr struct {
	def    *Def
	plan   Plan
	call   Call
	writes []*storage // outside the program
}

// trace collects what Capture's function does.
type trace struct {
	instrs []instr
	slots  []*traceBuf
	ext    map[*storage]struct{}
}

func (t *trace) alloc(bytes int) *traceBuf {
	b := &traceBuf{t: t, bytes: bytes, refs: 1, birth: len(t.instrs), death: -1, input: -1, out: -1}
	t.slots = append(t.slots, b)
	return b
}

// owns says whether a storage was made inside this trace.
func (t *trace) owns(st *storage) bool {
	b, ok := st.buf.(*traceBuf)
	return ok && b.t == t
}

// add records a call.
func (t *trace) add(def *Def, p Plan, c *Call, outs []*Tensor) {
	in := instr{def: def, plan: p, call: *c}
	in.call.In, in.call.Out = slices.Clone(c.In), slices.Clone(c.Out)
	for i, y := range outs {
		if def.alias(c.Attr, i) >= 0 && !t.owns(y.st) {
			in.writes = append(in.writes, y.st)
		}
	}
	t.instrs = append(t.instrs, in)
}

// reads notes the storages outside the program that a call uses.
func (t *trace) reads(in []*Tensor) {
	for _, x := range in {
		if x.st.buf != nil && !t.owns(x.st) {
			if _, ok := t.ext[x.st]; !ok {
				x.st.retain()
				t.ext[x.st] = struct{}{}
			}
		}
	}
}

// Program is a captured function: a list of planned calls that Run replays on
// new inputs without dispatch cost. It reads and writes the same parameters,
// buffers and generators that the function used. A Program is safe for many
// goroutines; runs of one that writes such tensors take turns.
type Program struct {
	dev    *Device
	in     []Spec
	instrs []instr
	outs   []progOut
	outMem []int // bytes of each output storage
	chunks []int // bytes of each arena buffer
	ext    []*storage
	writes []instrWrite

	run    sync.Mutex // held for a whole run when the program writes outside
	mu     sync.Mutex
	free   []*arena
	closed bool
}

type instrWrite struct {
	st  *storage
	def *Def
}

// progOut says how Run makes one returned tensor.
type progOut struct {
	view    View
	mem     int // output storage, −1
	input   int // program input, −1
	outside *Tensor
}

// Capture traces f once, without computing anything, and returns the program
// of its ops. specs are the inputs' dtypes and shapes. f may use parameters
// and state of the device, update them in place, and call Backward if it
// clears the gradients it made; it may not read back, upload or keep tensors.
// What must change between runs is a tensor.
func (d *Device) Capture(mode Mode, f func(s *Scope, in []*Tensor) ([]*Tensor, error), specs ...Spec) (*Program, error) {
	var p *Program
	tr := &trace{ext: map[*storage]struct{}{}}
	err := d.scopeWith(context.Background(), mode, tr, func(s *Scope) error {
		in := make([]*Tensor, len(specs))
		for i, spec := range specs {
			if _, err := checkedSpec(spec); err != nil {
				failErr("capture", nil, err)
			}
			in[i] = s.newTensor("capture", spec)
			if b, ok := in[i].st.buf.(*traceBuf); ok {
				b.input = i
			}
		}
		outs, err := f(s, in)
		if err != nil {
			return err
		}
		for _, x := range s.touched {
			if x.grad != nil {
				fail("capture", []*Tensor{x}, "wanted gradients made inside cleared inside; call ZeroGrad before the function returns")
			}
		}
		p, err = d.finish(s, tr, specs, outs)
		return err
	})
	if err != nil {
		for st := range tr.ext {
			st.release()
		}
		return nil, err
	}
	return p, nil
}

// finish turns a trace into a program: which storages are outputs, and where
// the others lie in the arena.
func (d *Device) finish(s *Scope, tr *trace, specs []Spec, outs []*Tensor) (*Program, error) {
	p := &Program{dev: d, in: slices.Clone(specs), instrs: tr.instrs}
	for _, y := range outs {
		s.use("capture", y)
		o := progOut{view: y.view, mem: -1, input: -1}
		switch b, _ := y.view.Buf.(*traceBuf); {
		case y.view.Buf == nil: // empty
		case b == nil:
			o.outside = y
			tr.reads([]*Tensor{y})
		case b.input >= 0:
			o.input = b.input
		default:
			if b.out < 0 {
				b.out = len(p.outMem)
				p.outMem = append(p.outMem, b.bytes)
			}
			o.mem = b.out
		}
		p.outs = append(p.outs, o)
	}
	p.chunks = layOut(tr.slots, len(tr.instrs))
	for st := range tr.ext {
		p.ext = append(p.ext, st)
	}
	for i := range p.instrs {
		for _, st := range p.instrs[i].writes {
			p.writes = append(p.writes, instrWrite{st, p.instrs[i].def})
		}
	}
	return p, nil
}

const (
	slotAlign = 256     // bytes; keeps every slot as aligned as a buffer
	chunkMax  = 1 << 30 // bytes in one arena buffer, unless one slot is larger
)

// layOut places the slots that are neither inputs nor outputs so that slots
// alive at the same time do not overlap: largest first, each at the lowest
// place that is free for its whole life. It returns the buffers' sizes.
func layOut(slots []*traceBuf, end int) (chunks []int) {
	var todo, done []*traceBuf
	for _, b := range slots {
		if b.death < 0 {
			b.death = end
		}
		if b.input < 0 && b.out < 0 {
			todo = append(todo, b)
		}
	}
	slices.SortStableFunc(todo, func(a, b *traceBuf) int { return b.bytes - a.bytes })
	for _, b := range todo {
		size := (b.bytes + slotAlign - 1) / slotAlign * slotAlign
		b.at = lowest(b, size, done)
		for len(chunks) <= b.at.chunk {
			chunks = append(chunks, 0)
		}
		chunks[b.at.chunk] = max(chunks[b.at.chunk], b.at.offset+size)
		done = append(done, b)
	}
	return chunks
}

func lowest(b *traceBuf, size int, done []*traceBuf) place {
	for chunk := 0; ; chunk++ {
		var busy []*traceBuf
		for _, o := range done {
			if o.at.chunk == chunk && o.birth < max(b.death, b.birth+1) && b.birth < max(o.death, o.birth+1) {
				busy = append(busy, o)
			}
		}
		slices.SortFunc(busy, func(x, y *traceBuf) int { return x.at.offset - y.at.offset })
		at := 0
		for _, o := range busy {
			if at+size <= o.at.offset {
				break
			}
			at = max(at, (o.at.offset+o.bytes+slotAlign-1)/slotAlign*slotAlign)
		}
		if at == 0 || at+size <= chunkMax {
			return place{chunk, at}
		}
	}
}

// arena is the memory of one run at a time, and the calls bound to it.
type arena struct {
	bufs    []Buffer
	calls   []Call
	patches []patch // views of inputs and outputs, bound anew in each run
}

type patch struct {
	view   *View
	base   int // the view's own offset
	input  int
	outMem int
}

// bind makes an arena.
func (p *Program) bind() (*arena, error) {
	a := &arena{calls: make([]Call, len(p.instrs))}
	for _, bytes := range p.chunks {
		b, err := p.dev.alloc(bytes)
		if err != nil {
			a.release()
			return nil, err
		}
		a.bufs = append(a.bufs, b)
	}
	for i := range p.instrs {
		c := p.instrs[i].call
		c.In, c.Out = slices.Clone(c.In), slices.Clone(c.Out)
		a.calls[i] = c
		for k := range c.In {
			a.place(&c.In[k])
		}
		for k := range c.Out {
			a.place(&c.Out[k])
		}
		a.place(&a.calls[i].Scratch)
	}
	return a, nil
}

func (a *arena) place(v *View) {
	b, ok := v.Buf.(*traceBuf)
	switch {
	case !ok:
	case b.input >= 0 || b.out >= 0:
		a.patches = append(a.patches, patch{v, v.Offset, b.input, b.out})
	default:
		v.Buf = a.bufs[b.at.chunk]
		v.Offset += b.at.offset / v.DType.Size()
	}
}

func (a *arena) release() {
	for _, b := range a.bufs {
		b.Release()
	}
}

func (p *Program) take() (*arena, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, fmt.Errorf("wanted an open program, got a closed one")
	}
	if n := len(p.free); n > 0 {
		a := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return a, nil
	}
	p.mu.Unlock()
	return p.bind()
}

func (p *Program) give(a *arena) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		a.release()
		return
	}
	p.free = append(p.free, a)
}

// Run replays the program on in, whose specs must be those of Capture. The
// results belong to s. Like a tensor function it panics with *Error on misuse.
func (p *Program) Run(s *Scope, in ...*Tensor) []*Tensor {
	in = p.checkInputs(s, in)
	if len(p.writes) > 0 {
		p.run.Lock()
		defer p.run.Unlock()
	}
	a, err := p.take()
	if err != nil {
		failErr("program", in, err)
	}
	defer p.give(a)
	mem := make([]*Tensor, len(p.outMem))
	for i, bytes := range p.outMem {
		mem[i] = s.newTensor("program", NewSpec(U8, bytes))
	}
	for _, q := range a.patches {
		if q.input >= 0 {
			q.view.Buf = in[q.input].view.Buf
			q.view.Offset = q.base + in[q.input].view.Offset
		} else {
			q.view.Buf = mem[q.outMem].view.Buf
		}
	}
	stream := s.work("program")
	for i := range a.calls {
		if err := stream.Run(p.instrs[i].plan, &a.calls[i]); err != nil {
			failErr(p.instrs[i].def.Op, nil, err)
		}
	}
	for _, w := range p.writes {
		w.st.wrote(w.def)
	}
	return p.results(s, in, mem)
}

func (p *Program) results(s *Scope, in, mem []*Tensor) []*Tensor {
	outs := make([]*Tensor, len(p.outs))
	for i, o := range p.outs {
		v := o.view
		switch {
		case o.outside != nil:
			outs[i] = s.In(o.outside)
		case o.input >= 0:
			v.Buf = in[o.input].view.Buf
			v.Offset += in[o.input].view.Offset
			outs[i] = in[o.input].alias(s, v)
		case o.mem >= 0:
			v.Buf = mem[o.mem].view.Buf
			outs[i] = mem[o.mem].alias(s, v)
		default:
			outs[i] = s.newTensor("program", o.view.Spec)
		}
	}
	for _, m := range mem {
		m.drop()
	}
	return outs
}

// checkInputs compares the inputs with what was captured and makes them dense
// and aligned.
func (p *Program) checkInputs(s *Scope, in []*Tensor) []*Tensor {
	const op = "program"
	if s == nil || s.done {
		fail(op, in, "wanted an open scope")
	}
	if s.trace != nil {
		fail(op, in, "wanted no program inside Capture: programs do not nest")
	}
	if s.dev != p.dev {
		fail(op, in, "wanted a scope on %s, got one on %s", p.dev.Name(), s.dev.Name())
	}
	if len(in) != len(p.in) {
		fail(op, in, "wanted %d inputs, got %d", len(p.in), len(in))
	}
	in = slices.Clone(in)
	for i, x := range in {
		s.use(op, x)
		if x.view.Spec != p.in[i] {
			fail(op, in, "wanted %v for input %d, as captured, got %v", p.in[i], i, x.view.Spec)
		}
		if s.recording && x.tracked() {
			fail(op, in, "wanted inputs that carry no gradient, since programs are not differentiable; Detach input %d", i)
		}
		if !x.view.Dense() || x.view.Offset*x.view.DType.Size()%16 != 0 {
			in[i] = applyIn(s, contiguousDef, nil, noConst, x)
		}
	}
	return in
}

// Len is the number of calls that a run makes, and Bytes the size of its arena.
func (p *Program) Len() int { return len(p.instrs) }

// Bytes is the size of the arena that one run uses.
func (p *Program) Bytes() int {
	n := 0
	for _, c := range p.chunks {
		n += c
	}
	return n
}

// Close frees the program's memory.
func (p *Program) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	for _, a := range p.free {
		a.release()
	}
	p.free = nil
	for _, st := range p.ext {
		st.release()
	}
	return nil
}

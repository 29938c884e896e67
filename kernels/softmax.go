package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

// softmaxOps are the codes of softmax.comp.
var softmaxOps = [...]ops.Op{"softmax", "log_softmax", "softmax_grad", "log_softmax_grad"}

func init() {
	for i, op := range softmaxOps {
		Register(op, Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) { return planSoftmax(info, c, uint32(i)) }})
	}
}

// rowPlan is how threads share the rows of softmax.comp.
type rowPlan struct {
	outer, n, inner int
	team            int
	held            int // elements a thread holds in registers; 0: the row is read twice
	quads           bool
}

// maxHeld is the most elements of a row, for each input, that a thread holds
// in registers.
const maxHeld = 32

// From so many columns on, one thread goes through a whole column, if that is
// no longer than this.
const (
	manyColumns = 1 << 12
	longColumn  = 1 << 14
)

// chooseRows splits a dense tensor along dim.
func chooseRows(s *ops.Spec, dim, group int, aligned bool) rowPlan {
	r := rowPlan{outer: 1, n: s.Shape[dim], inner: 1}
	for i, d := range s.Shape[:s.Rank] {
		switch {
		case i < dim:
			r.outer *= d
		case i > dim:
			r.inner *= d
		}
	}
	columns := r.inner > 1 && r.outer*r.inner >= manyColumns && r.n <= longColumn
	switch {
	case columns || r.n <= singleLength:
		r.team = 1
	case r.n <= smallLength:
		r.team = min(smallTeam, group)
	case r.n <= middleLength/2:
		r.team = min(middleTeam, group)
	default:
		r.team = group
	}
	r.quads = r.inner == 1 && r.n%4 == 0 && aligned
	if h := (Groups(r.n, r.team) + 3) &^ 3; h <= maxHeld {
		r.held = h
	}
	return r
}

func planSoftmax(info *gpu.Info, c *ops.Call, code uint32) (*Plan, error) {
	x, group := &c.In[0], teamGroup(info)
	aligned := aligned16(&c.Out[0])
	for i := range c.In {
		if !c.In[i].Dense() {
			return nil, needsDense(c.In[i].Rank)
		}
		aligned = aligned && aligned16(&c.In[i])
	}
	if n := x.Len(); n > 1<<31 {
		return nil, unsupported("%s of a tensor of %d elements; wanted at most 2³¹", c.Op, n)
	}
	r := chooseRows(&x.Spec, c.Attr.(ops.SoftmaxAttr).Dim, group, aligned)
	// Two sweeps of four elements a round, with a round more for every 16.
	if err := loopsFit(info, 2*(Groups(r.n, 4*r.team)+Groups(r.n, 64*r.team))); r.held == 0 && err != nil {
		return nil, err
	}
	p, err := program(info, "softmax."+storage(x.DType),
		spec(shaders.SoftmaxSpecLocalX, uint32(group)), spec(shaders.SoftmaxSpecOp, code),
		spec(shaders.SoftmaxSpecTeam, uint32(r.team)), spec(shaders.SoftmaxSpecHeld, uint32(r.held)),
		spec(shaders.SoftmaxSpecQuads, bit(r.quads)))
	if err != nil {
		return nil, err
	}
	rows, two := r.outer*r.inner, len(c.In) == 2
	t := shaders.SoftmaxPush{N: uint32(r.n), Inner: uint32(r.inner), Rows: uint32(rows)}
	push := func(a *Args, dst []byte) []byte {
		b := t
		b.X, b.Z = a.In(0), a.Out(0)
		if two {
			b.Y = a.In(1)
		}
		return b.Append(dst)
	}
	return &Plan{Steps: []Step{{
		Program: p, Grid: Grid(info, Groups(rows*r.team, group)), Push: push, Flops: 40 * float64(x.Len()),
	}}}, nil
}

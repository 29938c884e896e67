package kernels

import (
	"errors"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// movedTo says which operands a step finds in the scratch memory instead: 1
// plus the byte offset, 0 for those that stay.
type movedTo struct {
	in  [maxOperands]int
	out int
}

// viaScratch plans an elementwise call with one output, and where its operands
// keep more than maxDims dimensions after merging although dense inputs cannot
// help, because they broadcast or are written in place, copies them to the
// scratch memory first, in the output's shape, and the result back.
func viaScratch(info *gpu.Info, c *ops.Call, plan func(*gpu.Info, *ops.Call) (*Plan, error)) (*Plan, error) {
	p, err := plan(info, c)
	if !errors.Is(err, ops.ErrDense) {
		return p, err
	}
	d := ops.Lookup(c.Op)
	alias := -1
	if d != nil && d.Alias != nil {
		alias = d.Alias(c.Attr, 0)
	}
	for i := range c.In {
		if i != alias && !c.In[i].Dense() {
			return nil, err // ops makes it dense and asks again
		}
	}
	return scratchPlan(info, c, alias, plan)
}

func scratchPlan(info *gpu.Info, c *ops.Call, alias int, plan func(*gpu.Info, *ops.Call) (*Plan, error)) (*Plan, error) {
	out, y := &Plan{}, c.Out[0]
	moved := &movedTo{}
	inner := *c
	inner.In = append([]ops.View(nil), c.In...)
	inner.Out = []ops.View{y}
	room := func(s ops.Spec) (at int, v ops.View) {
		at = out.Scratch
		out.Scratch += (s.Bytes() + 255) &^ 255
		return at, ops.DenseView(s, nil)
	}
	for i := range c.In {
		if c.In[i].Spec.Len() == 1 && i != alias {
			continue // a scalar broadcasts in any walk
		}
		at, v := room(y.Spec.As(c.In[i].DType))
		steps, err := moves(info, "contiguous", &c.In[i], &v, func(a *Args) (x, to uint64) { return a.In(i), a.Scratch() + uint64(at) })
		if err != nil {
			return nil, err
		}
		for k := range steps {
			steps[k].Uses = []Use{{Role: In, Index: i}, {Role: Scratch, Write: true, Off: at, Len: v.Bytes()}}
		}
		out.Steps = append(out.Steps, steps...)
		inner.In[i], moved.in[i] = v, at+1
	}
	if alias >= 0 {
		inner.Out[0], moved.out = inner.In[alias], moved.in[alias]
	}
	p, err := plan(info, &inner)
	if err != nil {
		return nil, err
	}
	for _, s := range p.Steps {
		push := s.Push
		s.Push = func(a *Args, dst []byte) []byte {
			a.moved = moved
			dst = push(a, dst)
			a.moved = nil
			return dst
		}
		out.Steps = append(out.Steps, s)
	}
	if alias < 0 {
		return out, nil
	}
	src, at := inner.Out[0], moved.out-1
	steps, err := moves(info, "contiguous", &src, &y, func(a *Args) (x, to uint64) { return a.Scratch() + uint64(at), a.Out(0) })
	if err != nil {
		return nil, err
	}
	for k := range steps {
		steps[k].Uses = []Use{{Role: Scratch, Off: at, Len: src.Bytes()}, {Role: Out, Write: true}}
	}
	out.Steps = append(out.Steps, steps...)
	return out, nil
}

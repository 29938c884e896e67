package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("sgd", Kernel{Plan: planSGD}) }

// updateList is what the optimizers' plans share: inputs are rate and step
// count, then lists of n tensors: parameters, gradients, state.
type updateList struct {
	call     *ops.Call
	n, lists int
}

// strided is ErrUnsupported for parameters or state that are not dense; ops
// makes gradients dense.
func (l updateList) strided() error {
	for i := range l.call.In {
		if v := &l.call.In[i]; !v.Dense() {
			return unsupported("%s of a strided tensor %v", l.call.Op, v.Spec)
		}
	}
	return nil
}

// aligned says whether tensor i of every list begins at a multiple of 16 bytes.
func (l updateList) aligned(i int) bool {
	for k := range l.lists {
		if !aligned16(&l.call.In[2+k*l.n+i]) {
			return false
		}
	}
	return true
}

// uses are rate, step count and tensor i of every list; all but the gradients
// are written, through the outputs that alias them.
func (l updateList) uses(i int, s span, size int) []Use {
	out := []Use{{Role: In, Index: 0}, {Role: In, Index: 1}}
	for k := range l.lists {
		out = append(out, Use{Role: In, Index: 2 + k*l.n + i, Write: k != 1, Off: s.at * size, Len: s.n * size})
	}
	return out
}

// quadStep is the dispatch over a span with four elements a thread.
func (l updateList) quadStep(info *gpu.Info, prog gpu.Program, i int, s span, push pushFunc) Step {
	size := int(groupSize(info))
	return Step{
		Program: prog, Grid: Grid(info, Groups(Groups(s.n, 4), size)), Push: push,
		Uses: l.uses(i, s, l.call.In[2].DType.Size()),
	}
}

func flag(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// planSGD is one dispatch for each parameter.
func planSGD(info *gpu.Info, c *ops.Call) (*Plan, error) {
	a := c.Attr.(ops.SGDAttr)
	l := updateList{c, a.N, 2}
	if a.Momentum != 0 {
		l.lists = 3
	}
	if err := l.strided(); err != nil {
		return nil, err
	}
	d := c.In[2].DType
	block := shaders.SgdPush{
		Momentum: constBits(d, a.Momentum), Keep: constBits(d, 1-a.Dampening), Decay: constBits(d, a.WeightDecay),
	}
	out := &Plan{}
	for i := range a.N {
		prog, err := program(info, "sgd."+storage(d), spec(shaders.SgdSpecLocalX, uint32(groupSize(info))),
			spec(shaders.SgdSpecMomentum, flag(a.Momentum != 0)), spec(shaders.SgdSpecNesterov, flag(a.Nesterov)),
			spec(shaders.SgdSpecDecay, flag(a.WeightDecay != 0)), spec(shaders.SgdSpecVec, flag(l.aligned(i))))
		if err != nil {
			return nil, err
		}
		for _, s := range spans(c.In[2+i].Len()) {
			b, off := block, uint64(s.at*d.Size())
			b.Count = uint32(s.n)
			out.Steps = append(out.Steps, l.quadStep(info, prog, i, s, func(args *Args, dst []byte) []byte {
				q := b
				q.Rate, q.Step = args.In(0), args.In(1)
				q.P, q.G = args.In(2+i)+off, args.In(2+a.N+i)+off
				if a.Momentum != 0 {
					q.M = args.In(2+2*a.N+i) + off
				}
				return q.Append(dst)
			}))
		}
	}
	return out, nil
}

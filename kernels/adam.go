package kernels

import (
	"math"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("adam", Kernel{Plan: planAdam}) }

// planAdam is one dispatch for each parameter.
func planAdam(info *gpu.Info, c *ops.Call) (*Plan, error) {
	a := c.Attr.(ops.AdamAttr)
	l := updateList{c, a.N, 4}
	if err := l.strided(); err != nil {
		return nil, err
	}
	decay := uint32(0)
	switch {
	case a.WeightDecay != 0 && a.Decoupled:
		decay = 2
	case a.WeightDecay != 0:
		decay = 1
	}
	d := c.In[2].DType
	block := shaders.AdamPush{
		Share1: constBits(d, 1-a.Beta1), Beta2: constBits(d, a.Beta2), Share2: constBits(d, 1-a.Beta2),
		Log1: constBits(d, math.Log(a.Beta1)), Log2: constBits(d, math.Log(a.Beta2)),
		Eps: constBits(d, a.Eps), Decay: constBits(d, a.WeightDecay),
	}
	out := &Plan{}
	for i := range a.N {
		prog, err := program(info, "adam."+storage(d), spec(shaders.AdamSpecLocalX, uint32(groupSize(info))),
			spec(shaders.AdamSpecDecay, decay), spec(shaders.AdamSpecVec, flag(l.aligned(i))))
		if err != nil {
			return nil, err
		}
		for _, s := range spans(c.In[2+i].Len()) {
			b, off := block, uint64(s.at*d.Size())
			b.Count = uint32(s.n)
			out.Steps = append(out.Steps, l.quadStep(info, prog, i, s, func(args *Args, dst []byte) []byte {
				q := b
				q.Rate, q.T = args.In(0), args.In(1)
				q.P, q.G = args.In(2+i)+off, args.In(2+a.N+i)+off
				q.M, q.V = args.In(2+2*a.N+i)+off, args.In(2+3*a.N+i)+off
				return q.Append(dst)
			}))
		}
	}
	return out, nil
}

package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("cast", Kernel{Plan: planCast}) }

func planCast(info *gpu.Info, c *ops.Call) (*Plan, error) {
	from, to := c.In[0].DType, c.Out[0].DType
	if storage(from) == storage(to) && (to != ops.Bool || from == ops.Bool) {
		return planContiguous(info, c) // the same bits
	}
	w, err := newWalk(info, &c.Out[0].Spec, &c.In[0], &c.Out[0])
	if err != nil {
		return nil, err
	}
	p, err := program(info, "cast."+storage(from)+"_to_"+to.String(), w.consts()...)
	if err != nil {
		return nil, err
	}
	return w.plan(p, 10, func(pc piece) pushFunc {
		t := shaders.CastPush{N: pc.n, Shape: w.shape}
		for k := range 2 {
			s := w.strides(k)
			copy(t.Stride[4*k:], s[:])
		}
		return func(a *Args, dst []byte) []byte {
			b := t
			b.X, b.Y = a.In(0)+pc.off[0], a.Out(0)+pc.off[1]
			return b.Append(dst)
		}
	}), nil
}

package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() {
	Register("where", Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) { return viaScratch(info, c, planWhere) }})
}

func planWhere(info *gpu.Info, c *ops.Call) (*Plan, error) {
	w, err := newWalk(info, &c.Out[0].Spec, &c.In[0], &c.In[1], &c.In[2], &c.Out[0])
	if err != nil {
		return nil, err
	}
	p, err := program(info, "where."+sized(c.In[1].DType), w.consts()...)
	if err != nil {
		return nil, err
	}
	return w.plan(p, 1, func(pc piece) pushFunc {
		t := shaders.WherePush{N: pc.n, Shape: w.shape}
		for k := range 4 {
			s := w.strides(k)
			copy(t.Stride[4*k:], s[:])
		}
		return func(a *Args, dst []byte) []byte {
			b := t
			b.Cond, b.X, b.Y = a.In(0)+pc.off[0], a.In(1)+pc.off[1], a.In(2)+pc.off[2]
			b.Z = a.Out(0) + pc.off[3]
			return b.Append(dst)
		}
	}), nil
}

package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

// classifyOps are the codes of classify.comp.
var classifyOps = [...]ops.Op{"isnan", "isinf", "isfinite"}

func init() {
	for i, op := range classifyOps {
		Register(op, Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) { return planClassify(info, c, uint32(i)) }})
	}
}

func planClassify(info *gpu.Info, c *ops.Call, code uint32) (*Plan, error) {
	w, err := newWalk(info, &c.Out[0].Spec, &c.In[0], &c.Out[0])
	if err != nil {
		return nil, err
	}
	p, err := program(info, "classify."+storage(c.In[0].DType), w.consts(spec(shaders.ClassifySpecOp, code))...)
	if err != nil {
		return nil, err
	}
	return w.plan(p, 1, func(pc piece) pushFunc {
		t := shaders.ClassifyPush{N: pc.n, Shape: w.shape}
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

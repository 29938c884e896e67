package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

// unaryGradOps are the codes of unary_grad.comp.
var unaryGradOps = [...]ops.Op{
	"relu_grad", "leaky_relu_grad", "tanh_grad", "sigmoid_grad", "gelu_grad", "silu_grad", "softplus_grad", "elu_grad",
	"clamp_grad", "hardswish_grad", "mish_grad", "gelu_tanh_grad",
}

func init() {
	for i, op := range unaryGradOps {
		Register(op, Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) { return planUnaryGrad(info, c, uint32(i)) }})
	}
}

func planUnaryGrad(info *gpu.Info, c *ops.Call, code uint32) (*Plan, error) {
	d := c.In[0].DType
	w, err := newWalk(info, &c.Out[0].Spec, &c.In[0], &c.In[1], &c.Out[0])
	if err != nil {
		return nil, err
	}
	p, err := program(info, "unary_grad."+storage(d), w.consts(spec(shaders.UnaryGradSpecOp, code))...)
	if err != nil {
		return nil, err
	}
	return w.plan(p, 30, func(pc piece) pushFunc {
		t := shaders.UnaryGradPush{N: pc.n, Shape: w.shape}
		for k := range 3 {
			s := w.strides(k)
			copy(t.Stride[4*k:], s[:])
		}
		return func(a *Args, dst []byte) []byte {
			b := t
			b.Dy, b.A, b.Dx = a.In(0)+pc.off[0], a.In(1)+pc.off[1], a.Out(0)+pc.off[2]
			b.C = twoConsts(d, a)
			return b.Append(dst)
		}
	}), nil
}

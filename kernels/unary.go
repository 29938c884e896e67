package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

// unaryOps are the codes of unary.comp.
var unaryOps = [...]ops.Op{
	"neg", "abs", "exp", "log", "sqrt", "rsqrt", "square", "reciprocal", "tanh", "sigmoid", "relu", "leaky_relu",
	"gelu", "silu", "softplus", "expm1", "log1p", "sin", "cos", "erf", "sign", "floor", "ceil", "round", "trunc", "elu",
	"clamp", "hardswish", "mish", "gelu_tanh",
}

func init() {
	for i, op := range unaryOps {
		Register(op, Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) { return planUnary(info, c, uint32(i)) }})
	}
}

func planUnary(info *gpu.Info, c *ops.Call, code uint32) (*Plan, error) {
	d := c.In[0].DType
	w, err := newWalk(info, &c.Out[0].Spec, &c.In[0], &c.Out[0])
	if err != nil {
		return nil, err
	}
	p, err := program(info, "unary."+storage(d), w.consts(spec(shaders.UnarySpecOp, code))...)
	if err != nil {
		return nil, err
	}
	return w.plan(p, unaryFlops(c.Op), func(pc piece) pushFunc {
		t := shaders.UnaryPush{N: pc.n, Shape: w.shape}
		for k := range 2 {
			s := w.strides(k)
			copy(t.Stride[4*k:], s[:])
		}
		return func(a *Args, dst []byte) []byte {
			b := t
			b.X, b.Y = a.In(0)+pc.off[0], a.Out(0)+pc.off[1]
			b.C = twoConsts(d, a)
			return b.Append(dst)
		}
	}), nil
}

// twoConsts are both constants of a call in the bits of a dtype.
func twoConsts(d ops.DType, a *Args) (c [4]uint32) {
	lo, hi := constBits(d, a.Const(0)), constBits(d, a.Const(1))
	return [4]uint32{lo[0], lo[1], hi[0], hi[1]}
}

// unaryFlops is a rough count of operations for one element.
func unaryFlops(op ops.Op) float64 {
	switch op {
	case "neg", "abs", "square", "relu", "leaky_relu", "sign", "floor", "ceil", "round", "trunc", "clamp":
		return 1
	case "gelu", "gelu_tanh", "erf":
		return 80
	}
	return 30
}

package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

// binaryOps are the codes of binary.comp.
var binaryOps = [...]ops.Op{
	"add", "sub", "mul", "div", "pow", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or",
	"logical_xor", "remainder", "fmod", "floor_divide", "atan2",
}

func init() {
	for i, op := range binaryOps {
		plan := func(info *gpu.Info, c *ops.Call) (*Plan, error) { return planBinary(info, c, uint32(i)) }
		Register(op, Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) { return viaScratch(info, c, plan) }})
	}
}

func planBinary(info *gpu.Info, c *ops.Call, code uint32) (*Plan, error) {
	side := c.Attr.(ops.BinaryAttr).Scalar
	var y *ops.View
	if side == ops.NoScalar {
		y = &c.In[1]
	}
	d := c.In[0].DType
	w, err := newWalk(info, &c.Out[0].Spec, &c.In[0], y, &c.Out[0])
	if err != nil {
		return nil, err
	}
	name := "binary." + storage(d)
	if c.Out[0].DType == ops.Bool {
		name += "_bool"
	}
	p, err := program(info, name, w.consts(spec(shaders.BinarySpecOp, code), spec(shaders.BinarySpecScalar, uint32(side)))...)
	if err != nil {
		return nil, err
	}
	flops := 1.0
	switch c.Op {
	case "pow":
		flops = 100
	case "remainder", "fmod", "floor_divide", "atan2":
		flops = 30
	}
	return w.plan(p, flops, func(pc piece) pushFunc {
		t := shaders.BinaryPush{N: pc.n, Shape: w.shape}
		for k := range 3 {
			s := w.strides(k)
			copy(t.Stride[4*k:], s[:])
		}
		return func(a *Args, dst []byte) []byte {
			b := t
			b.X, b.Z = a.In(0)+pc.off[0], a.Out(0)+pc.off[2]
			if side == ops.NoScalar {
				b.Y = a.In(1) + pc.off[1]
			} else {
				b.C = constBits(d, a.Const(0))
			}
			return b.Append(dst)
		}
	}), nil
}

package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() {
	Register("copy_", Kernel{Plan: planCopy})
	Register("add_", Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) { return viaScratch(info, c, planInPlace) }})
	Register("lerp_", Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) { return viaScratch(info, c, planInPlace) }})
}

// planCopy moves y, broadcast, into x.
func planCopy(info *gpu.Info, c *ops.Call) (*Plan, error) {
	steps, err := moves(info, "contiguous", &c.In[1], &c.Out[0], func(a *Args) (x, y uint64) { return a.In(1), a.Out(0) })
	if err != nil {
		return nil, err
	}
	for k := range steps {
		steps[k].Uses = []Use{{Role: In, Index: 1}, {Role: Out, Write: true}}
	}
	return &Plan{Steps: steps}, nil
}

// The codes of inplace.comp.
const (
	inPlaceAdd = iota
	inPlaceAddScalar
	inPlaceLerp
	inPlaceLerpTensor
)

func planInPlace(info *gpu.Info, c *ops.Call) (*Plan, error) {
	code := uint32(inPlaceAdd)
	switch {
	case c.Op == "lerp_" && len(c.In) == 3:
		code = inPlaceLerpTensor
	case c.Op == "lerp_":
		code = inPlaceLerp
	case len(c.In) == 1:
		code = inPlaceAddScalar
	}
	var y *ops.View
	if code != inPlaceAddScalar {
		y = &c.In[1]
	}
	d, two := c.Out[0].DType, y != nil
	w, err := newWalk(info, &c.Out[0].Spec, &c.Out[0], y)
	if err != nil {
		return nil, err
	}
	p, err := program(info, "inplace."+storage(d), w.consts(spec(shaders.InplaceSpecOp, code))...)
	if err != nil {
		return nil, err
	}
	return w.plan(p, 2, func(pc piece) pushFunc {
		t := shaders.InplacePush{N: pc.n, Shape: w.shape}
		for k := range 2 {
			s := w.strides(k)
			copy(t.Stride[4*k:], s[:])
		}
		return func(a *Args, dst []byte) []byte {
			b := t
			b.X = a.Out(0) + pc.off[0]
			if two {
				b.Y = a.In(1) + pc.off[1]
			}
			if code == inPlaceLerpTensor {
				b.W = a.In(2)
			} else {
				b.C = constBits(d, a.Const(0))
			}
			return b.Append(dst)
		}
	}), nil
}

package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

func init() { Register("concat", Kernel{Plan: planConcat}) }

func planConcat(info *gpu.Info, c *ops.Call) (*Plan, error) {
	dim, size := c.Attr.(ops.ConcatAttr).Dim, c.Out[0].DType.Size()
	out, first := &Plan{}, 0
	for i := range c.In {
		// The part of the output that input i becomes.
		part := c.Out[0]
		part.Shape = c.In[i].Shape
		part.Offset += first * part.Strides[dim]
		off := (part.Offset - c.Out[0].Offset) * size
		first += part.Shape[dim]
		steps, err := moves(info, "concat", &c.In[i], &part, func(a *Args) (x, y uint64) { return a.In(i), a.Out(0) + uint64(off) })
		if err != nil {
			return nil, err
		}
		for k := range steps {
			steps[k].Uses = []Use{{Role: In, Index: i}, {Role: Out, Write: true, Off: off, Len: extentBytes(&part)}}
		}
		out.Steps = append(out.Steps, steps...)
	}
	return out, nil
}

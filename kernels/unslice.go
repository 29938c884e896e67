package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

func init() { Register("unslice", Kernel{Plan: planUnslice}) }

// planUnslice clears the output, then moves the input to its places.
func planUnslice(info *gpu.Info, c *ops.Call) (*Plan, error) {
	y := c.Out[0]
	part := ops.Lookup("slice").View(y, c.Attr.(ops.UnsliceAttr).Slice)
	off := (part.Offset - y.Offset) * y.DType.Size()
	out := &Plan{}
	if part.Len() < y.Len() {
		steps, err := moves(info, "unslice", nil, &y, func(a *Args) (_, to uint64) { return 0, a.Out(0) })
		if err != nil {
			return nil, err
		}
		for k := range steps {
			steps[k].Uses = []Use{{Role: Out, Write: true}}
		}
		out.Steps = steps
	}
	steps, err := moves(info, "unslice", &c.In[0], &part, func(a *Args) (x, to uint64) { return a.In(0), a.Out(0) + uint64(off) })
	if err != nil {
		return nil, err
	}
	for k := range steps {
		steps[k].Uses = []Use{{Role: In}, {Role: Out, Write: true, Off: off, Len: extentBytes(&part)}}
	}
	out.Steps = append(out.Steps, steps...)
	return out, nil
}

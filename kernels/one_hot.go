package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("one_hot", Kernel{Plan: planOneHot}) }

// planOneHot is one thread for each element; long results take several
// dispatches of whole rows.
func planOneHot(info *gpu.Info, c *ops.Call) (*Plan, error) {
	idx, y := &c.In[0], &c.Out[0]
	classes := y.Shape[y.Rank-1]
	if classes > chunk {
		return nil, unsupported("one_hot of %d classes; wanted at most %d", classes, chunk)
	}
	size := groupSize(info)
	prog, err := program(info, "one_hot."+sized(y.DType), spec(shaders.OneHotSpecLocalX, uint32(size)))
	if err != nil {
		return nil, err
	}
	out := &Plan{}
	rows, most := idx.Len(), chunk/classes
	for at := 0; at < rows; at += most {
		n := min(most, rows-at) * classes
		block := shaders.OneHotPush{Code: FaultCode("one_hot"), Classes: uint32(classes), Count: uint32(n), One: constBits(y.DType, 1)}
		idxOff, yOff := uint64(at*8), uint64(at*classes*y.DType.Size())
		out.Steps = append(out.Steps, Step{Program: prog, Grid: Grid(info, Groups(n, size)), Push: func(a *Args, dst []byte) []byte {
			b := block
			b.Idx, b.Y, b.Fault = a.In(0)+idxOff, a.Out(0)+yOff, a.Fault()
			return b.Append(dst)
		}})
	}
	return out, nil
}

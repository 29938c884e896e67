package kernels

import (
	"fmt"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("index_select", One(planIndexSelect)) }

// planIndexSelect is one thread for each unit of the result: up to 16 bytes of
// a row.
func planIndexSelect(info *gpu.Info, c *ops.Call) (Step, error) {
	x, idx, y := &c.In[0], &c.In[1], &c.Out[0]
	dim := c.Attr.(ops.RowsAttr).Dim
	bytes := x.DType.Size()
	for _, s := range x.Shape[dim+1 : x.Rank] {
		bytes *= s
	}
	unit := moveUnit(bytes, x.Offset*x.DType.Size(), y.Offset*y.DType.Size())
	n, count := x.Shape[dim], y.Bytes()/unit
	if n >= 1<<31 || count >= 1<<32 || x.Bytes()/unit >= 1<<32 {
		return Step{}, unsupported("index_select of %v from %v; wanted less than 2³² units", idx.Spec, x.Spec)
	}
	size := groupSize(info)
	prog, err := program(info, fmt.Sprintf("index_select.b%d", unit), spec(shaders.IndexSelectSpecLocalX, uint32(size)),
		wideSpec(x.Bytes()/unit, count))
	block := shaders.IndexSelectPush{
		Code: FaultCode("index_select"), N: uint32(n), Rows: uint32(idx.Shape[0]), Inner: uint32(bytes / unit), Count: uint32(count),
	}
	return Step{Program: prog, Grid: Grid(info, Groups(count, size)), Push: func(a *Args, dst []byte) []byte {
		b := block
		b.X, b.Idx, b.Y, b.Fault = a.In(0), a.In(1), a.Out(0), a.Fault()
		return b.Append(dst)
	}}, err
}

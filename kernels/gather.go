package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("gather", One(planGather)) }

// indexDims are the dimensions of an index tensor beside the tensor it points
// into: sizes of the index, and how far a step along each goes in the tensor,
// 0 along dim. Neighbours that lie evenly are merged.
type indexDims struct {
	rank   int
	shape  [ops.MaxRank]int
	stride [ops.MaxRank]int
}

func newIndexDims(x, idx *ops.Spec, dim int) indexDims {
	var d indexDims
	st := x.DenseStrides()
	for i := 0; i < idx.Rank; i++ {
		n, s := idx.Shape[i], st[i]
		if i == dim {
			s = 0
		}
		if n == 1 {
			continue
		}
		if last := d.rank - 1; last >= 0 && d.stride[last] == s*n {
			d.shape[last] *= n
			d.stride[last] = s
			continue
		}
		d.shape[d.rank], d.stride[d.rank] = n, s
		d.rank++
	}
	if d.rank == 0 {
		d.rank, d.shape[0] = 1, 1
	}
	return d
}

// planGather is one thread for each element of the result.
func planGather(info *gpu.Info, c *ops.Call) (Step, error) {
	x, idx := &c.In[0], &c.In[1]
	dim := c.Attr.(ops.IndexAttr).Dim
	n := idx.Len()
	if n >= 1<<32 || x.Shape[dim] >= 1<<32 {
		return Step{}, unsupported("gather of %d elements along %d; wanted less than 2³²", n, x.Shape[dim])
	}
	d := newIndexDims(&x.Spec, &idx.Spec, dim)
	size := groupSize(info)
	prog, err := program(info, "gather."+sized(x.DType), spec(shaders.GatherSpecLocalX, uint32(size)),
		spec(shaders.GatherSpecRank, uint32(d.rank)), wideSpec(n, x.Len()))
	st := x.DenseStrides()
	block := shaders.GatherPush{Code: FaultCode("gather"), N: uint32(x.Shape[dim]), DimStride: uint32(st[dim]), Count: uint32(n)}
	for i := range d.rank {
		if d.stride[i] >= 1<<32 {
			return Step{}, unsupported("gather over strides of 2³² elements or more")
		}
		block.Shape[i], block.Stride[i] = uint32(d.shape[i]), uint32(d.stride[i])
	}
	return Step{Program: prog, Grid: Grid(info, Groups(n, size)), Push: func(a *Args, dst []byte) []byte {
		b := block
		b.X, b.Idx, b.Y, b.Fault = a.In(0), a.In(1), a.Out(0), a.Fault()
		return b.Append(dst)
	}}, err
}

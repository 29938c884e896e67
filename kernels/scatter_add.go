package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("scatter_add", Kernel{Plan: planScatterAdd}) }

// columnDims are the dimensions beside the one that an index counts along:
// sizes in the tensor and in the index, outer to inner, of which the last inner
// ones come after it. Neighbours on one side are merged where the index is as
// long as the tensor in the inner of them.
type columnDims struct {
	rank, inner int
	shape       [ops.MaxRank]int
	index       [ops.MaxRank]int
}

func newColumnDims(x, idx *ops.Spec, dim int) columnDims {
	var d columnDims
	for i := 0; i < x.Rank; i++ {
		if i == dim {
			d.inner = -d.rank
			continue
		}
		s, n := x.Shape[i], idx.Shape[i]
		last := d.rank - 1
		sameSide := last >= 0 && (i < dim || last >= -d.inner)
		if i > dim && last < -d.inner {
			sameSide = false
		}
		if sameSide && s == n {
			d.shape[last] *= s
			d.index[last] *= n
			continue
		}
		d.shape[d.rank], d.index[d.rank] = s, n
		d.rank++
	}
	d.inner += d.rank
	return d
}

// columns is how many there are in the tensor.
func (d *columnDims) columns() int {
	n := 1
	for _, s := range d.shape[:d.rank] {
		n *= s
	}
	return n
}

// scatterChunk is how many of the n places of a column one thread owns. Every
// thread walks a whole column of the index, so there are only as many threads
// as keep the device busy.
func scatterChunk(info *gpu.Info, n, columns int) int {
	busy := 16384
	if info.Type == gpu.Software {
		busy = 64
	}
	c := Groups(n, max(1, busy/columns))
	if most := info.Limits.MaxLoop; most > 0 { // a thread copies its places in a loop
		c = min(c, most/2)
	}
	return c
}

// scatterRows is how many rows of the index one dispatch walks.
func scatterRows(info *gpu.Info, rows, chunk int) int {
	if most := info.Limits.MaxLoop; most > 0 {
		return min(rows, most-1-chunk)
	}
	return rows
}

// planScatterAdd is one thread for each chunk of a column.
func planScatterAdd(info *gpu.Info, c *ops.Call) (*Plan, error) {
	x, idx := &c.In[0], &c.In[1]
	dim := c.Attr.(ops.IndexAttr).Dim
	d := newColumnDims(&x.Spec, &idx.Spec, dim)
	n, rows := x.Shape[dim], idx.Shape[dim]
	chunk := scatterChunk(info, n, d.columns())
	threads := Groups(n, chunk) * d.columns()
	if n >= 1<<32 || rows >= 1<<32 || threads >= 1<<32 || max(x.Len()/x.Shape[0], idx.Len()/idx.Shape[0]) >= 1<<32 {
		return nil, unsupported("scatter_add into %v at %v; wanted less than 2³² along each dimension", x.Spec, idx.Spec)
	}
	size := min(64, groupSize(info))
	prog, err := program(info, "scatter_add."+storage(x.DType), spec(shaders.ScatterAddSpecLocalX, uint32(size)),
		spec(shaders.ScatterAddSpecRank, uint32(d.rank)), wideSpec(x.Len(), idx.Len()))
	if err != nil {
		return nil, err
	}
	block := shaders.ScatterAddPush{
		Code: FaultCode("scatter_add"), N: uint32(n), Rows: uint32(rows), Chunk: uint32(chunk),
		Chunks: uint32(Groups(n, chunk)), InnerDims: uint32(d.inner),
	}
	for i := range d.rank {
		block.Shape[i], block.IndexShape[i] = uint32(d.shape[i]), uint32(d.index[i])
	}
	out := &Plan{}
	for at, most := 0, scatterRows(info, rows, chunk); at < rows; at += most {
		b := block
		b.First, b.Last = uint32(at), uint32(min(at+most, rows))
		out.Steps = append(out.Steps, Step{
			Program: prog, Grid: Grid(info, Groups(threads, size)),
			Bytes: float64(x.Bytes()*2) + float64(threads)*float64(b.Last-b.First)*float64(8+x.DType.Size()),
			Push: func(a *Args, dst []byte) []byte {
				q := b
				q.X, q.Idx, q.Src, q.Y, q.Fault = a.In(0), a.In(1), a.In(2), a.Out(0), a.Fault()
				return q.Append(dst)
			},
		})
	}
	return out, nil
}

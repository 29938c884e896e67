package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() {
	Register("index_add", Kernel{Plan: planIndexRows})
	Register("index_copy", Kernel{Plan: planIndexRows})
}

// planIndexRows is one thread for each chunk of a column, as scatter_add's.
func planIndexRows(info *gpu.Info, c *ops.Call) (*Plan, error) {
	x, idx := &c.In[0], &c.In[1]
	a := c.Attr.(ops.RowsAttr)
	inner := 1
	for _, s := range x.Shape[a.Dim+1 : x.Rank] {
		inner *= s
	}
	n, rows := x.Shape[a.Dim], idx.Shape[0]
	columns := x.Len() / n
	chunk := scatterChunk(info, n, columns)
	threads := Groups(n, chunk) * columns
	if n >= 1<<31 || rows >= 1<<31 || threads >= 1<<32 {
		return nil, unsupported("%s into %v at %v; wanted less than 2³¹ along dimension %d", c.Op, x.Spec, idx.Spec, a.Dim)
	}
	variant := "copy_" + sized(x.DType)
	if c.Op == "index_add" {
		variant = "add_" + storage(x.DType)
	}
	size := min(64, groupSize(info))
	prog, err := program(info, "index_add."+variant, spec(shaders.IndexAddSpecLocalX, uint32(size)), wideSpec(x.Len(), columns*rows))
	if err != nil {
		return nil, err
	}
	block := shaders.IndexAddPush{
		Code: FaultCode(c.Op), N: uint32(n), Rows: uint32(rows), Chunk: uint32(chunk), Chunks: uint32(Groups(n, chunk)),
		Inner: uint32(inner), Columns: uint32(columns), Skip: uint32(a.Padding),
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

package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() {
	Register("tril", One(planTriangle))
	Register("triu", One(planTriangle))
}

// planTriangle is one thread for each element.
func planTriangle(info *gpu.Info, c *ops.Call) (Step, error) {
	x := &c.In[0]
	n, rows, cols := x.Len(), x.Shape[x.Rank-2], x.Shape[x.Rank-1]
	if n >= 1<<31 {
		return Step{}, unsupported("%s of %d elements; wanted less than 2³¹", c.Op, n)
	}
	upper := uint32(0)
	if c.Op == "triu" {
		upper = 1
	}
	size := groupSize(info)
	prog, err := program(info, "tril."+sized(x.DType), spec(shaders.TrilSpecLocalX, uint32(size)),
		spec(shaders.TrilSpecUpper, upper), wideSpec(n))
	// Diagonals outside the matrix take all or nothing; cut, they fit 32 bits.
	diagonal := min(max(c.Attr.(ops.TriangleAttr).Diagonal, -rows), cols)
	block := shaders.TrilPush{Count: uint32(n), Rows: uint32(rows), Cols: uint32(cols), Diagonal: int32(diagonal)}
	return Step{Program: prog, Grid: Grid(info, Groups(n, size)), Push: func(a *Args, dst []byte) []byte {
		b := block
		b.X, b.Y = a.In(0), a.Out(0)
		return b.Append(dst)
	}}, err
}

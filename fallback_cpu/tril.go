package cpu

import "github.com/tuff-ml/tuff/ops"

func init() {
	Register("tril", Kernel{Plan: planTriangle})
	Register("triu", Kernel{Plan: planTriangle})
}

// planTriangle copies a part of each row and clears the rest.
func planTriangle(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	x := &c.In[0]
	rows, cols, size := x.Shape[x.Rank-2], x.Shape[x.Rank-1], x.DType.Size()
	upper := c.Op == "triu"
	// Diagonals outside the matrix take all or nothing; cut, they cannot overflow.
	diagonal := min(max(c.Attr.(ops.TriangleAttr).Diagonal, -rows), cols)
	body := func(c *ops.Call, lo, hi int) {
		z, x := rawBytes(&c.Out[0]), rawBytes(&c.In[0])
		for r := lo; r < hi; r++ {
			from, to := 0, min(max(r%rows+diagonal+1, 0), cols) // what tril keeps
			if upper {
				from, to = min(max(r%rows+diagonal, 0), cols), cols
			}
			at := r * cols * size
			z, x := z[at:at+cols*size], x[at:at+cols*size]
			clear(z[:from*size])
			copy(z[from*size:to*size], x[from*size:])
			clear(z[to*size:])
		}
	}
	return parallelRun(x.Len()/cols, max(1, cheapGrain/cols), body)
}

package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("solve_triangular", Kernel{Plan: planSolveTriangular}) }

func planSolveTriangular(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.Out[0].DType {
	case ops.F32:
		return planSolveTriangularOf[float32](c)
	case ops.F64:
		return planSolveTriangularOf[float64](c)
	}
	return unsupported(c.Out[0].DType)
}

// triangularBlock is how many columns of a system are solved in one piece.
const triangularBlock = 64

// planSolveTriangularOf solves pieces of up to triangularBlock columns, each in
// one goroutine.
func planSolveTriangularOf[T float](c *ops.Call) (Run, int, error) {
	attr, s := c.Attr.(ops.TriangularAttr), &c.Out[0].Spec
	d, n := s.Shape[s.Rank-2], s.Shape[s.Rank-1]
	blocks := (n + triangularBlock - 1) / triangularBlock
	pieces := s.Len() / (d * n) * blocks
	body := func(c *ops.Call, lo, hi int) {
		a, b, x := Data[T](&c.In[0]), Data[T](&c.In[1]), Data[T](&c.Out[0])
		for piece := lo; piece < hi; piece++ {
			m, from := piece/blocks, piece%blocks*triangularBlock
			to := min(from+triangularBlock, n)
			t := triangular[T]{attr, d, n, a[m*d*d:][:d*d]}
			t.solve(x[m*d*n:][:d*n], b[m*d*n:][:d*n], from, to)
		}
	}
	return parallelRun(pieces, max(1, cheapGrain/(d*d*min(n, triangularBlock))), body)
}

// triangular is one matrix [d, d] with what to take it for.
type triangular[T float] struct {
	ops.TriangularAttr
	d, n int
	a    []T
}

// solve finds columns from … to−1 of x row by row: by then those before it, or
// after it, are known.
func (t *triangular[T]) solve(x, b []T, from, to int) {
	down, right := t.d, 1
	if t.Transpose {
		down, right = 1, t.d
	}
	forward := t.Upper == t.Transpose
	for s := range t.d {
		i := s
		if !forward {
			i = t.d - 1 - s
		}
		row := x[i*t.n+from : i*t.n+to]
		copy(row, b[i*t.n+from:])
		for p := range s {
			k := p
			if !forward {
				k = t.d - 1 - p
			}
			f := t.a[i*down+k*right]
			for j, v := range x[k*t.n+from : k*t.n+to] {
				row[j] -= f * v
			}
		}
		if !t.Unit {
			f := t.a[i*(t.d+1)]
			for j := range row {
				row[j] /= f
			}
		}
	}
}

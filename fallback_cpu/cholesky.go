package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

func init() { Register("cholesky", Kernel{Plan: planCholesky}) }

func planCholesky(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.In[0].DType {
	case ops.F32:
		return planCholeskyOf[float32](c)
	case ops.F64:
		return planCholeskyOf[float64](c)
	}
	return unsupported(c.In[0].DType)
}

// planCholeskyOf factors matrices in parallel, each in one goroutine.
func planCholeskyOf[T float](c *ops.Call) (Run, int, error) {
	d := c.In[0].Shape[c.In[0].Rank-1]
	body := func(c *ops.Call, lo, hi int) {
		a, l := Data[T](&c.In[0]), Data[T](&c.Out[0])
		for m := lo; m < hi; m++ {
			choleskyOne(l[m*d*d:][:d*d], a[m*d*d:][:d*d], d)
		}
	}
	return parallelRun(c.In[0].Len()/(d*d), max(1, cheapGrain/(d*d*d)), body)
}

// choleskyOne factors one matrix row by row, the sums in float64 (Golub and Van
// Loan, "Matrix computations", 4th edition, section 4.2.5).
func choleskyOne[T float](l, a []T, d int) {
	for i := range d {
		row := l[i*d:][:d]
		copy(row, a[i*d:][:i+1])
		clear(row[i+1:])
		for j := range i + 1 {
			other, sum := l[j*d:][:j], float64(row[j])
			for k, v := range other {
				sum -= float64(row[k]) * float64(v)
			}
			if j < i {
				row[j] = T(sum / float64(l[j*d+j]))
				continue
			}
			if !(sum > 0) {
				choleskyFailed(l, i, d)
				return
			}
			row[i] = T(math.Sqrt(sum))
		}
	}
}

// choleskyFailed fills what is left of a matrix whose pivot number from is not
// positive.
func choleskyFailed[T float](l []T, from, d int) {
	nan := T(math.NaN())
	for i := from; i < d; i++ {
		row := l[i*d:][:d]
		for j := range row[:i+1] {
			row[j] = nan
		}
		clear(row[i+1:])
	}
}

package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

func init() { Register("qr", Kernel{Plan: planQR}) }

func planQR(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.In[0].DType {
	case ops.F32:
		return planQROf[float32](c)
	case ops.F64:
		return planQROf[float64](c)
	}
	return unsupported(c.In[0].DType)
}

// planQROf factors matrices in parallel, each in one goroutine.
func planQROf[T float](c *ops.Call) (Run, int, error) {
	s := &c.In[0].Spec
	m, n := s.Shape[s.Rank-2], s.Shape[s.Rank-1]
	body := func(c *ops.Call, lo, hi int) {
		a, q, r := Data[T](&c.In[0]), Data[T](&c.Out[0]), Data[T](&c.Out[1])
		for k := lo; k < hi; k++ {
			one := reflections[T]{m, n, q[k*m*n:][:m*n], r[k*n*n:][:n*n]}
			copy(one.q, a[k*m*n:])
			one.factor()
			one.form()
		}
	}
	return parallelRun(s.Len()/(m*n), max(1, cheapGrain/(m*n*n)), body)
}

// reflections is one matrix [m, n] on its way: in q lie what is left of A and,
// below the diagonal, the reflections' vectors v, whose first elements are 1;
// τ of reflection k lies in r[k, 0] until r is written (Golub and Van Loan,
// "Matrix computations", 4th edition, sections 5.1 and 5.2).
type reflections[T float] struct {
	m, n int
	q, r []T
}

// factor makes the reflections; r's elements stay in q's upper triangle.
func (f *reflections[T]) factor() {
	m, n := f.m, f.n
	for k := range n {
		sum := 0.0
		for i := k + 1; i < m; i++ {
			x := float64(f.q[i*n+k])
			sum += x * x
		}
		alpha := float64(f.q[k*n+k])
		if sum == 0 {
			f.r[k*n] = 0
			continue
		}
		beta := -math.Copysign(math.Sqrt(alpha*alpha+sum), alpha)
		for i := k + 1; i < m; i++ {
			f.q[i*n+k] = T(float64(f.q[i*n+k]) / (alpha - beta))
		}
		f.q[k*n+k] = T(beta)
		tau := (beta - alpha) / beta
		f.r[k*n] = T(tau)
		for j := k + 1; j < n; j++ {
			f.reflect(k, j, tau)
		}
	}
}

// reflect applies reflection k to column j of q.
func (f *reflections[T]) reflect(k, j int, tau float64) {
	n := f.n
	sum := float64(f.q[k*n+j])
	for i := k + 1; i < f.m; i++ {
		sum += float64(f.q[i*n+k]) * float64(f.q[i*n+j])
	}
	sum *= tau
	f.q[k*n+j] -= T(sum)
	for i := k + 1; i < f.m; i++ {
		f.q[i*n+j] -= T(sum * float64(f.q[i*n+k]))
	}
}

// form writes r and turns the vectors in q into the matrix they make, the last
// reflection first.
func (f *reflections[T]) form() {
	m, n := f.m, f.n
	for k := n - 1; k >= 0; k-- {
		tau := float64(f.r[k*n])
		clear(f.r[k*n:][:k])
		copy(f.r[k*n+k:][:n-k], f.q[k*n+k:])
		f.q[k*n+k] = 0
		for j := k + 1; j < n; j++ {
			f.q[k*n+j] = 0
			f.reflect(k, j, tau)
		}
		for i := k + 1; i < m; i++ {
			f.q[i*n+k] = T(-tau * float64(f.q[i*n+k]))
		}
		f.q[k*n+k] = T(1 - tau)
	}
}

package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

func init() {
	for _, op := range []ops.Op{"softmax", "log_softmax", "softmax_grad", "log_softmax_grad"} {
		Register(op, Kernel{Plan: planSoftmax})
	}
}

func planSoftmax(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.Out[0].DType {
	case ops.F32:
		return planRows[float32](c)
	case ops.F64:
		return planRows[float64](c)
	}
	return unsupported(c.Out[0].DType)
}

// planRows sees dense tensors as [outer, n, inner] and works along n. Row r is
// (r/inner, ·, r%inner).
func planRows[T float](c *ops.Call) (Run, int, error) {
	s, dim := &c.Out[0], c.Attr.(ops.SoftmaxAttr).Dim
	n, inner := s.Shape[dim], 1
	for _, d := range s.Shape[dim+1 : s.Rank] {
		inner *= d
	}
	row := softmaxRow[T]
	switch c.Op {
	case "log_softmax":
		row = logSoftmaxRow[T]
	case "softmax_grad":
		row = softmaxGradRow[T]
	case "log_softmax_grad":
		row = logSoftmaxGradRow[T]
	}
	body := func(c *ops.Call, lo, hi int) {
		z, x := Data[T](&c.Out[0]), Data[T](&c.In[0])
		y := x
		if len(c.In) == 2 {
			y = Data[T](&c.In[1])
		}
		for r := lo; r < hi; r++ {
			at := r/inner*n*inner + r%inner
			end := at + (n-1)*inner + 1
			row(z[at:end], x[at:end], y[at:end], inner)
		}
	}
	return parallelRun(s.Len()/n, max(1, mathGrain/n), body)
}

// The row functions work on elements 0, step, 2·step, … of their slices. Sums
// are kept in float64 and run from the first element to the last.

func rowMax[T float](x []T, step int) T {
	m := x[0]
	for i := 0; i < len(x); i += step {
		m = larger(m, x[i])
	}
	return m
}

// softmaxRow: a row of −inf, and one that holds +inf or NaN, gives NaN.
func softmaxRow[T float](z, x, _ []T, step int) {
	m, sum := float64(rowMax(x, step)), 0.0
	z = z[:len(x)]
	for i := 0; i < len(x); i += step {
		e := expFor[T](float64(x[i]) - m)
		z[i] = T(e)
		sum += e
	}
	scale := 1 / sum
	for i := 0; i < len(z); i += step {
		z[i] = T(float64(z[i]) * scale)
	}
}

func logSoftmaxRow[T float](z, x, _ []T, step int) {
	m, sum := float64(rowMax(x, step)), 0.0
	z = z[:len(x)]
	for i := 0; i < len(x); i += step {
		sum += expFor[T](float64(x[i]) - m)
	}
	l := math.Log(sum)
	for i := 0; i < len(x); i += step {
		z[i] = T((float64(x[i]) - m) - l)
	}
}

// softmaxGradRow: dx = y·(dy − Σ dy·y).
func softmaxGradRow[T float](z, dy, y []T, step int) {
	dot := 0.0
	z, y = z[:len(dy)], y[:len(dy)]
	for i := 0; i < len(dy); i += step {
		dot += float64(dy[i]) * float64(y[i])
	}
	for i := 0; i < len(dy); i += step {
		z[i] = T(float64(y[i]) * (float64(dy[i]) - dot))
	}
}

// logSoftmaxGradRow: dx = dy − eʸ·Σ dy.
func logSoftmaxGradRow[T float](z, dy, y []T, step int) {
	sum := 0.0
	z, y = z[:len(dy)], y[:len(dy)]
	for i := 0; i < len(dy); i += step {
		sum += float64(dy[i])
	}
	for i := 0; i < len(dy); i += step {
		z[i] = T(float64(dy[i]) - expFor[T](float64(y[i]))*sum)
	}
}

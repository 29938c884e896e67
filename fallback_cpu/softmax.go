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

// planRows sees dense tensors as [outer, n, inner] and works along n.
func planRows[T float](c *ops.Call) (Run, int, error) {
	s, dim := &c.Out[0], c.Attr.(ops.SoftmaxAttr).Dim
	n, inner := s.Shape[dim], 1
	for _, d := range s.Shape[dim+1 : s.Rank] {
		inner *= d
	}
	op, outer, grain := c.Op, s.Len()/n/inner, max(1, mathGrain/n)
	if inner > 1 {
		return parallelRun(outer*inner, max(grain, min(inner, mathBlock)), func(c *ops.Call, lo, hi int) {
			z, x, y := rowsOf[T](c)
			for lo < hi {
				at := lo/inner*n*inner + lo%inner
				w := min(mathBlock, hi-lo, inner-lo%inner)
				columnStrip(op, z[at:], x[at:], y[at:], n, inner, w)
				lo += w
			}
		})
	}
	return parallelRun(outer, grain, func(c *ops.Call, lo, hi int) {
		z, x, y := rowsOf[T](c)
		for r := lo; r < hi; r++ {
			row(op, z[r*n:][:n], x[r*n:][:n], y[r*n:][:n])
		}
	})
}

// rowsOf is output and inputs; a lone input counts as both.
func rowsOf[T float](c *ops.Call) (z, x, y []T) {
	last := len(c.In) - 1
	return Data[T](&c.Out[0]), Data[T](&c.In[0]), Data[T](&c.In[last])
}

// row computes one row of neighbours. Sums are kept in float64 and run from the
// first element to the last.
func row[T float](op ops.Op, z, x, y []T) {
	switch op {
	case "softmax":
		softmaxRow(z, x)
	case "log_softmax":
		logSoftmaxRow(z, x)
	case "softmax_grad": // dx = y·(dy − Σ dy·y)
		dot := 0.0
		for i := range z {
			dot += float64(x[i]) * float64(y[i])
		}
		for i := range z {
			z[i] = T(float64(y[i]) * (float64(x[i]) - dot))
		}
	case "log_softmax_grad": // dx = dy − eʸ·Σ dy
		logSoftmaxGradRow(z, x, y)
	}
}

func rowMax[T float](x []T) T {
	m := x[0]
	for _, v := range x {
		m = larger(m, v)
	}
	return m
}

// expRow replaces t by e^(x−m) and adds its elements to sum.
func expRow[T float](t []float64, x []T, m, sum float64) float64 {
	widen(t, x, 1)
	for i := range t {
		t[i] -= m
	}
	expAll(t, shorter[T]())
	for _, e := range t {
		sum += e
	}
	return sum
}

// softmaxRow: a row of −inf, and one that holds +inf or NaN, gives NaN.
func softmaxRow[T float](z, x []T) {
	var buf [mathBlock]float64
	m, sum := float64(rowMax(x)), 0.0
	for i := 0; i < len(x); i += mathBlock {
		t := buf[:min(mathBlock, len(x)-i)]
		sum = expRow(t, x[i:], m, sum)
		narrow(z[i:], t)
	}
	scale := 1 / sum
	for i := range z {
		z[i] = T(float64(z[i]) * scale)
	}
}

func logSoftmaxRow[T float](z, x []T) {
	var buf [mathBlock]float64
	m, sum := float64(rowMax(x)), 0.0
	for i := 0; i < len(x); i += mathBlock {
		sum = expRow(buf[:min(mathBlock, len(x)-i)], x[i:], m, sum)
	}
	l := math.Log(sum)
	for i := range z {
		z[i] = T((float64(x[i]) - m) - l)
	}
}

func logSoftmaxGradRow[T float](z, dy, y []T) {
	var buf [mathBlock]float64
	sum := 0.0
	for _, v := range dy {
		sum += float64(v)
	}
	for i := 0; i < len(z); i += mathBlock {
		t := buf[:min(mathBlock, len(z)-i)]
		widen(t, y[i:], 1)
		expAll(t, shorter[T]())
		for j, e := range t {
			z[i+j] = T(float64(dy[i+j]) - e*sum)
		}
	}
}

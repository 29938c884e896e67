package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// columnStrip computes w ≤ mathBlock neighbouring columns of n elements each,
// down apart, row by row: what row does, in the same order for each column.
func columnStrip[T float](op ops.Op, z, x, y []T, n, down, w int) {
	var m, s, t [mathBlock]float64
	short := shorter[T]()
	switch op {
	case "softmax":
		expColumns(m[:w], s[:w], t[:w], z, x, n, down)
		for j := range w {
			s[j] = 1 / s[j]
		}
		for r := range n {
			out := z[r*down:][:w]
			for j := range out {
				out[j] = T(float64(out[j]) * s[j])
			}
		}
	case "log_softmax":
		expColumns(m[:w], s[:w], t[:w], nil, x, n, down)
		for j := range w {
			s[j] = math.Log(s[j])
		}
		for r := range n {
			in, out := x[r*down:][:w], z[r*down:][:w]
			for j := range out {
				out[j] = T((float64(in[j]) - m[j]) - s[j])
			}
		}
	case "softmax_grad":
		for r := range n {
			dy, y := x[r*down:][:w], y[r*down:][:w]
			for j := range dy {
				s[j] += float64(dy[j]) * float64(y[j])
			}
		}
		for r := range n {
			dy, y, out := x[r*down:][:w], y[r*down:][:w], z[r*down:][:w]
			for j := range out {
				out[j] = T(float64(y[j]) * (float64(dy[j]) - s[j]))
			}
		}
	case "log_softmax_grad":
		for r := range n {
			for j, v := range x[r*down:][:w] {
				s[j] += float64(v)
			}
		}
		for r := range n {
			dy, out := x[r*down:][:w], z[r*down:][:w]
			widen(t[:w], y[r*down:], 1)
			expAll(t[:w], short)
			for j := range out {
				out[j] = T(float64(dy[j]) - t[j]*s[j])
			}
		}
	}
}

// expColumns sets m to the columns' maxima and s to the sums of e^(x−m), which
// go to z unless it is nil.
func expColumns[T float](m, s, t []float64, z, x []T, n, down int) {
	widen(m, x, 1)
	for r := 1; r < n; r++ {
		for j, v := range x[r*down:][:len(m)] {
			m[j] = larger(m[j], float64(v))
		}
	}
	for r := range n {
		widen(t, x[r*down:], 1)
		for j := range t {
			t[j] -= m[j]
		}
		expAll(t, shorter[T]())
		for j, e := range t {
			s[j] += e
		}
		if z != nil {
			narrow(z[r*down:], t)
		}
	}
}

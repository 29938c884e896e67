package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// softmaxRef computes each line along the attribute's dimension.
func softmaxRef(line func(in [][]float64) (y, scale []float64)) Ref {
	return func(c *Case, in []Array, out []ops.Spec) []Array {
		y := NewArray(out[0])
		y.Scale = make([]float64, y.Len())
		rows(y.Spec, c.Attr.(ops.SoftmaxAttr).Dim, func(first, step, n int) {
			lines := make([][]float64, len(in))
			for k := range in {
				for i := range n {
					lines[k] = append(lines[k], in[k].F[first+i*step])
				}
			}
			v, scale := line(lines)
			for i := range n {
				y.F[first+i*step] = v[i]
				if finite(scale[i]) {
					y.Scale[first+i*step] = scale[i]
				}
			}
		})
		return []Array{y}
	}
}

// logSoftmaxLine: y = x − logsumexp x, with errors relative to both terms.
func logSoftmaxLine(in [][]float64) (y, scale []float64) {
	x := in[0]
	m := math.Inf(-1)
	for _, v := range x {
		m = maximum(m, v)
	}
	s := 0.0
	for _, v := range x {
		s += math.Exp(v - m)
	}
	l := math.Log(s)
	for _, v := range x {
		y = append(y, v-m-l)
		scale = append(scale, math.Abs(v-m)+math.Abs(l)+1)
	}
	return y, scale
}

// softmaxLine: rounding x − max x, an error relative to that difference, is
// absolute in the exponent.
func softmaxLine(in [][]float64) (y, scale []float64) {
	l, size := logSoftmaxLine(in)
	for i, v := range l {
		y = append(y, math.Exp(v))
		scale = append(scale, math.Exp(v)*size[i])
	}
	return y, scale
}

// softmaxGradLine: dx = y·(dy − Σ dy·y).
func softmaxGradLine(in [][]float64) (dx, scale []float64) {
	dy, y := in[0], in[1]
	var dot compensated
	size := 0.0
	for i := range y {
		dot.add(dy[i] * y[i])
		size += math.Abs(dy[i] * y[i])
	}
	for i := range y {
		dx = append(dx, y[i]*(dy[i]-dot.value()))
		scale = append(scale, math.Abs(y[i])*(math.Abs(dy[i])+size))
	}
	return dx, scale
}

// logSoftmaxGradLine: dx = dy − eʸ·Σ dy.
func logSoftmaxGradLine(in [][]float64) (dx, scale []float64) {
	dy, y := in[0], in[1]
	var sum compensated
	size := 0.0
	for i := range y {
		sum.add(dy[i])
		size += math.Abs(dy[i])
	}
	for i := range y {
		p := math.Exp(y[i])
		dx = append(dx, dy[i]-p*sum.value())
		scale = append(scale, math.Abs(dy[i])+p*size)
	}
	return dx, scale
}

func init() {
	family := []struct {
		op     ops.Op
		line   func(in [][]float64) (y, scale []float64)
		values []Gen
	}{
		{"softmax", softmaxLine, []Gen{normal(0, 3)}},
		{"log_softmax", logSoftmaxLine, []Gen{normal(0, 3)}},
		{"softmax_grad", softmaxGradLine, []Gen{normal(0, 1), uniform(0, 0.3)}},
		{"log_softmax_grad", logSoftmaxGradLine, []Gen{normal(0, 1), uniform(-6, -0.1)}},
	}
	for _, f := range family {
		add := func(d ops.DType, l Layout, gens []Gen, dim int, grad GradMode, label string, shape ...int) {
			var in []Input
			for _, g := range gens {
				in = append(in, input(d, l, g, shape...))
			}
			pairs := []any{"shape", dims(shape), "view", l.Name, "dtype", d, "dim", dim}
			if label != "" {
				pairs = append(pairs, "values", label)
			}
			if grad != NoGrad {
				pairs = append(pairs, "grad", 1)
			}
			Add(Case{
				Name: name(f.op, pairs...), Op: f.op, Attr: ops.SoftmaxAttr{Dim: dim}, In: in,
				Ref: softmaxRef(f.line), Class: Summed, AnyZero: true, Grad: grad,
			})
		}
		for _, k := range []struct {
			dim   int
			shape []int
		}{
			{0, []int{1}}, {0, []int{0}}, {0, []int{13}}, {0, []int{1000}}, {0, []int{70000}}, {1, []int{13, 127}}, {0, []int{13, 127}},
			{1, []int{257, 129}}, {0, []int{257, 129}}, {1, []int{1000, 10}}, {1, []int{3, 5000}}, {1, []int{5, 1}}, {1, []int{3, 0}},
			{1, []int{3, 33, 65}}, {4, deepShape}, {7, deepShape}, {0, deepShape}, {1, []int{70000, 2}}, {1, []int{2, 65537}},
		} {
			add(ops.F32, dense, f.values, k.dim, NoGrad, "", k.shape...)
		}
		for _, l := range views {
			add(ops.F32, l, f.values, 1, NoGrad, "", viewShape...)
		}
		add(ops.F32, transposed, f.values, 0, NoGrad, "", viewShape...)
		add(ops.F64, dense, f.values, 1, NoGrad, "", 13, 127)
		add(ops.F64, dense, f.values, 0, NoGrad, "", 13, 127)
		if len(f.values) == 1 {
			far := []Gen{normal(1000, 40)}
			add(ops.F32, dense, far, 1, NoGrad, "far", 13, 127)
			// A NaN, an infinity, −inf among numbers and −inf alone, ties.
			add(ops.F32, dense, []Gen{cycle(1, nan, 2, 3, 1, inf, 2, 3, 1, -inf, 2, 3, -inf, -inf, -inf, -inf, 5, 5, 5, 5)}, 1, NoGrad, "special", 5, 4)
			add(ops.F32, dense, []Gen{cycle(3e38, -3e38, 0, 1)}, 1, NoGrad, "huge", 3, 4)
		}
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			add(d, dense, f.values, 1, GradSecond, "", 3, 5)
			add(d, dense, f.values, 0, GradFD, "", 5, 3)
			add(d, dense, f.values, 1, GradFD, "", 2, 4, 3)
			add(d, transposed, f.values, 1, GradFD, "", 3, 5)
		}
		add(ops.F32, dense, f.values, 1, GradDevice, "", 257, 129)
	}
}

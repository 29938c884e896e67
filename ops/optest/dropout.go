package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

func dropoutRef(c *Case, in []Array, out []ops.Spec) []Array {
	x, p := in[0], c.Const[0]
	w := words(in[1].I, x.Len())
	y := floats(out[0], func(i int) float64 {
		if unit(w[i]) < p {
			return 0
		}
		return x.F[i] / (1 - p)
	})
	// Where p is rounded to the dtype, 1 − p has an error relative to p.
	return []Array{y.withScale(func(i int) float64 { return math.Abs(y.F[i]) * max(1, p/(1-p)) })}
}

func init() {
	add := func(d ops.DType, l Layout, p float64, st [2]int64, grad GradMode, shape ...int) {
		pairs := []any{"shape", dims(shape), "view", l.Name, "dtype", d, "c0", p, "seed", st[0], "counter", st[1]}
		if grad != NoGrad {
			pairs = append(pairs, "grad", 1)
		}
		Add(Case{
			Name: name("dropout", pairs...), Op: "dropout", Const: [2]float64{p}, Class: Quotient, AnyZero: true, Flush: true,
			In: []Input{input(d, l, normal(0, 3), shape...), state(st[0], st[1])}, Ref: dropoutRef, Grad: grad,
		})
	}
	for _, shape := range [][]int{{}, {1}, {5}, {13}, {127}, {13, 127}, {257, 129}, {70001}, deepShape} {
		add(ops.F32, dense, 0.5, states[0], NoGrad, shape...)
	}
	for _, p := range []float64{0.1, 0.25, 0.9} {
		add(ops.F32, dense, p, states[1], NoGrad, 13, 127)
		add(ops.F64, dense, p, states[1], NoGrad, 13, 127)
	}
	for _, l := range []Layout{transposed, stepped, offset, broadcastFirst} {
		add(ops.F32, l, 0.5, states[3], NoGrad, 13, 127)
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		// The reference's mask is one for both directions.
		add(d, dense, 0.5, states[2], GradFD, 5, 7)
		add(d, transposed, 0.25, states[4], GradFD, 5, 7)
	}
	add(ops.F32, dense, 0.1, states[5], GradDevice, 257, 129)
}

package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// activationGrad is f′ as a function of what the op is given: the activation's
// output for relu, tanh and sigmoid, its input for the others.
type activationGrad struct {
	slope  func(a float64, c [2]float64) float64
	values Gen
	consts [][2]float64
	second bool
}

var activationGrads = map[ops.Op]activationGrad{
	"relu_grad":    {slope: func(y float64, _ [2]float64) float64 { return step(y > 0) }, values: awayFrom(normal(0, 2), 0.1, 0)},
	"tanh_grad":    {slope: func(y float64, _ [2]float64) float64 { return 1 - y*y }, values: uniform(-0.99, 0.99), second: true},
	"sigmoid_grad": {slope: func(y float64, _ [2]float64) float64 { return y * (1 - y) }, values: uniform(0.01, 0.99), second: true},
	"leaky_relu_grad": {slope: func(x float64, c [2]float64) float64 {
		if x > 0 {
			return 1
		}
		return c[0]
	}, values: awayFrom(normal(0, 2), 0.1, 0), consts: [][2]float64{{0.01}, {-0.5}}},
	"gelu_grad": {slope: func(x float64, _ [2]float64) float64 { return normalCDF(x) + x*normalDensity(x) }, values: normal(0, 2), second: true},
	"silu_grad": {slope: func(x float64, _ [2]float64) float64 {
		s := sigmoid(x)
		return s * (1 + x*(1-s))
	}, values: normal(0, 3), second: true},
	"softplus_grad": {slope: func(x float64, c [2]float64) float64 {
		if c[0]*x > c[1] {
			return 1
		}
		return sigmoid(c[0] * x)
	}, values: awayFrom(normal(0, 2), 0.1, 2.5), consts: [][2]float64{{1, 20}, {2, 5}}, second: true},
	"elu_grad": {slope: func(x float64, c [2]float64) float64 {
		if x > 0 {
			return 1
		}
		return c[0] * math.Exp(x)
	}, values: awayFrom(normal(0, 2), 0.1, 0), consts: [][2]float64{{1}, {-0.5}}, second: true},
	"clamp_grad": {slope: func(x float64, c [2]float64) float64 { return step(c[0] <= x && x <= c[1]) },
		values: awayFrom(normal(0, 2), 0.1, -1, 0.5, 2), consts: [][2]float64{{-1, 2}, {0.5, inf}}},
	"hardswish_grad": {slope: func(x float64, _ [2]float64) float64 {
		if x < -3 || x > 3 {
			return step(x > 3)
		}
		return x/3 + 0.5
	}, values: awayFrom(normal(0, 3), 0.1, -3, 3), second: true},
	"mish_grad": {slope: func(x float64, _ [2]float64) float64 {
		t := math.Tanh(math.Log1p(math.Exp(x)))
		return t + x*(1-t*t)*sigmoid(x)
	}, values: normal(0, 3), second: true},
	"gelu_tanh_grad": {slope: func(x float64, _ [2]float64) float64 {
		const k, a = 0.7978845608028654, 0.044715
		z := 2 * k * (x + a*x*x*x)
		return sigmoid(z) + x*2*sigmoid(z)*sigmoid(-z)*k*(1+3*a*x*x)
	}, values: normal(0, 2), second: true},
}

func step(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func activationGradRef(g activationGrad) Ref {
	return func(c *Case, in []Array, out []ops.Spec) []Array {
		dy, a := in[0], in[1]
		k := [2]float64{c.constant(0, a.DType), c.constant(1, a.DType)}
		y := floats(out[0], func(i int) float64 {
			h := g.slope(a.F[i], k)
			if h == 0 {
				return 0 // the gradient stops, even an infinite one
			}
			return dy.F[i] * h
		})
		// f′ is a sum of terms of up to 1, whose difference may be small.
		return []Array{y.withScale(func(i int) float64 {
			if s := math.Abs(dy.F[i]); finite(s) {
				return s
			}
			return 0
		})}
	}
}

func init() {
	for op, g := range activationGrads {
		consts := g.consts
		if consts == nil {
			consts = [][2]float64{{}}
		}
		add := func(d ops.DType, ly, la Layout, c [2]float64, grad GradMode, shape ...int) {
			pairs := []any{"shape", dims(shape), "view", ly.Name + "," + la.Name, "dtype", d}
			if g.consts != nil {
				pairs = append(pairs, "c0", c[0])
			}
			if grad != NoGrad {
				pairs = append(pairs, "grad", 1)
			}
			Add(Case{
				Name: name(op, pairs...), Op: op, Const: c, Class: Product, AnyZero: true, Flush: true, Grad: grad,
				In:  []Input{input(d, ly, normal(0, 1), shape...), input(d, la, g.values, shape...)},
				Ref: activationGradRef(g),
			})
		}
		for _, shape := range [][]int{{}, {1}, {0}, {127}, {13, 127}, {257, 129}, {70000}} {
			add(ops.F32, dense, dense, consts[0], NoGrad, shape...)
		}
		for _, l := range []Layout{transposed, stepped, offset, broadcastFirst} {
			add(ops.F32, l, dense, consts[0], NoGrad, viewShape...)
			add(ops.F32, dense, l, consts[0], NoGrad, viewShape...)
		}
		add(ops.F64, dense, dense, consts[0], NoGrad, 13, 127)
		add(ops.F64, transposed, padded, consts[0], NoGrad, 13, 127)
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			for i, c := range consts {
				mode := GradFD
				if g.second && i == 0 {
					mode = GradSecond
				}
				add(d, dense, dense, c, mode, 23)
			}
			Add(Case{ // kinks and limits, with plain numbers as dy
				Name: name(op, "shape", 15, "view", "dense", "dtype", d, "values", "special"), Op: op, Const: consts[0],
				Class: Product, AnyZero: true, Flush: true, Ref: activationGradRef(g),
				In: []Input{input(d, dense, cycle(1, -2, 0.5), 15), input(d, dense, cycle(0, math.Copysign(0, -1), 1, -1, 0.5, 20, 20.5, -20, 1e-10, -1e-10, 0.25, 2.5, -0.75, 3, 5), 15)},
			})
		}
	}
}

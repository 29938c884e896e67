package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// sgdStep is one step on one element, in float64: the parameter and the
// momentum after it.
func sgdStep(a ops.SGDAttr, lr, t, p, g, m float64) (float64, float64) {
	g += a.WeightDecay * p
	if a.Momentum == 0 {
		return p - lr*g, m
	}
	if t == 1 {
		m = g
	} else {
		m = a.Momentum*m + (1-a.Dampening)*g
	}
	if a.Nesterov {
		return p - lr*(g+a.Momentum*m), m
	}
	return p - lr*m, m
}

func sgdRef(c *Case, in []Array, _ []ops.Spec) []Array {
	a := c.Attr.(ops.SGDAttr)
	lr, t, n := in[0].F[0], in[1].F[0], a.N
	var params, momenta []Array
	for k := range n {
		p, g, m := in[2+k].clone(), in[2+n+k], NewArray(in[2+k].Spec)
		if a.Momentum != 0 {
			m = in[2+2*n+k].clone()
		}
		size, msize := make([]float64, p.Len()), make([]float64, p.Len())
		for i := range p.F {
			before := math.Abs(p.F[i])
			msize[i] = math.Abs(m.F[i]) + math.Abs(g.F[i]) + math.Abs(a.WeightDecay*p.F[i])
			size[i] = before + lr*2*msize[i]
			p.F[i], m.F[i] = sgdStep(a, lr, t, p.F[i], g.F[i], m.F[i])
		}
		p.Scale, m.Scale = size, msize
		params, momenta = append(params, p), append(momenta, m)
	}
	if a.Momentum == 0 {
		return params
	}
	return append(params, momenta...)
}

// sgdAttrs are the option sets that are tried.
var sgdAttrs = []struct {
	name string
	attr ops.SGDAttr
}{
	{"plain", ops.SGDAttr{}},
	{"decay", ops.SGDAttr{WeightDecay: 0.1}},
	{"momentum", ops.SGDAttr{Momentum: 0.9}},
	{"dampened", ops.SGDAttr{Momentum: 0.9, Dampening: 0.5}},
	{"nesterov", ops.SGDAttr{Momentum: 0.9, Nesterov: true}},
	{"all", ops.SGDAttr{Momentum: 0.8, Dampening: 0.25, WeightDecay: 0.01}},
	{"nesterov_decay", ops.SGDAttr{Momentum: 0.7, WeightDecay: 0.05, Nesterov: true}},
}

// stepShapes are parameter lists that optimizer steps are tried on: one, many
// of odd sizes, and one across workgroups beside tiny ones.
var stepShapes = map[string][][]int{
	"one":   {{13, 127}},
	"many":  {{13}, {127}, {1}, {}, {5, 7}, {257, 129}, {3, 3, 3}, {1000}, {2}, {64}},
	"large": {{70001}, {1}, {70000}},
}

// stepInputs are the inputs of an optimizer step.
func stepInputs(d ops.DType, lr, t float64, shapes [][]int, gens ...Gen) []Input {
	in := []Input{input(d, dense, constant(lr), 1), input(d, dense, constant(t))}
	for _, g := range gens {
		for _, s := range shapes {
			in = append(in, input(d, dense, g, s...))
		}
	}
	return in
}

func init() {
	for _, o := range sgdAttrs {
		gens := []Gen{normal(0, 1), normal(0, 1)}
		if o.attr.Momentum != 0 {
			gens = append(gens, normal(0, 1))
		}
		add := func(d ops.DType, list string, t float64) {
			a := o.attr
			a.N = len(stepShapes[list])
			Add(Case{
				Name: name("sgd", "shape", list, "dtype", d, "options", o.name, "t", t), Op: "sgd", Attr: a,
				In: stepInputs(d, 0.1, t, stepShapes[list], gens...), Ref: sgdRef, Class: Stepped, AnyZero: true,
			})
		}
		for _, t := range []float64{1, 2, 1000} {
			add(ops.F32, "one", t)
		}
		add(ops.F32, "many", 1)
		add(ops.F32, "many", 3)
		add(ops.F32, "large", 3)
		add(ops.F64, "many", 1)
		add(ops.F64, "one", 3)
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			addSteps("sgd", o.name, d, o.attr)
		}
	}
}

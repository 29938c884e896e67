package optest

import (
	"fmt"
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// adamStep is one step on one element, in float64: the parameter and both
// moments after it.
func adamStep(a ops.AdamAttr, lr, t, p, g, m, v float64) (float64, float64, float64) {
	if a.Decoupled {
		p -= lr * a.WeightDecay * p
	} else {
		g += a.WeightDecay * p
	}
	m = a.Beta1*m + (1-a.Beta1)*g
	v = a.Beta2*v + (1-a.Beta2)*g*g
	c1, c2 := 1-math.Pow(a.Beta1, t), 1-math.Pow(a.Beta2, t)
	return p - lr/c1*m/(math.Sqrt(v)/math.Sqrt(c2)+a.Eps), m, v
}

func adamRef(c *Case, in []Array, _ []ops.Spec) []Array {
	a := c.Attr.(ops.AdamAttr)
	lr, t, n := in[0].F[0], in[1].F[0], a.N
	out := make([]Array, 3*n)
	for k := range n {
		p, g, m, v := in[2+k].clone(), in[2+n+k], in[2+2*n+k].clone(), in[2+3*n+k].clone()
		p.Scale, m.Scale = make([]float64, p.Len()), make([]float64, p.Len())
		for i := range p.F {
			before, was := p.F[i], m.F[i]
			p.F[i], m.F[i], v.F[i] = adamStep(a, lr, t, p.F[i], g.F[i], m.F[i], v.F[i])
			p.Scale[i] = math.Abs(before) + math.Abs(p.F[i]-before)
			m.Scale[i] = math.Abs(was) + math.Abs(g.F[i]) + math.Abs(a.WeightDecay*before)
		}
		out[k], out[n+k], out[2*n+k] = p, m, v
	}
	return out
}

// adamAttrs are the option sets that are tried.
var adamAttrs = []struct {
	name string
	attr ops.AdamAttr
}{
	{"adam", ops.AdamAttr{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}},
	{"adam_decay", ops.AdamAttr{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 0.1}},
	{"adamw", ops.AdamAttr{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 0.01, Decoupled: true}},
	{"betas", ops.AdamAttr{Beta1: 0.5, Beta2: 0.95, Eps: 1e-3}},
	{"no_momentum", ops.AdamAttr{Beta1: 0, Beta2: 0.99, Eps: 1e-6}},
}

func init() {
	for _, o := range adamAttrs {
		add := func(d ops.DType, list string, lr, t float64) {
			a := o.attr
			a.N = len(stepShapes[list])
			Add(Case{
				Name: name("adam", "shape", list, "dtype", d, "options", o.name, "lr", lr, "t", t), Op: "adam", Attr: a,
				In:  stepInputs(d, lr, t, stepShapes[list], normal(0, 1), normal(0, 1), normal(0, 0.3), logUniform(1e-3, 1)),
				Ref: adamRef, Class: Stepped, AnyZero: true,
			})
		}
		for _, t := range []float64{1, 2, 10, 10000} {
			add(ops.F32, "one", 1e-3, t)
			add(ops.F32, "one", 0.1, t)
		}
		add(ops.F32, "many", 1e-3, 1)
		add(ops.F32, "many", 1e-3, 3)
		add(ops.F32, "large", 1e-3, 3)
		add(ops.F64, "many", 1e-3, 1)
		add(ops.F64, "one", 0.1, 3)
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			addSteps("adam", o.name, d, o.attr)
		}
	}
}

const manySteps = 25

// addSteps adds a case of many steps from zero state, with a new gradient and
// a changing rate each: what is carried over must be right, not only one step.
func addSteps(op ops.Op, options string, d ops.DType, attr any) {
	Add(Case{
		Name: name(op, "shape", "one", "dtype", d, "options", options, "steps", manySteps), Op: op, Attr: attr,
		In: []Input{input(d, dense, normal(0, 1), 13, 127)}, Class: Stepped,
		Do: func(t *Trial) error { return t.steps(d) },
	})
}

// steps runs the case's optimizer on one parameter and compares the end.
func (t *Trial) steps(d ops.DType) error {
	c, spec := t.Case, ops.NewSpec(d, 13, 127)
	lists := 1 // of state
	attr := c.Attr
	switch a := attr.(type) {
	case ops.SGDAttr:
		a.N = 1
		if attr = a; a.Momentum == 0 {
			lists = 0
		}
	case ops.AdamAttr:
		a.N = 1
		attr, lists = a, 2
	}
	start, err := c.In[0].build(c.Name, 0)
	if err != nil {
		return err
	}
	state := []Array{start.value.clone(), NewArray(spec), NewArray(spec)}
	return t.Scope(ops.Infer(), func(s *ops.Scope) error {
		own := []*ops.Tensor{t.Upload(state[0])}
		for range lists {
			own = append(own, t.Upload(NewArray(spec)))
		}
		for k := 1; k <= manySteps; k++ {
			lr := Round(d, 0.05/float64(k))
			in := Input{Spec: spec, Gen: normal(0, 1)}
			g, err := in.build(fmt.Sprint(c.Name, k), 1)
			if err != nil {
				return err
			}
			args := []*ops.Tensor{
				t.Upload(floats(ops.NewSpec(d), func(int) float64 { return lr })),
				t.Upload(floats(ops.NewSpec(d), func(int) float64 { return float64(k) })), own[0], t.Upload(g.value),
			}
			ops.ApplyConst(s, c.Op, attr, c.Const, append(args, own[1:]...)...)
			for i := range state[0].F {
				p, x := &state[0].F[i], g.value.F[i]
				switch a := attr.(type) {
				case ops.SGDAttr:
					*p, state[1].F[i] = sgdStep(a, lr, float64(k), *p, x, state[1].F[i])
				case ops.AdamAttr:
					*p, state[1].F[i], state[2].F[i] = adamStep(a, lr, float64(k), *p, x, state[1].F[i], state[2].F[i])
				}
			}
		}
		for i, x := range own {
			got, err := t.Read(x)
			if err != nil {
				return err
			}
			// Rounding errors of the steps add up; they are relative to the
			// numbers' usual size, 1.
			want := state[i].withScale(func(int) float64 { return 1 })
			if err := t.Compare(fmt.Sprintf("state %d after %d steps", i, manySteps), got, want, t.Tol(d).times(2)); err != nil {
				return err
			}
		}
		return nil
	})
}

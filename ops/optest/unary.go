package optest

import (
	"maps"
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// unaryOp is what a case table needs to know of one elementwise function.
type unaryOp struct {
	f      func(x float64, c [2]float64) float64
	class  Class
	values Gen          // of the ordinary cases
	smooth Gen          // away from kinks and poles, for finite differences
	consts [][2]float64 // nil: one set of zeros
	ints   bool
	bytes  bool // u8 too
	// anyZero: the sign of a zero is not specified, as that of max(−0, 0).
	anyZero bool
	// step: the gradient is piecewise constant, so it has none itself.
	step bool
	// scale is the magnitude that errors are relative to, nil: the result.
	scale func(x float64) float64
}

var unaryOps = join(plainUnaryOps, mathOps, activationOps, composedOps)

var plainUnaryOps = map[ops.Op]unaryOp{
	"neg":        {f: func(x float64, _ [2]float64) float64 { return -x }, class: Exact, values: normal(0, 3), smooth: normal(0, 3), ints: true, step: true},
	"abs":        {f: func(x float64, _ [2]float64) float64 { return math.Abs(x) }, class: Exact, values: normal(0, 3), smooth: awayFrom(normal(0, 3), 0.1, 0), ints: true, step: true},
	"square":     {f: func(x float64, _ [2]float64) float64 { return x * x }, class: Exact, values: normal(0, 3), smooth: normal(0, 3), ints: true},
	"exp":        {f: func(x float64, _ [2]float64) float64 { return math.Exp(x) }, class: Elementary, values: uniform(-85, 85), smooth: normal(0, 1)},
	"log":        {f: plain(logarithm), class: Elementary, values: logUniform(1e-30, 1e30), smooth: uniform(0.5, 4)},
	"sqrt":       {f: func(x float64, _ [2]float64) float64 { return math.Sqrt(x) }, class: Quotient, values: logUniform(1e-30, 1e30), smooth: uniform(0.5, 4)},
	"rsqrt":      {f: func(x float64, _ [2]float64) float64 { return 1 / math.Sqrt(x) }, class: Quotient, values: logUniform(1e-30, 1e30), smooth: uniform(0.5, 4)},
	"reciprocal": {f: func(x float64, _ [2]float64) float64 { return 1 / x }, class: Quotient, values: logUniform(1e-30, 1e30), smooth: awayFrom(normal(0, 3), 0.5, 0)},
	"tanh":       {f: func(x float64, _ [2]float64) float64 { return math.Tanh(x) }, class: Elementary, values: normal(0, 3), smooth: normal(0, 1)},
	"sigmoid":    {f: func(x float64, _ [2]float64) float64 { return sigmoid(x) }, class: Elementary, values: normal(0, 20), smooth: normal(0, 2)},
	"relu":       {f: func(x float64, _ [2]float64) float64 { return relu(x) }, class: Exact, values: normal(0, 3), smooth: awayFrom(normal(0, 3), 0.1, 0), anyZero: true, step: true},
	"leaky_relu": {f: leakyReLU, class: Exact, anyZero: true, step: true, values: normal(0, 3), smooth: awayFrom(normal(0, 3), 0.1, 0), consts: [][2]float64{{0.01}, {0.25}, {0}, {-0.5}}},
	// Half of 1 + erf(x/√2) loses its leading digits below −1, as it does in
	// other libraries: errors are relative to x.
	"gelu": {f: func(x float64, _ [2]float64) float64 { return gelu(x) }, class: Elementary, values: normal(0, 3), smooth: normal(0, 2),
		scale: func(x float64) float64 { return math.Abs(x) / 2 }},
	"silu":     {f: func(x float64, _ [2]float64) float64 { return x / (1 + math.Exp(-x)) }, class: Elementary, values: normal(0, 10), smooth: normal(0, 2)},
	"softplus": {f: softplus, class: Elementary, values: normal(0, 10), smooth: awayFrom(normal(0, 2), 0.1, 2.5), consts: [][2]float64{{1, 20}, {2, 5}, {0.5, 30}}},
}

// join merges tables.
func join(tables ...map[ops.Op]unaryOp) map[ops.Op]unaryOp {
	out := map[ops.Op]unaryOp{}
	for _, t := range tables {
		maps.Copy(out, t)
	}
	return out
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func relu(x float64) float64 {
	if x < 0 {
		return 0
	}
	return x
}

func leakyReLU(x float64, c [2]float64) float64 {
	if x > 0 {
		return x
	}
	return c[0] * x
}

// gelu is x·Φ(x), with Φ by erfc so that the reference keeps its digits.
func gelu(x float64) float64 { return x * normalCDF(x) }

func normalCDF(x float64) float64     { return 0.5 * math.Erfc(-x/math.Sqrt2) }
func normalDensity(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

func softplus(x float64, c [2]float64) float64 {
	if c[0]*x > c[1] {
		return x
	}
	return math.Log1p(math.Exp(c[0]*x)) / c[0]
}

// unaryRef applies f to each element.
func unaryRef(u unaryOp) Ref {
	return func(c *Case, in []Array, out []ops.Spec) []Array {
		x, y := in[0], NewArray(out[0])
		k := [2]float64{c.constant(0, x.DType), c.constant(1, x.DType)}
		for i := range y.F {
			y.F[i] = u.f(x.F[i], k)
		}
		for i := range y.I {
			y.I[i] = wrap(x.DType, integerUnary(c, x.DType, x.I[i]))
		}
		if u.scale != nil {
			y = y.withScale(func(i int) float64 {
				if s := u.scale(x.F[i]); finite(s) {
					return s
				}
				return 0
			})
		}
		return []Array{y}
	}
}

// integerUnary wraps as two's complement does: |−2³¹| is −2³¹ in i32.
func integerUnary(c *Case, d ops.DType, x int64) int64 {
	switch c.Op {
	case "neg":
		return -x
	case "square":
		return x * x
	case "sign":
		return truth(x > 0) - truth(x < 0)
	case "clamp":
		return min(max(x, c.whole(0, d)), c.whole(1, d))
	}
	if x < 0 {
		return -x
	}
	return x
}

func init() {
	for op, u := range unaryOps {
		addUnary(op, u)
	}
	Add(Case{
		Name: name("relu", "shape", dims(largeShape), "view", "dense", "dtype", ops.F32), Op: "relu", Large: true,
		In: []Input{input(ops.F32, dense, cycle(-1, 2, -3, 4, 5), largeShape...)}, Ref: unaryRef(unaryOps["relu"]),
	})
}

func addUnary(op ops.Op, u unaryOp) {
	consts := u.consts
	if consts == nil {
		consts = [][2]float64{{}}
	}
	add := func(d ops.DType, l Layout, g Gen, c [2]float64, grad GradMode, extra []any, shape ...int) {
		pairs := append([]any{"shape", dims(shape), "view", l.Name, "dtype", d}, extra...)
		if u.consts != nil {
			pairs = append(pairs, "c0", c[0])
		}
		Add(Case{
			Name: name(op, pairs...), Op: op, Const: c, In: []Input{input(d, l, g, shape...)},
			Ref: unaryRef(u), Class: u.class, Grad: grad, Flush: true,
			AnyZero: u.anyZero,
		})
	}
	c0 := consts[0]
	for _, shape := range sizes {
		add(ops.F32, dense, u.values, c0, NoGrad, nil, shape...)
	}
	for _, l := range views {
		add(ops.F32, l, u.values, c0, NoGrad, nil, viewShape...)
	}
	add(ops.F32, reversed, u.values, c0, NoGrad, nil, deepShape...)
	add(ops.F32, stepped, u.values, c0, NoGrad, nil, 70000)
	for _, shape := range fewSizes {
		add(ops.F64, dense, u.values, c0, NoGrad, nil, shape...)
	}
	add(ops.F64, transposed, u.values, c0, NoGrad, nil, viewShape...)
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		sp := specials(d)
		add(d, dense, cycle(sp...), c0, NoGrad, []any{"values", "special"}, len(sp))
		for i, c := range consts {
			mode := GradFD
			if i == 0 {
				mode = u.secondMode()
			}
			add(d, dense, u.smooth, c, mode, []any{"values", "smooth"}, 37)
		}
		add(d, transposed, u.smooth, c0, GradFD, []any{"values", "smooth"}, 5, 7)
	}
	add(ops.F32, broadcastFirst, u.smooth, c0, GradFD, []any{"values", "smooth"}, 5, 7)
	add(ops.F32, dense, u.smooth, c0, GradDevice, []any{"values", "smooth"}, 257, 129)
	if u.ints {
		addUnaryInts(op, u)
	}
}

// secondMode leaves out the gradient of a gradient where the gradient is
// piecewise constant.
func (u unaryOp) secondMode() GradMode {
	if u.step {
		return GradFD
	}
	return GradSecond
}

func addUnaryInts(op ops.Op, u unaryOp) {
	types := []ops.DType{ops.I32, ops.I64}
	if u.bytes {
		types = append(types, ops.U8)
	}
	var c [2]float64
	if u.consts != nil {
		c = u.consts[0]
	}
	for _, d := range types {
		edges := integerEdges(d)
		values := integers(-40000, 40000)
		if d == ops.U8 {
			values = integers(0, 255)
		}
		Add(Case{
			Name: name(op, "shape", len(edges), "view", "dense", "dtype", d, "values", "special"), Op: op, Const: c,
			In: []Input{{Spec: ops.NewSpec(d, len(edges)), Ints: edges}}, Ref: unaryRef(u),
		})
		for _, l := range []Layout{dense, steppedTransposed} {
			Add(Case{
				Name: name(op, "shape", dims(viewShape), "view", l.Name, "dtype", d), Op: op, Const: c,
				In: []Input{input(d, l, values, viewShape...)}, Ref: unaryRef(u),
			})
		}
	}
}

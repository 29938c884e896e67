package optest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tuff-ml/tuff/ops"
)

// awayFromZero are factors among which every so many there is a zero.
func awayFromZero(every int) Gen {
	return func(r *rand.Rand, i int) float64 {
		x := factors(r, i)
		if r.IntN(127*every) == 0 {
			return 0
		}
		return x
	}
}

// prodOf: each multiplication rounds once; at random they add up as √n.
func prodOf(x []float64, _ ops.ReduceAttr) (y, scale float64) {
	y = 1
	for _, v := range x {
		y *= v
	}
	return y, math.Abs(y) * (1 + math.Sqrt(float64(len(x)))/4)
}

func stdOf(x []float64, a ops.ReduceAttr) (y, scale float64) {
	v, _ := varOf(x, a)
	return math.Sqrt(v), 0
}

func countOf(x []float64, _ ops.ReduceAttr) (y, scale float64) {
	for _, v := range x {
		if v != 0 {
			y++
		}
	}
	return y, 0
}

// otherReductions have references of their own.
var otherReductions = map[ops.Op]Ref{
	"norm": normRef, "any": boolRef, "all": boolRef, "max_with_index": withIndexRef, "min_with_index": withIndexRef,
}

// normRef: the sum's errors are relative to itself, since no term is negative;
// powers err by p·ln x, and roots take the p-th part.
func normRef(c *Case, in []Array, out []ops.Spec) []Array {
	a, x, y := c.Attr.(ops.ReduceAttr), in[0], NewArray(out[0])
	p := c.constant(0, x.DType)
	y.Scale = make([]float64, y.Len())
	for o, list := range fold(x, a) {
		var sum compensated
		extreme := nan
		for j, i := range list {
			v := math.Abs(x.F[i])
			switch a.Norm {
			case ops.NormOne:
				sum.add(v)
			case ops.NormTwo:
				sum.add(v * v)
			case ops.NormCount:
				sum.add(step(v != 0))
			case ops.NormPower:
				sum.add(math.Pow(v, p))
			case ops.NormMax, ops.NormMin:
				if less := v < extreme; j == 0 || math.IsNaN(v) || !math.IsNaN(extreme) && v != extreme && less == (a.Norm == ops.NormMin) {
					extreme = v
				}
			}
		}
		switch a.Norm {
		case ops.NormOne, ops.NormCount:
			y.F[o] = sum.value()
		case ops.NormTwo:
			y.F[o] = math.Sqrt(sum.value())
		case ops.NormPower:
			if y.F[o] = math.Pow(sum.value(), 1/p); len(list) == 0 {
				y.F[o] = 0
			}
			// 1/p is rounded, and the sum's logarithm multiplies that.
			y.Scale[o] = math.Abs(y.F[o]) * (2 + math.Abs(math.Log(math.Max(sum.value(), 1e-30))/p))
		default:
			y.F[o] = extreme
		}
		if !finite(y.Scale[o]) {
			y.Scale[o] = 0
		}
	}
	return []Array{y}
}

func boolRef(c *Case, in []Array, out []ops.Spec) []Array {
	y := NewArray(out[0])
	for o, list := range fold(in[0], c.Attr.(ops.ReduceAttr)) {
		hold := 0
		for _, i := range list {
			if in[0].I[i] != 0 {
				hold++
			}
		}
		if c.Op == "any" && hold > 0 || c.Op == "all" && hold == len(list) {
			y.I[o] = 1
		}
	}
	return []Array{y}
}

// withIndexRef is the reduction's reference for the index, and the element there.
func withIndexRef(c *Case, in []Array, out []ops.Spec) []Array {
	arg := *c
	arg.Op = map[ops.Op]ops.Op{"max_with_index": "argmax", "min_with_index": "argmin"}[c.Op]
	at := reduceRef(&arg, in, out[1:])[0]
	y := NewArray(out[0])
	for o, list := range fold(in[0], c.Attr.(ops.ReduceAttr)) {
		y.copyFrom(o, &in[0], list[at.I[o]])
	}
	return []Array{y, at}
}

// norms are the orders that cases use: all kinds, and powers on each side of 1
// and 2 and below 0.
var norms = []struct {
	kind ops.NormKind
	p    float64
	name string
}{
	{ops.NormOne, 1, "1"}, {ops.NormTwo, 2, "2"}, {ops.NormMax, inf, "inf"}, {ops.NormMin, -inf, "-inf"}, {ops.NormCount, 0, "0"},
	{ops.NormPower, 3, "3"}, {ops.NormPower, 2.5, "2.5"}, {ops.NormPower, 1.1, "1.1"}, {ops.NormPower, 1.5, "1.5"}, {ops.NormPower, 0.5, "0.5"}, {ops.NormPower, -1, "-1"},
}

func init() {
	for _, n := range norms {
		add := func(d ops.DType, l Layout, g Gen, k reduceCase, keep bool, grad GradMode, label string) {
			a := ops.ReduceAttr{Dims: k.dims, Keep: keep, Norm: n.kind}
			in := ops.NewSpec(d, k.shape...)
			if out := a.Fold(in); in.Len() == 0 && out.Len() > 0 && (math.IsInf(n.p, 0) || n.p < 0) {
				return // an error: see addEmptyNorm
			}
			pairs := []any{"shape", dims(k.shape), "view", l.Name, "dtype", d, "dims", k.dims, "options", "p" + n.name}
			if label != "" {
				pairs = append(pairs, "values", label)
			}
			if grad != NoGrad {
				pairs = append(pairs, "grad", 1)
			}
			Add(Case{
				Name: name("norm", pairs...), Op: "norm", Attr: a, Const: [2]float64{n.p}, In: []Input{input(d, l, g, k.shape...)},
				Ref: normRef, Class: Summed, AnyZero: true, Grad: grad, Flush: true,
			})
		}
		common := n.kind == ops.NormTwo || n.p == 3
		for i, k := range reduceCases {
			if common || i%4 == int(n.kind)%4 {
				add(ops.F32, dense, awayFrom(normal(0, 1), 0.05, 0), k, i%3 == 1, NoGrad, "")
			}
		}
		for i, l := range views {
			if !common && i%3 != int(n.kind)%3 {
				continue
			}
			add(ops.F32, l, normal(0, 1), reduceCase{[]int{13, 127}, 2}, false, NoGrad, "view")
			add(ops.F32, l, normal(0, 1), reduceCase{[]int{13, 127}, 1}, false, NoGrad, "view")
		}
		add(ops.F64, dense, awayFrom(normal(0, 1), 0.05, 0), reduceCase{[]int{13, 127}, 2}, false, NoGrad, "")
		add(ops.F64, transposed, awayFrom(normal(0, 1), 0.05, 0), reduceCase{[]int{13, 127}, 3}, true, NoGrad, "")
		add(ops.F32, dense, cycle(1, nan, 3, inf, 1, 2, 0, 0, 0, -inf, 0, 5, -4, 3, 0), reduceCase{[]int{5, 3}, 2}, false, NoGrad, "special")
		add(ops.F32, dense, constant(0), reduceCase{[]int{4, 300}, 2}, false, NoGrad, "zero")
		if n.kind == ops.NormCount {
			continue // its gradient is zero everywhere, which differences across 0 are not
		}
		mode := GradFD
		if n.kind == ops.NormTwo || n.kind == ops.NormPower {
			mode = GradSecond
		}
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			g := awayFrom(uniform(-2, 2), 0.3, 0)
			if n.kind == ops.NormMax || n.kind == ops.NormMin {
				g = func(_ *rand.Rand, i int) float64 { return float64(1-2*(i%2)) * (0.5 + 0.05*float64(i*7%101)) } // no ties
			}
			add(d, dense, g, reduceCase{[]int{5, 7}, 2}, false, mode, "")
			add(d, dense, g, reduceCase{[]int{3, 2, 4}, 5}, true, GradFD, "")
			add(d, transposed, g, reduceCase{[]int{5, 7}, 1}, false, GradFD, "")
		}
		add(ops.F32, dense, awayFrom(normal(0, 1), 0.05, 0), reduceCase{[]int{257, 129}, 2}, false, GradDevice, "")
	}
	normAtZero()
	addEmptyNorm()
	stdAtZero()
	addBools()
	addWithIndex()
}

// normAtZero: a row of zeros gets no gradient, nor does a zero in another row.
func normAtZero() {
	for _, n := range norms {
		if n.kind == ops.NormCount || n.p < 0 {
			continue
		}
		Add(Case{
			Name: name("norm", "shape", "2x4", "view", "dense", "dtype", ops.F64, "dims", 2, "options", "p"+n.name, "values", "zeros", "grad", 1), Op: "norm",
			Attr: ops.ReduceAttr{Dims: 2, Norm: n.kind}, Const: [2]float64{n.p}, Class: Summed,
			In: []Input{input(ops.F64, dense, cycle(0, 0, 0, 0, 3, 0, -1, 0), 2, 4)}, Ref: normRef,
			RefGrad: func(c *Case, in, w []Array) []Array {
				y := normRef(c, in, []ops.Spec{ops.NewSpec(ops.F64, 2)})[0]
				return []Array{floats(in[0].Spec, func(i int) float64 {
					x, t := in[0].F[i], y.F[i/4]
					switch {
					case x == 0:
						return 0
					case n.kind == ops.NormMax:
						return step(math.Abs(x) == t) * math.Copysign(1, x) * w[0].F[i/4]
					}
					return math.Copysign(math.Pow(math.Abs(x)/t, n.p-1), x) * w[0].F[i/4]
				})}
			},
		})
	}
}

// stdAtZero: equal elements get no gradient.
func stdAtZero() {
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		Add(Case{
			Name: name("std", "shape", "2x3", "view", "dense", "dtype", d, "dims", 2, "values", "equal", "grad", 1), Op: "std",
			Attr: ops.ReduceAttr{Dims: 2, Correction: 1}, In: []Input{input(d, dense, constant(2.5), 2, 3)}, Ref: reduceRef,
			RefGrad: func(_ *Case, in, _ []Array) []Array { return []Array{NewArray(in[0].Spec)} },
		})
	}
}

// refuses is a check that a call of the case's op is an *ops.Error.
func refuses(d ops.DType, shape ...int) func(t *Trial) error {
	return func(t *Trial) error {
		err := t.Scope(ops.Infer(), func(s *ops.Scope) error {
			ops.ApplyConst(s, t.Case.Op, t.Case.Attr, t.Case.Const, ops.Zeros(s, d, shape...))
			return nil
		})
		var misuse *ops.Error
		if !errors.As(err, &misuse) {
			return fmt.Errorf("wanted an *ops.Error, got %v", err)
		}
		return nil
	}
}

// addEmptyNorm: nothing has no largest element.
func addEmptyNorm() {
	for _, kind := range []ops.NormKind{ops.NormMax, ops.NormMin} {
		Add(Case{
			Name: name("norm", "shape", "0x5", "dtype", ops.F32, "dims", 1, "options", kind), Op: "norm", Attr: ops.ReduceAttr{Dims: 1, Norm: kind},
			In: []Input{input(ops.F32, dense, constant(0), 0, 5)}, Do: refuses(ops.F32, 0, 5),
		})
	}
}

func addBools() {
	for _, op := range []ops.Op{"any", "all"} {
		rare := func(r *rand.Rand, _ int) float64 { // about half of the rows of 127 get one
			return step((r.IntN(180) == 0) == (op == "any"))
		}
		add := func(l Layout, g Gen, k reduceCase, keep bool, label string) {
			pairs := []any{"shape", dims(k.shape), "view", l.Name, "dtype", ops.Bool, "dims", k.dims}
			if label != "" {
				pairs = append(pairs, "values", label)
			}
			Add(Case{Name: name(op, pairs...), Op: op, Attr: ops.ReduceAttr{Dims: k.dims, Keep: keep}, In: []Input{input(ops.Bool, l, g, k.shape...)}, Ref: boolRef})
		}
		for i, k := range reduceCases {
			add(dense, rare, k, i%3 == 1, "")
		}
		for _, l := range views {
			add(l, rare, reduceCase{[]int{13, 127}, 1}, false, "view")
			add(l, rare, reduceCase{[]int{13, 127}, 2}, false, "view")
		}
		for _, v := range []float64{0, 1} {
			add(dense, constant(v), reduceCase{[]int{70000}, 1}, false, fmt.Sprint(v))
			add(dense, cycle(append(make([]float64, 4096), 1)...), reduceCase{[]int{4097}, 1}, v == 1, fmt.Sprint("last", v))
		}
	}
	for _, l := range []Layout{dense, stepped} {
		Add(Case{
			Name: name("count_nonzero", "shape", "13x127", "view", l.Name, "dtype", ops.Bool, "dims", 2), Op: "count_nonzero",
			Attr: ops.ReduceAttr{Dims: 2}, In: []Input{input(ops.Bool, l, integers(0, 1), 13, 127)}, Ref: reduceRef,
		})
	}
}

func addWithIndex() {
	for _, op := range []ops.Op{"max_with_index", "min_with_index"} {
		add := func(d ops.DType, l Layout, g Gen, k reduceCase, keep bool, grad GradMode, label string) {
			pairs := []any{"shape", dims(k.shape), "view", l.Name, "dtype", d, "dims", k.dims}
			if label != "" {
				pairs = append(pairs, "values", label)
			}
			if grad != NoGrad {
				pairs = append(pairs, "grad", 1)
			}
			Add(Case{
				Name: name(op, pairs...), Op: op, Attr: ops.ReduceAttr{Dims: k.dims, Keep: keep},
				In: []Input{input(d, l, g, k.shape...)}, Ref: withIndexRef, Grad: grad,
			})
		}
		for i, k := range reduceCases {
			if s := (ops.ReduceAttr{Dims: k.dims}); single(k.dims) && ops.NewSpec(ops.F32, k.shape...) != (ops.Spec{}) {
				in := ops.NewSpec(ops.F32, k.shape...)
				if out := s.Fold(in); in.Len() > 0 || out.Len() == 0 {
					add(ops.F32, dense, integers(-20, 20), k, i%3 == 1, NoGrad, "")
				}
			}
		}
		for _, l := range []Layout{transposed, stepped, broadcastLast} {
			add(ops.F32, l, integers(-20, 20), reduceCase{[]int{13, 127}, 1}, false, NoGrad, "view")
			add(ops.F32, l, integers(-20, 20), reduceCase{[]int{13, 127}, 2}, false, NoGrad, "view")
		}
		for _, d := range []ops.DType{ops.I32, ops.I64} {
			add(d, dense, integers(-1000000, 1000000), reduceCase{[]int{13, 127}, 2}, false, NoGrad, "")
		}
		add(ops.F32, dense, cycle(1, nan, 3, 2, nan, inf, 7, 7, 7, -inf, -inf, 0), reduceCase{[]int{4, 3}, 2}, true, NoGrad, "special")
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			add(d, dense, spread(0.05), reduceCase{[]int{5, 7}, 2}, false, GradFD, "")
			add(d, transposed, spread(0.05), reduceCase{[]int{5, 7}, 1}, true, GradFD, "")
			add(d, dense, spread(0.05), reduceCase{[]int{3, 2, 4}, 2}, false, GradFD, "")
		}
		Add(Case{ // equal elements: all of the gradient goes to the first
			Name: name(op, "shape", "2x3", "view", "dense", "dtype", ops.F32, "dims", 2, "values", "ties", "grad", 1), Op: op,
			Attr: ops.ReduceAttr{Dims: 2}, In: []Input{input(ops.F32, dense, constant(4), 2, 3)}, Ref: withIndexRef,
			RefGrad: func(_ *Case, in, w []Array) []Array {
				return []Array{floats(in[0].Spec, func(i int) float64 { return step(i%3 == 0) * w[0].F[i/3] })}
			},
		})
		Add(Case{
			Name: name(op, "shape", "0x5", "dtype", ops.F32, "dims", 1), Op: op, Attr: ops.ReduceAttr{Dims: 1},
			In: []Input{input(ops.F32, dense, constant(0), 0, 5)}, Do: refuses(ops.F32, 0, 5),
		})
	}
}

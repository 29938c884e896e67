package optest

import (
	"errors"
	"fmt"
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// fold lists, for each element of the result, the numbers that are folded into
// it, in row-major order of the input.
func fold(x Array, a ops.ReduceAttr) (lists [][]int) {
	kept := a
	kept.Keep = true
	s := kept.Fold(x.Spec)
	lists = make([][]int, s.Len())
	dst := make([]int, x.Rank)
	walk(x.Spec, func(i int, at []int) {
		for k, p := range at {
			dst[k] = p
			if a.Dims>>k&1 == 1 {
				dst[k] = 0
			}
		}
		o := flat(s, dst)
		lists[o] = append(lists[o], i)
	})
	return lists
}

// folded is a reduction of a list of numbers, with the magnitude that its
// rounding errors are relative to.
type folded func(x []float64, a ops.ReduceAttr) (y, scale float64)

var reductions = map[ops.Op]struct {
	f      folded
	class  Class
	values Gen
	ints   bool
	second bool
}{
	"sum":       {f: sumOf, class: Summed, values: normal(0, 1), ints: true},
	"mean":      {f: meanOf, class: Summed, values: normal(0.5, 1)},
	"max":       {f: maxOf, class: Exact, values: spread(0.05), ints: true},
	"var":       {f: varOf, class: Summed, values: normal(1, 2), second: true},
	"logsumexp": {f: logSumExpOf, class: Summed, values: normal(0, 3), second: true},
	"argmax":    {f: argMaxOf, class: Exact, values: integers(-20, 20), ints: true}, // ties are common
	"min":       {f: negated(maxOf), class: Exact, values: spread(0.05), ints: true},
	"argmin":    {f: func(x []float64, a ops.ReduceAttr) (y, scale float64) { return argMaxOf(opposite(x), a) }, class: Exact, values: integers(-20, 20), ints: true},
	"prod":      {f: prodOf, class: Summed, values: factors, ints: true, second: true},
	"std":       {f: stdOf, class: Summed, values: normal(1, 2), second: true},

	"count_nonzero": {f: countOf, class: Exact, values: integers(-1, 1), ints: true},
}

// indexing says whether a reduction gives an index along one dimension.
func indexing(op ops.Op) bool { return op == "argmax" || op == "argmin" }

// refusesEmpty says whether nothing has no such reduction.
func refusesEmpty(op ops.Op) bool { return indexing(op) || op == "max" || op == "min" }

func opposite(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = -v
	}
	return out
}

func negated(f folded) folded {
	return func(x []float64, a ops.ReduceAttr) (y, scale float64) {
		y, scale = f(opposite(x), a)
		return -y, scale
	}
}

func sumOf(x []float64, _ ops.ReduceAttr) (y, scale float64) {
	var s compensated
	for _, v := range x {
		s.add(v)
		scale += math.Abs(v)
	}
	return s.value(), scale
}

func meanOf(x []float64, a ops.ReduceAttr) (y, scale float64) {
	y, scale = sumOf(x, a)
	n := float64(len(x))
	return y / n, scale / n
}

func maxOf(x []float64, _ ops.ReduceAttr) (y, scale float64) {
	y = x[0]
	for _, v := range x {
		y = maximum(y, v)
	}
	return y, 0
}

func varOf(x []float64, a ops.ReduceAttr) (y, scale float64) {
	m, _ := meanOf(x, a)
	var s compensated
	for _, v := range x {
		s.add((v - m) * (v - m))
	}
	// The mean's own rounding enters squared: ε²·mean².
	return s.value() / math.Max(0, float64(len(x)-a.Correction)), 0x1p-24 * m * m
}

// logSumExpOf: the sum's relative error becomes absolute under the logarithm.
func logSumExpOf(x []float64, _ ops.ReduceAttr) (y, scale float64) {
	m := math.Inf(-1)
	for _, v := range x {
		m = maximum(m, v)
	}
	if math.IsInf(m, 0) || math.IsNaN(m) {
		return m, 0
	}
	s := 0.0
	for _, v := range x {
		s += math.Exp(v - m)
	}
	return m + math.Log(s), math.Max(1, math.Abs(m))
}

func argMaxOf(x []float64, _ ops.ReduceAttr) (y, scale float64) {
	best := 0
	for i, v := range x {
		if !math.IsNaN(x[best]) && (math.IsNaN(v) || v > x[best]) {
			best = i
		}
	}
	return float64(best), 0
}

// integerFold is the same for integers, which wrap.
func integerFold(op ops.Op, x []int64) int64 {
	sum, product, count, best := int64(0), int64(1), int64(0), 0
	for i, v := range x {
		sum += v
		product *= v
		if v != 0 {
			count++
		}
		switch least := op == "min" || op == "argmin"; {
		case least && v < x[best], !least && v > x[best]:
			best = i
		}
	}
	switch op {
	case "sum":
		return sum
	case "prod":
		return product
	case "count_nonzero":
		return count
	case "argmax", "argmin":
		return int64(best)
	}
	return x[best]
}

func reduceRef(c *Case, in []Array, out []ops.Spec) []Array {
	a, x, y := c.Attr.(ops.ReduceAttr), in[0], NewArray(out[0])
	scale := make([]float64, y.Len())
	empty := map[ops.Op]float64{"sum": 0, "mean": nan, "var": nan, "std": nan, "logsumexp": -inf, "prod": 1}
	for o, list := range fold(x, a) {
		if x.F == nil {
			ints := make([]int64, len(list))
			for j, i := range list {
				ints[j] = x.I[i]
			}
			y.I[o] = wrap(y.DType, integerFold(c.Op, ints))
			continue
		}
		v := empty[c.Op]
		if len(list) > 0 {
			numbers := make([]float64, len(list))
			for j, i := range list {
				numbers[j] = x.F[i]
			}
			v, scale[o] = reductions[c.Op].f(numbers, a)
			if !finite(scale[o]) {
				scale[o] = 0
			}
		}
		if y.F != nil {
			y.F[o] = v
		} else {
			y.I[o] = int64(v)
		}
	}
	if y.F != nil {
		y.Scale = scale
	}
	return []Array{y}
}

// reduceCase is a shape and the dimensions to fold, as bits.
type reduceCase struct {
	shape []int
	dims  uint8
}

var reduceCases = []reduceCase{
	{nil, 0}, {[]int{1}, 1}, {[]int{13}, 1}, {[]int{127}, 1}, {[]int{1000}, 1}, {[]int{70000}, 1}, {[]int{1<<20 + 3}, 1},
	{[]int{13, 127}, 1}, {[]int{13, 127}, 2}, {[]int{13, 127}, 3}, {[]int{5, 7}, 0},
	{[]int{257, 129}, 1}, {[]int{257, 129}, 2}, {[]int{257, 129}, 3}, {[]int{70000, 3}, 1}, {[]int{3, 70001}, 2}, {[]int{1000, 3}, 2},
	{[]int{3, 5, 7}, 5}, {[]int{3, 5, 7}, 2}, {[]int{33, 65, 17}, 2}, {[]int{33, 65, 17}, 5}, {[]int{2, 3, 4, 5}, 10}, {[]int{1, 5, 1}, 5},
	{deepShape, 0xAA}, {deepShape, 0x55}, {deepShape, 0xFF}, {[]int{4096, 8}, 1}, {[]int{8, 4096}, 2},
	{[]int{0, 5}, 1}, {[]int{5, 0}, 1}, {[]int{0}, 1},
}

func single(dims uint8) bool { return dims != 0 && dims&(dims-1) == 0 }

func init() {
	for op, r := range reductions {
		add := func(d ops.DType, l Layout, g Gen, k reduceCase, a ops.ReduceAttr, grad GradMode, label string) {
			if indexing(op) && !single(k.dims) {
				return
			}
			a.Dims = k.dims
			in, out := ops.NewSpec(d, k.shape...), a.Fold(ops.NewSpec(d, k.shape...))
			if refusesEmpty(op) && in.Len() == 0 && out.Len() > 0 {
				return // an error: see addEmptyMax
			}
			pairs := []any{"shape", dims(k.shape), "view", l.Name, "dtype", d, "dims", k.dims}
			if a.Keep {
				pairs = append(pairs, "keep", 1)
			}
			if op == "var" || op == "std" {
				pairs = append(pairs, "correction", a.Correction)
			}
			if label != "" {
				pairs = append(pairs, "values", label)
			}
			if grad != NoGrad {
				pairs = append(pairs, "grad", 1)
			}
			c := Case{
				Name: name(op, pairs...), Op: op, Attr: a, In: []Input{input(d, l, g, k.shape...)}, Ref: reduceRef,
				Class: r.class, AnyZero: true, Grad: grad, Flush: r.class != Exact,
			}
			if op == "prod" && label == "view" {
				c.Widen = 2 // factors that a broadcast repeats round alike, so their errors do not cancel
			}
			Add(c)
		}
		for i, k := range reduceCases {
			add(ops.F32, dense, r.values, k, ops.ReduceAttr{Correction: 1 - i%2, Keep: i%3 == 1}, NoGrad, "")
		}
		matrix := []reduceCase{{[]int{13, 127}, 1}, {[]int{13, 127}, 2}, {[]int{13, 127}, 3}}
		for _, l := range views {
			for _, k := range matrix {
				add(ops.F32, l, r.values, k, ops.ReduceAttr{Correction: 1}, NoGrad, "view")
			}
		}
		for _, k := range append(matrix, reduceCase{[]int{70000}, 1}) {
			add(ops.F64, dense, r.values, k, ops.ReduceAttr{}, NoGrad, "")
		}
		add(ops.F64, transposed, r.values, matrix[0], ops.ReduceAttr{Keep: true}, NoGrad, "")
		add(ops.F32, reversed, r.values, reduceCase{deepShape, 0x3C}, ops.ReduceAttr{}, NoGrad, "")
		add(ops.F32, reversed, r.values, reduceCase{deepShape, 1 << 3}, ops.ReduceAttr{}, NoGrad, "")
		addReduceSpecials(op, add)
		if r.ints {
			addReduceIntegers(op)
		}
		if ops.Lookup(op).VJP == nil {
			continue
		}
		mode := GradFD
		if r.second {
			mode = GradSecond
		}
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			for _, k := range []reduceCase{{[]int{23}, 1}, {[]int{5, 7}, 1}, {[]int{5, 7}, 2}, {[]int{5, 7}, 3}, {[]int{3, 2, 4}, 5}} {
				add(d, dense, r.values, k, ops.ReduceAttr{Correction: 1}, mode, "")
				mode = GradFD
			}
			add(d, dense, r.values, reduceCase{[]int{3, 2, 4}, 2}, ops.ReduceAttr{Keep: true}, GradFD, "")
			add(d, transposed, r.values, reduceCase{[]int{5, 7}, 2}, ops.ReduceAttr{Correction: 1}, GradFD, "")
		}
		g := r.values
		if op == "max" || op == "min" {
			g = normal(0, 1) // no ties by chance
		}
		if op == "prod" {
			g = cycle(1, -1, 1.25, 0.8) // the product of all but one is of the size of any
		}
		add(ops.F32, dense, g, reduceCase{[]int{257, 129}, 1}, ops.ReduceAttr{}, GradDevice, "")
		add(ops.F32, dense, g, reduceCase{[]int{257, 129}, 2}, ops.ReduceAttr{}, GradDevice, "")
	}
	for _, op := range []ops.Op{"sum", "max", "count_nonzero"} {
		Add(Case{
			Name: name(op, "shape", dims(largeShape), "view", "dense", "dtype", ops.F32), Op: op, Attr: ops.ReduceAttr{Dims: 1}, Large: true,
			In: []Input{input(ops.F32, dense, cycle(1, -2, 3.5, 4, -5), largeShape...)}, Ref: reduceRef, Class: reductions[op].class,
		})
	}
	maxTies()
	addEmptyMax()
}

// addEmptyMax: nothing has no largest element.
func addEmptyMax() {
	for _, op := range []ops.Op{"max", "argmax", "min", "argmin"} {
		Add(Case{
			Name: name(op, "shape", "0x5", "dtype", ops.F32, "dims", 1), Op: op, Attr: ops.ReduceAttr{Dims: 1},
			In: []Input{input(ops.F32, dense, constant(0), 0, 5)},
			Do: func(t *Trial) error {
				err := t.Scope(ops.Infer(), func(s *ops.Scope) error {
					ops.ApplyConst(s, t.Case.Op, t.Case.Attr, [2]float64{}, ops.Zeros(s, ops.F32, 0, 5))
					return nil
				})
				var misuse *ops.Error
				if !errors.As(err, &misuse) {
					return fmt.Errorf("wanted an *ops.Error, got %v", err)
				}
				return nil
			},
		})
	}
}

type addReduce func(d ops.DType, l Layout, g Gen, k reduceCase, a ops.ReduceAttr, grad GradMode, label string)

func addReduceSpecials(op ops.Op, add addReduce) {
	rowsOf := func(values ...float64) Gen { return cycle(values...) }
	k := reduceCase{[]int{6, 5}, 2}
	// Rows of five: with a NaN, with infinities of one sign and of both, of
	// −inf alone, of ties, and of large numbers.
	add(ops.F32, dense, rowsOf(
		1, nan, 3, 2, 1, inf, 1, 2, 3, 4, inf, -inf, 1, 2, 3, -inf, -inf, -inf, -inf, -inf, 7, 7, -1, 7, 7, 80, 88, 85, -90, 100),
		k, ops.ReduceAttr{}, NoGrad, "special")
	add(ops.F32, dense, rowsOf(nan, 1, nan, 2, 3), reduceCase{[]int{40}, 1}, ops.ReduceAttr{}, NoGrad, "nans")
	add(ops.F32, dense, constant(-3), reduceCase{[]int{1000}, 1}, ops.ReduceAttr{Correction: 1}, NoGrad, "equal")
	switch op {
	case "var", "std": // E[x²] − E[x]² would be off in the first digits
		add(ops.F32, dense, normal(1000, 1), reduceCase{[]int{10000}, 1}, ops.ReduceAttr{Correction: 1}, NoGrad, "far")
		add(ops.F32, dense, normal(0, 1), reduceCase{[]int{4, 1}, 2}, ops.ReduceAttr{Correction: 1}, NoGrad, "one")
	case "sum", "mean": // a running sum of 70,000 positive numbers loses digits
		add(ops.F32, dense, uniform(0, 1), reduceCase{[]int{70000}, 1}, ops.ReduceAttr{}, NoGrad, "positive")
		add(ops.F32, dense, uniform(0, 1), reduceCase{[]int{70000, 2}, 1}, ops.ReduceAttr{}, NoGrad, "positive")
		add(ops.F32, dense, cycle(1e8, 1, -1e8, 1), reduceCase{[]int{400}, 1}, ops.ReduceAttr{}, NoGrad, "cancelling")
	case "prod":
		add(ops.F32, dense, awayFromZero(5), reduceCase{[]int{13, 127}, 2}, ops.ReduceAttr{}, NoGrad, "zero")
		for _, zeros := range [][]int{{3}, {3, 4}, {0, 8}} { // one zero in a row, two, one at an end
			for _, d := range []ops.DType{ops.F32, ops.F64} {
				add(d, dense, holes(9, zeros...), reduceCase{[]int{4, 9}, 2}, ops.ReduceAttr{}, GradSecond, fmt.Sprint("zeros", len(zeros), zeros[0]))
			}
		}
		add(ops.F64, transposed, holes(5, 2), reduceCase{[]int{3, 2, 5}, 5}, ops.ReduceAttr{}, GradFD, "zeros")
	case "max", "argmax", "min", "argmin": // the largest is the very last, or everything is equal
		last := func(n int) Gen {
			return cycle(append(make([]float64, n-1), 1)...)
		}
		for _, n := range []int{127, 1000, 4097, 70000} {
			if op == "min" || op == "argmin" {
				add(ops.F32, dense, cycle(append(make([]float64, n-1), -1)...), reduceCase{[]int{n}, 1}, ops.ReduceAttr{}, NoGrad, "last_least")
			}
			add(ops.F32, dense, last(n), reduceCase{[]int{n}, 1}, ops.ReduceAttr{}, NoGrad, "last")
			add(ops.F32, dense, constant(-1), reduceCase{[]int{n}, 1}, ops.ReduceAttr{}, NoGrad, "ties")
		}
		add(ops.F32, dense, constant(-inf), reduceCase{[]int{3, 129}, 2}, ops.ReduceAttr{}, NoGrad, "minus_inf")
	case "logsumexp":
		add(ops.F32, dense, normal(1000, 5), reduceCase{[]int{13, 127}, 2}, ops.ReduceAttr{}, NoGrad, "large")
		add(ops.F32, dense, normal(-1000, 5), reduceCase{[]int{13, 127}, 2}, ops.ReduceAttr{}, NoGrad, "small")
	}
}

func addReduceIntegers(op ops.Op) {
	for _, d := range []ops.DType{ops.I32, ops.I64} {
		for _, k := range []reduceCase{{[]int{13, 127}, 1}, {[]int{13, 127}, 2}, {[]int{70000}, 1}, {[]int{13, 127}, 3}} {
			if indexing(op) && !single(k.dims) {
				continue
			}
			for _, l := range []Layout{dense, stepped} {
				g := integers(-1000000, 1000000)
				if op == "count_nonzero" {
					g = integers(-1, 1)
				}
				Add(Case{
					Name: name(op, "shape", dims(k.shape), "view", l.Name, "dtype", d, "dims", k.dims), Op: op,
					Attr: ops.ReduceAttr{Dims: k.dims}, In: []Input{input(d, l, g, k.shape...)}, Ref: reduceRef,
				})
			}
			Add(Case{ // sums that wrap, extremes that a float would merge
				Name: name(op, "shape", dims(k.shape), "view", "dense", "dtype", d, "dims", k.dims, "values", "special"), Op: op,
				Attr: ops.ReduceAttr{Dims: k.dims}, In: []Input{{Spec: ops.NewSpec(d, k.shape...), Ints: integerEdges(d)}}, Ref: reduceRef,
			})
		}
	}
}

// maxTies: equal largest elements share the gradient evenly; finite
// differences cannot tell.
func maxTies() {
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		Add(Case{
			Name: name("min", "shape", "3x4", "view", "dense", "dtype", d, "dims", 2, "values", "ties", "grad", 1), Op: "min",
			Attr: ops.ReduceAttr{Dims: 2}, In: []Input{input(d, dense, cycle(5, 1, 1, 7, 2, 2, 2, 2, -3, -1, -3, -2), 3, 4)}, Ref: reduceRef,
			RefGrad: func(_ *Case, in, w []Array) []Array {
				share := [][]float64{{0, 0.5, 0.5, 0}, {0.25, 0.25, 0.25, 0.25}, {0.5, 0, 0.5, 0}}
				return []Array{floats(in[0].Spec, func(i int) float64 { return share[i/4][i%4] * w[0].F[i/4] })}
			},
		})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		Add(Case{
			Name: name("max", "shape", "3x4", "view", "dense", "dtype", d, "dims", 2, "values", "ties", "grad", 1), Op: "max",
			Attr: ops.ReduceAttr{Dims: 2}, In: []Input{input(d, dense, cycle(1, 5, 5, 0, 2, 2, 2, 2, -1, -3, -1, -2), 3, 4)}, Ref: reduceRef,
			RefGrad: func(_ *Case, in, w []Array) []Array {
				share := [][]float64{{0, 0.5, 0.5, 0}, {0.25, 0.25, 0.25, 0.25}, {0.5, 0, 0.5, 0}}
				return []Array{floats(in[0].Spec, func(i int) float64 { return share[i/4][i%4] * w[0].F[i/4] })}
			},
		})
	}
}

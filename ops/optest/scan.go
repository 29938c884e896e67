package optest

import (
	"math"
	"math/rand/v2"

	"github.com/tuff-ml/tuff/ops"
)

// scanRef goes along each row, element by element.
func scanRef(c *Case, in []Array, out []ops.Spec) []Array {
	a, x, y := c.Attr.(ops.ScanAttr), in[0], NewArray(out[0])
	if y.F != nil {
		y.Scale = make([]float64, y.Len())
	}
	rows(x.Spec, a.Dim, func(first, step, n int) {
		at := make([]int, n)
		for i := range at {
			at[i] = first + i*step
			if a.Reverse {
				at[i] = first + (n-1-i)*step
			}
		}
		switch {
		case y.I != nil:
			scanInts(c, x, y, at)
		case c.Op == "cumsum":
			scanSum(a, x, y, at)
		case c.Op == "cumprod":
			p := 1.0
			for i, k := range at {
				before := p
				if p *= x.F[k]; a.Exclusive {
					y.F[k] = before
				} else {
					y.F[k] = p
				}
				// Each multiplication rounds once; at random they add up as √i.
				y.Scale[k] = math.Abs(y.F[k]) * (1 + math.Sqrt(float64(i+1))/4)
			}
		default:
			s, size := 0.0, 0.0
			for _, k := range at {
				s, size = x.F[k]*s+in[1].F[k], math.Abs(x.F[k])*size+math.Abs(in[1].F[k])
				y.F[k], y.Scale[k] = s, size
			}
		}
	})
	for i, s := range y.Scale {
		if !finite(s) {
			y.Scale[i] = 0
		}
	}
	return []Array{y}
}

func scanSum(a ops.ScanAttr, x, y Array, at []int) {
	var s compensated
	size := 0.0
	for _, k := range at {
		if a.Exclusive {
			y.F[k], y.Scale[k] = s.value(), size
		}
		s.add(x.F[k])
		size += math.Abs(x.F[k])
		if !a.Exclusive {
			y.F[k], y.Scale[k] = s.value(), size
		}
	}
}

func scanInts(c *Case, x, y Array, at []int) {
	s := int64(step(c.Op == "cumprod"))
	for _, k := range at {
		before := s
		if c.Op == "cumsum" {
			s += x.I[k]
		} else {
			s *= x.I[k]
		}
		if y.I[k] = wrap(y.DType, s); c.Attr.(ops.ScanAttr).Exclusive {
			y.I[k] = wrap(y.DType, before)
		}
	}
}

// factors are numbers of either sign whose products neither overflow nor
// vanish: a product of n is some e^(±0.03·√n).
func factors(r *rand.Rand, _ int) float64 {
	x := math.Exp(0.03 * r.NormFloat64())
	if r.IntN(2) == 0 {
		return -x
	}
	return x
}

// holes are factors with zeros at some places of every row of n.
func holes(n int, at ...int) Gen {
	return func(r *rand.Rand, i int) float64 {
		x := factors(r, i)
		for _, k := range at {
			if i%n == k {
				return 0
			}
		}
		return x
	}
}

var scanCases = []struct {
	shape []int
	dim   int
}{
	{[]int{1}, 0}, {[]int{13}, 0}, {[]int{17}, 0}, {[]int{127}, 0}, {[]int{1000}, 0}, {[]int{2048}, 0}, {[]int{2049}, 0}, {[]int{70000}, 0}, {[]int{1<<20 + 3}, 0},
	{[]int{13, 127}, 0}, {[]int{13, 127}, 1}, {[]int{257, 129}, 0}, {[]int{257, 129}, 1}, {[]int{70000, 3}, 0}, {[]int{3, 70001}, 1}, {[]int{70, 4000}, 1},
	{[]int{3, 5, 7}, 1}, {[]int{33, 65, 17}, 1}, {[]int{2, 20, 4100}, 1}, {[]int{5000, 10}, 1}, {[]int{1, 5, 1}, 0}, {deepShape, 3}, {deepShape, 7},
	{[]int{0, 5}, 0}, {[]int{0, 5}, 1}, {[]int{5, 0}, 0},
}

var scans = map[ops.Op]Gen{"cumsum": normal(0.5, 1), "cumprod": factors, "linear_scan": uniform(-0.95, 0.95)}

// scanAttrs are the ways that an op goes.
func scanAttrs(op ops.Op, dim int) []ops.ScanAttr {
	out := []ops.ScanAttr{{Dim: dim}, {Dim: dim, Reverse: true}}
	if op != "linear_scan" {
		out = append(out, ops.ScanAttr{Dim: dim, Exclusive: true}, ops.ScanAttr{Dim: dim, Reverse: true, Exclusive: true})
	}
	return out
}

func scanOptions(a ops.ScanAttr) string {
	s := "up"
	if a.Reverse {
		s = "down"
	}
	if a.Exclusive {
		s += "_exclusive"
	}
	return s
}

func init() {
	for op, g := range scans {
		add := func(d ops.DType, l Layout, g Gen, shape []int, a ops.ScanAttr, grad GradMode, label string) {
			pairs := []any{"shape", dims(shape), "view", l.Name, "dtype", d, "dim", a.Dim, "options", scanOptions(a)}
			if label != "" {
				pairs = append(pairs, "values", label)
			}
			if grad != NoGrad {
				pairs = append(pairs, "grad", 1)
			}
			c := Case{
				Name: name(op, pairs...), Op: op, Attr: a, In: []Input{input(d, l, g, shape...)}, Ref: scanRef, Class: Summed,
				AnyZero: true, Grad: grad, Flush: true,
			}
			if op == "linear_scan" {
				c.In = append(c.In, input(d, dense, normal(0, 1), shape...))
			}
			Add(c)
		}
		for i, k := range scanCases {
			attrs := scanAttrs(op, k.dim)
			add(ops.F32, dense, g, k.shape, attrs[0], NoGrad, "")
			add(ops.F32, dense, g, k.shape, attrs[1+i%(len(attrs)-1)], NoGrad, "")
		}
		for _, l := range views {
			add(ops.F32, l, g, []int{13, 127}, ops.ScanAttr{Dim: 0}, NoGrad, "view")
			add(ops.F32, l, g, []int{13, 127}, ops.ScanAttr{Dim: 1, Reverse: true}, NoGrad, "view")
		}
		for _, a := range scanAttrs(op, 0) {
			add(ops.F64, dense, g, []int{5000}, a, NoGrad, "")
			add(ops.F64, dense, g, []int{70000, 2}, a, NoGrad, "")
			mode := GradSecond
			if op == "cumsum" {
				mode = GradFD // it is linear
			}
			for _, d := range []ops.DType{ops.F32, ops.F64} {
				add(d, dense, g, []int{9}, a, mode, "")
				add(d, dense, g, []int{1}, a, GradFD, "")
				add(d, transposed, g, []int{5, 7}, ops.ScanAttr{Dim: 1, Reverse: a.Reverse, Exclusive: a.Exclusive}, GradFD, "")
				add(d, dense, g, []int{3, 4, 2}, ops.ScanAttr{Dim: 1, Reverse: a.Reverse, Exclusive: a.Exclusive}, GradFD, "")
				if op == "cumprod" { // zeros alone, in pairs and at an end
					add(d, dense, holes(9, 3), []int{9}, a, GradSecond, "zero")
					add(d, dense, holes(9, 0, 3, 4, 8), []int{9}, a, GradSecond, "zeros")
				}
			}
			add(ops.F32, dense, g, []int{129, 257}, a, GradDevice, "")
		}
		// An infinity or a NaN stays for good, and reaches no other row.
		add(ops.F32, dense, cycle(1, 2, inf, 3, 1, 1, nan, 2, 1, -inf, 1, inf, 2, 0, 1), []int{3, 5}, ops.ScanAttr{Dim: 1}, NoGrad, "special")
		if op == "linear_scan" {
			continue
		}
		add(ops.F32, dense, cycle(nan, 1, 1, 1, 1, 1, 1), []int{7000}, ops.ScanAttr{Reverse: true}, NoGrad, "nans")
		for _, d := range []ops.DType{ops.I32, ops.I64} {
			for i, k := range scanCases {
				attrs := scanAttrs(op, k.dim)
				a := attrs[i%len(attrs)]
				if len(k.shape) == 1 || i%2 == 0 {
					Add(Case{Name: name(op, "shape", dims(k.shape), "view", "dense", "dtype", d, "dim", a.Dim, "options", scanOptions(a)), Op: op, Attr: a,
						In: []Input{input(d, dense, integers(-1000000, 1000000), k.shape...)}, Ref: scanRef})
				}
			}
		}
	}
	add := func(d ops.DType, g Gen, shape []int, label string, large bool) {
		Add(Case{Name: name("cumsum", "shape", dims(shape), "view", "dense", "dtype", d, "dim", 0, "values", label), Op: "cumsum", Attr: ops.ScanAttr{},
			In: []Input{input(d, dense, g, shape...)}, Ref: scanRef, Class: Summed, Large: large})
	}
	add(ops.F32, uniform(0, 1), []int{70000}, "positive", false) // a running sum in f32 loses digits
	add(ops.F32, uniform(0, 1), []int{10000, 2}, "positive", false)
	add(ops.F32, uniform(0, 1), []int{10000, 5000}, "positive", true)
	add(ops.F32, cycle(1e8, 1, -1e8, 1), []int{5000}, "cancelling", false)
	add(ops.I32, integers(-9, 9), []int{1<<22 + 2049}, "levels", false) // chunks of chunks of chunks
	add(ops.F32, cycle(1, -2, 3.5, 4, -5), largeShape, "large", true)
}

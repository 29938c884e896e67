package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// foldable is what reductions take: numbers and bools.
type foldable interface{ number | uint8 }

// extreme folds n elements, each seen through value, with pick, in two lanes.
func extreme[T float](x []T, at, stride, n int, value func(T) float64, pick func(a, b float64) float64) float64 {
	a, b := value(x[at]), value(x[at])
	i := 0
	for ; i+2 <= n; i += 2 {
		a, b = pick(value(x[at]), a), pick(value(x[at+stride]), b)
		at += 2 * stride
	}
	if i < n {
		a = pick(value(x[at]), a)
	}
	return pick(a, b)
}

// Minima of floats, as maxima: f is the smallest, i its index; NaN is the
// smallest of all, and of equals the first counts.
func joinMin(a, b part) part {
	if b.f < a.f || b.f != b.f && a.f == a.f {
		return b
	}
	return a
}

func minRun[T float](x []T, at, stride, n int, index int64) part {
	best, where := x[at], 0
	for i := range n {
		v := x[at]
		if v < best {
			best, where = v, i
		} else if v != v {
			return part{f: math.NaN(), i: index + int64(i)}
		}
		at += stride
	}
	return part{f: float64(best), i: index + int64(where)}
}

// minColumns is minRun for columns side by side.
func minColumns[T float](p []part, x []T, at, across, down, rows int, index int64) {
	for j := range p {
		p[j] = part{f: float64(x[at+j*across]), i: index}
	}
	for r := 1; r < rows; r++ {
		at += down
		for j := range p {
			if v := float64(x[at+j*across]); v < p[j].f || v != v && p[j].f == p[j].f {
				p[j] = part{f: v, i: index + int64(r)}
			}
		}
	}
}

// Minima of integers; for argmin n is the smallest and i its index.
func joinMinInt(a, b part) part { return part{i: min(a.i, b.i)} }

func minIntRun[T int32 | int64](x []T, at, stride, n int, _ int64) part {
	best := x[at]
	for range n {
		best = min(best, x[at])
		at += stride
	}
	return part{i: int64(best)}
}

func joinArgMinInt(a, b part) part {
	if b.n < a.n {
		return b
	}
	return a
}

func argMinIntRun[T int32 | int64](x []T, at, stride, n int, index int64) part {
	best, where := x[at], 0
	for i := range n {
		if x[at] < best {
			best, where = x[at], i
		}
		at += stride
	}
	return part{i: index + int64(where), n: int64(best)}
}

// boolFold is the fold of any, all or count_nonzero: i is how many hold, n how
// many there are.
func boolFold(op ops.Op) fold[uint8] {
	if op == "count_nonzero" {
		return countFold[uint8]()
	}
	run := func(x []uint8, at, stride, n int, index int64) part {
		p := countRun(x, at, stride, n, index)
		p.n = int64(n)
		return p
	}
	join := func(a, b part) part { return part{i: a.i + b.i, n: a.n + b.n} }
	holds := func(p part) bool { return p.i > 0 }
	if op == "all" {
		holds = func(p part) bool { return p.i == p.n }
	}
	return fold[uint8]{run, eachColumn(run), join, func(z *ops.View, o int, p part) {
		y := uint8(0)
		if holds(p) {
			y = 1
		}
		Data[uint8](z)[o] = y
	}}
}

package cpu

import (
	"math"
	"sync/atomic"

	"github.com/tuff-ml/tuff/ops"
)

// mapped is what a norm does to each element before it adds.
type mapped struct {
	kind ops.NormKind
	p    float64 // of ops.NormPower
}

// all maps each element of t in place.
func (m mapped) all(t []float64) {
	switch m.kind {
	case ops.NormOne:
		for i, v := range t {
			t[i] = math.Abs(v)
		}
	case ops.NormTwo:
		for i, v := range t {
			t[i] = v * v
		}
	case ops.NormCount:
		for i, v := range t {
			if v != 0 {
				t[i] = 1
			}
		}
	default:
		for i, v := range t {
			t[i] = math.Pow(math.Abs(v), m.p)
		}
	}
}

// mappedSum adds mapped elements in a tree, as treeSum does.
func mappedSum[T float](m mapped, x []T, at, stride, n int) float64 {
	if n > mathBlock {
		half := (n/2 + mathBlock - 1) / mathBlock * mathBlock
		return mappedSum(m, x, at, stride, half) + mappedSum(m, x, at+half*stride, stride, n-half)
	}
	var buf [mathBlock]float64
	t := buf[:n]
	widen(t, x[at:], stride)
	m.all(t)
	return leafSum(t)
}

// normFold is the fold of a norm of order p.
func normFold[T float](kind ops.NormKind, p float64) fold[T] {
	switch kind {
	case ops.NormMax:
		run := func(x []T, at, stride, n int, _ int64) part {
			return part{f: extreme(x, at, stride, n, func(v T) float64 { return math.Abs(float64(v)) }, larger[float64])}
		}
		return fold[T]{run, eachColumn(run), joinMax, finishWith[T](func(p part) float64 { return p.f })}
	case ops.NormMin:
		run := func(x []T, at, stride, n int, _ int64) part {
			return part{f: extreme(x, at, stride, n, func(v T) float64 { return math.Abs(float64(v)) }, smaller[float64])}
		}
		return fold[T]{run, eachColumn(run), joinMin, finishWith[T](func(p part) float64 { return p.f })}
	}
	m := mapped{kind, p}
	run := func(x []T, at, stride, n int, _ int64) part {
		return part{f: mappedSum(m, x, at, stride, n), n: int64(n)}
	}
	columns := func(p []part, x []T, at, across, down, rows int, _ int64) {
		var acc, buf [columnTile]float64
		a, t := acc[:len(p)], buf[:len(p)]
		for range rows {
			widen(t, x[at:], across)
			m.all(t)
			for j := range a {
				a[j] += t[j]
			}
			at += down
		}
		for j := range p {
			p[j] = part{f: a[j], n: int64(rows)}
		}
	}
	root := func(s float64) float64 { return s }
	switch kind {
	case ops.NormTwo:
		root = math.Sqrt
	case ops.NormPower:
		root = func(s float64) float64 { return math.Pow(s, 1/p) }
	}
	return fold[T]{run, columns, joinSum, finishWith[T](func(p part) float64 { return root(p.f) })}
}

// powered is the plan of a norm of one order.
type powered struct {
	p   float64
	run Run
}

// planNorm plans a norm. An order of its own is no part of the plan's key, so
// the plan keeps the fold of the order that came last, and makes another when
// the order changes.
func planNorm[T float](c *ops.Call, kind ops.NormKind) (Run, int, error) {
	if kind != ops.NormPower {
		return planFold(c, normFold[T](kind, 0))
	}
	order := func(c *ops.Call) float64 { return float64(T(c.Const[0])) } // constants take the dtype
	run, scratch, err := planFold(c, normFold[T](kind, order(c)))
	var last atomic.Pointer[powered]
	last.Store(&powered{order(c), run})
	return func(x *Ctx, c *ops.Call) error {
		l, p := last.Load(), order(c)
		if l.p != p {
			run, _, err := planFold(c, normFold[T](kind, p))
			if err != nil {
				return err
			}
			l = &powered{p, run}
			last.Store(l)
		}
		return l.run(x, c)
	}, scratch, err
}

// Products: f is the product of floats, i that of integers, which wraps.
func joinProd(a, b part) part    { return part{f: a.f * b.f} }
func joinProdInt(a, b part) part { return part{i: a.i * b.i} }

func prodRun[T float](x []T, at, stride, n int, _ int64) part {
	a, b, c, d := 1.0, 1.0, 1.0, 1.0
	i := 0
	for ; i+4 <= n; i += 4 {
		a, b = a*float64(x[at]), b*float64(x[at+stride])
		c, d = c*float64(x[at+2*stride]), d*float64(x[at+3*stride])
		at += 4 * stride
	}
	for ; i < n; i++ {
		a *= float64(x[at])
		at += stride
	}
	return part{f: (a * b) * (c * d)}
}

func prodIntRun[T int32 | int64](x []T, at, stride, n int, _ int64) part {
	y := int64(1)
	for range n {
		y *= int64(x[at])
		at += stride
	}
	return part{i: y}
}

// Counts: i is how many elements are not 0.
func joinCount(a, b part) part { return part{i: a.i + b.i} }

func countRun[T foldable](x []T, at, stride, n int, _ int64) (p part) {
	for range n {
		if x[at] != 0 {
			p.i++
		}
		at += stride
	}
	return p
}

func countFold[T foldable]() fold[T] {
	return fold[T]{countRun[T], eachColumn(countRun[T]), joinCount, finishIndex}
}

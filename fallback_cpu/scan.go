package cpu

import (
	"math"
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

func init() {
	for _, op := range []ops.Op{"cumsum", "cumprod", "linear_scan"} {
		Register(op, Kernel{Plan: planScan})
	}
}

func planScan(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.In[0].DType {
	case ops.F32:
		return newScan[float32](c, floatScan[float32](c.Op))
	case ops.F64:
		return newScan[float64](c, floatScan[float64](c.Op))
	case ops.I32:
		return newScan[int32](c, intScan[int32](c.Op))
	case ops.I64:
		return newScan[int64](c, intScan[int64](c.Op))
	}
	return unsupported(c.In[0].DType)
}

// state is what a scan carries along a row: f the result so far and g what
// rounding took from it (cumsum); for linear_scan f and g are the factor and
// the summand that the elements so far apply to what came before; i is the
// result of integers.
type state struct {
	f, g float64
	i    int64
}

// scanner is a scan: what it starts with, how it takes in the elements of a
// run, and how the states of two runs join, the first one first.
type scanner[T number] struct {
	start state
	// take goes through n elements from at, step apart, and writes z where it is
	// not nil; exclusive: each result is that before its element.
	take func(s state, z, x, y []T, at, step, n int, exclusive bool) state
	join func(a, b state) state
}

func floatScan[T float](op ops.Op) scanner[T] {
	switch op {
	case "cumsum":
		return scanner[T]{state{}, takeSum[T], joinSums}
	case "cumprod":
		return scanner[T]{state{f: 1}, takeProd[T], func(a, b state) state { return state{f: a.f * b.f} }}
	}
	return scanner[T]{state{f: 1}, takeLinear[T], func(a, b state) state { return state{f: a.f * b.f, g: b.f*a.g + b.g} }}
}

func intScan[T int32 | int64](op ops.Op) scanner[T] {
	if op == "cumsum" {
		return scanner[T]{state{}, func(s state, z, x, _ []T, at, step, n int, exclusive bool) state {
			return takeInt(s, z, x, at, step, n, exclusive, func(a, b int64) int64 { return a + b })
		}, func(a, b state) state { return state{i: a.i + b.i} }}
	}
	return scanner[T]{state{i: 1}, func(s state, z, x, _ []T, at, step, n int, exclusive bool) state {
		return takeInt(s, z, x, at, step, n, exclusive, func(a, b int64) int64 { return a * b })
	}, func(a, b state) state { return state{i: a.i * b.i} }}
}

// addTo adds v with the rounding error kept (Knuth's two-sum).
func addTo(s state, v float64) state {
	f := s.f + v
	t := f - s.f
	return state{f: f, g: s.g + ((s.f - (f - t)) + (v - t))}
}

func joinSums(a, b state) state {
	s := addTo(a, b.f)
	s.g += b.g
	return s
}

// value is the sum that a state stands for; the rest of an infinite one is NaN.
func (s state) value() float64 {
	if math.IsInf(s.f, 0) {
		return s.f
	}
	return s.f + s.g
}

func takeSum[T float](s state, z, x, _ []T, at, step, n int, exclusive bool) state {
	for range n {
		v := float64(x[at])
		if z != nil && exclusive {
			z[at] = T(s.value())
		}
		s = addTo(s, v)
		if z != nil && !exclusive {
			z[at] = T(s.value())
		}
		at += step
	}
	return s
}

func takeProd[T float](s state, z, x, _ []T, at, step, n int, exclusive bool) state {
	p := s.f
	for range n {
		before := p
		p *= float64(x[at])
		switch {
		case z == nil:
		case exclusive:
			z[at] = T(before)
		default:
			z[at] = T(p)
		}
		at += step
	}
	return state{f: p}
}

// takeLinear: x are the coefficients, y the summands. With z it goes on from
// the value s.g; without, it composes the maps of the run.
func takeLinear[T float](s state, z, x, y []T, at, step, n int, _ bool) state {
	f, g := s.f, s.g
	for range n {
		v := float64(x[at])
		g = v*g + float64(y[at])
		if z != nil {
			z[at] = T(g)
		} else {
			f *= v
		}
		at += step
	}
	return state{f: f, g: g}
}

func takeInt[T int32 | int64](s state, z, x []T, at, step, n int, exclusive bool, op func(a, b int64) int64) state {
	for range n {
		before := s.i
		s.i = op(s.i, int64(x[at]))
		switch {
		case z == nil:
		case exclusive:
			z[at] = T(before)
		default:
			z[at] = T(s.i)
		}
		at += step
	}
	return s
}

// scan is the plan of one: rows of n elements, inner apart, cut into segments
// by shape alone. Where there is more than one, a first sweep finds each
// segment's state, these are joined in order, and a second sweep writes.
type scan[T number] struct {
	scanner[T]
	n, inner, rows    int
	segments, segment int
	reverse, excl     bool
}

const (
	scanSegment = 1 << 14 // elements of a segment
	manyRows    = 64      // from so many rows on, they are enough to share
)

func newScan[T number](c *ops.Call, s scanner[T]) (Run, int, error) {
	a, x := c.Attr.(ops.ScanAttr), &c.In[0]
	p := &scan[T]{scanner: s, n: x.Shape[a.Dim], inner: 1, reverse: a.Reverse, excl: a.Exclusive}
	for _, d := range x.Shape[a.Dim+1 : x.Rank] {
		p.inner *= d
	}
	p.rows = x.Len() / p.n
	p.segments, p.segment = 1, p.n
	if p.rows < manyRows && p.n > scanSegment {
		p.segment = scanSegment
		p.segments = (p.n + p.segment - 1) / p.segment
	}
	if p.segments == 1 {
		return parallelRun(p.rows, max(1, cheapGrain/4/p.n), func(c *ops.Call, lo, hi int) {
			for r := lo; r < hi; r++ {
				p.run(c, p.start, Data[T](&c.Out[0]), r, 0)
			}
		})
	}
	units := p.rows * p.segments
	find := func(c *ops.Call, lo, hi int) {
		for u := lo; u < hi; u++ {
			p.states(c)[u] = p.run(c, p.start, nil, u/p.segments, u%p.segments)
		}
	}
	write := func(c *ops.Call, lo, hi int) {
		for u := lo; u < hi; u++ {
			p.run(c, p.states(c)[u], Data[T](&c.Out[0]), u/p.segments, u%p.segments)
		}
	}
	return func(x *Ctx, c *ops.Call) error {
		x.Parallel(c, units, 1, find)
		states := p.states(c)
		for r := range p.rows {
			s := p.start
			for k := r * p.segments; k < (r+1)*p.segments; k++ {
				s, states[k] = p.join(s, states[k]), s
			}
		}
		x.Parallel(c, units, 1, write)
		return nil
	}, units * int(unsafe.Sizeof(state{})), nil
}

func (p *scan[T]) states(c *ops.Call) []state { return Data[state](&c.Scratch)[:p.rows*p.segments] }

// run takes segment k of row r, counted in the scan's direction, from state s.
func (p *scan[T]) run(c *ops.Call, s state, z []T, r, k int) state {
	x := Data[T](&c.In[0])
	var y []T
	if len(c.In) == 2 {
		y = Data[T](&c.In[1])
	}
	lo, hi := k*p.segment, min((k+1)*p.segment, p.n)
	first, step := lo, p.inner
	if p.reverse {
		first, step = p.n-1-lo, -p.inner
	}
	return p.take(s, z, x, y, r/p.inner*p.n*p.inner+r%p.inner+first*p.inner, step, hi-lo, p.excl)
}

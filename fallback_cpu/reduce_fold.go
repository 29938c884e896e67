package cpu

import "math"

// The folds: what reduce.go does to runs and columns of elements, and how
// parts are joined.

// eachColumn makes the columns of a fold from its run, one column at a time.
func eachColumn[T foldable](run func(x []T, at, stride, n int, index int64) part) func(p []part, x []T, at, across, down, rows int, index int64) {
	return func(p []part, x []T, at, across, down, rows int, index int64) {
		for j := range p {
			p[j] = run(x, at+j*across, down, rows, index)
		}
	}
}

// Sums: f is the sum. They run in f64 also for f32, in a tree: eight lanes over
// 512 elements, then halves.
func joinSum(a, b part) part { return part{f: a.f + b.f, n: a.n + b.n} }

func sumRun[T float](x []T, at, stride, n int, _ int64) part {
	return part{f: treeSum(x, at, stride, n), n: int64(n)}
}

const sumLeaf = 512

func treeSum[T float](x []T, at, stride, n int) float64 {
	if n > sumLeaf {
		half := (n/2 + sumLeaf - 1) / sumLeaf * sumLeaf
		return treeSum(x, at, stride, half) + treeSum(x, at+half*stride, stride, n-half)
	}
	if stride == 1 {
		return leafSum(x[at : at+n])
	}
	s := 0.0
	for range n {
		s += float64(x[at])
		at += stride
	}
	return s
}

func leafSum[T float](x []T) float64 {
	var a, b, c, d, e, f, g, h float64
	for len(x) >= 8 {
		y := x[:8:8]
		a += float64(y[0])
		b += float64(y[1])
		c += float64(y[2])
		d += float64(y[3])
		e += float64(y[4])
		f += float64(y[5])
		g += float64(y[6])
		h += float64(y[7])
		x = x[8:]
	}
	s := ((a + b) + (c + d)) + ((e + f) + (g + h))
	for _, v := range x {
		s += float64(v)
	}
	return s
}

func sumColumns[T float](p []part, x []T, at, across, down, rows int, _ int64) {
	var acc [columnTile]float64
	a := acc[:len(p)]
	for range rows {
		if across == 1 {
			y := x[at : at+len(a)]
			for j := range a {
				a[j] += float64(y[j])
			}
		} else {
			for j := range a {
				a[j] += float64(x[at+j*across])
			}
		}
		at += down
	}
	for j := range p {
		p[j] = part{f: a[j], n: int64(rows)}
	}
}

// Variances: f is the mean, g the sum of squared deviations from it.
func joinVar(a, b part) part { // Chan, Golub and LeVeque 1979
	n := a.n + b.n
	d, share := b.f-a.f, float64(b.n)/float64(n)
	return part{f: a.f + d*share, g: a.g + b.g + d*d*float64(a.n)*share, n: n}
}

func varRun[T float](x []T, at, stride, n int, _ int64) part {
	mean := treeSum(x, at, stride, n) / float64(n)
	s, rest := deviations(x, at, stride, n, mean)
	// rest is what rounding left in the mean; see the same source.
	return part{f: mean, g: s - rest*rest/float64(n), n: int64(n)}
}

// deviations are Σ (x−mean)² and Σ (x−mean), in four lanes.
func deviations[T float](x []T, at, stride, n int, mean float64) (s, rest float64) {
	var a, b, c, d, e, f, g, h float64
	i := 0
	for ; i+4 <= n; i += 4 {
		p, q := float64(x[at])-mean, float64(x[at+stride])-mean
		r, t := float64(x[at+2*stride])-mean, float64(x[at+3*stride])-mean
		a, b, c, d = a+p*p, b+q*q, c+r*r, d+t*t
		e, f, g, h = e+p, f+q, g+r, h+t
		at += 4 * stride
	}
	for ; i < n; i++ {
		p := float64(x[at]) - mean
		a, e = a+p*p, e+p
		at += stride
	}
	return (a + b) + (c + d), (e + f) + (g + h)
}

func varColumns[T float](p []part, x []T, at, across, down, rows int, index int64) {
	sumColumns(p, x, at, across, down, rows, index)
	for j := range p {
		p[j].f /= float64(rows)
	}
	for range rows {
		for j := range p {
			d := float64(x[at+j*across]) - p[j].f
			p[j].g += d * d
		}
		at += down
	}
}

// Logarithms of sums of exponentials: f is the maximum m, g is Σ e^(x−m).
// Where m is infinite or NaN, g is not used.
func joinLSE(a, b part) part {
	m := larger(a.f, b.f)
	if math.IsInf(m, 0) || m != m {
		return part{f: m}
	}
	return part{f: m, g: a.g*math.Exp(a.f-m) + b.g*math.Exp(b.f-m)}
}

func finishLSE(p part) float64 {
	if math.IsInf(p.f, 0) || p.f != p.f {
		return p.f
	}
	return p.f + math.Log(p.g)
}

func lseRun[T float](x []T, at, stride, n int, _ int64) part {
	m := float64(x[at])
	for i, o := 0, at; i < n; i, o = i+1, o+stride {
		m = larger(m, float64(x[o]))
	}
	p := part{f: m}
	if math.IsInf(m, 0) || m != m {
		return p
	}
	var buf [mathBlock]float64
	for i := 0; i < n; i += mathBlock {
		t := buf[:min(mathBlock, n-i)]
		widen(t, x[at+i*stride:], stride)
		for j := range t {
			t[j] -= m
		}
		expAll(t, shorter[T]())
		for _, e := range t {
			p.g += e
		}
	}
	return p
}

func lseColumns[T float](p []part, x []T, at, across, down, rows int, _ int64) {
	for j := range p {
		p[j] = part{f: float64(x[at+j*across])}
	}
	for r, o := 0, at; r < rows; r, o = r+1, o+down {
		for j := range p {
			p[j].f = larger(p[j].f, float64(x[o+j*across]))
		}
	}
	var buf [columnTile]float64
	t := buf[:len(p)]
	for range rows {
		widen(t, x[at:], across)
		for j := range t {
			t[j] -= p[j].f
		}
		expAll(t, shorter[T]())
		for j := range t {
			p[j].g += t[j]
		}
		at += down
	}
}

// Maxima of floats: f is the largest, i its index; NaN is the largest of all,
// and of equals the first counts.
func joinMax(a, b part) part {
	if b.f > a.f || b.f != b.f && a.f == a.f {
		return b
	}
	return a
}

// largestRun is maxRun without the index, in four lanes.
func largestRun[T float](x []T, at, stride, n int, _ int64) part {
	a, b, c, d := x[at], x[at], x[at], x[at]
	i := 0
	for ; i+4 <= n; i += 4 {
		p, q, r, s := x[at], x[at+stride], x[at+2*stride], x[at+3*stride]
		a, b, c, d = larger(p, a), larger(q, b), larger(r, c), larger(s, d)
		at += 4 * stride
	}
	for ; i < n; i++ {
		a = larger(x[at], a)
		at += stride
	}
	return part{f: float64(larger(larger(a, b), larger(c, d)))}
}

func maxRun[T float](x []T, at, stride, n int, index int64) part {
	best, where := x[at], 0
	for i := range n {
		v := x[at]
		if v > best {
			best, where = v, i
		} else if v != v {
			return part{f: math.NaN(), i: index + int64(i)}
		}
		at += stride
	}
	return part{f: float64(best), i: index + int64(where)}
}

// maxColumns is maxRun for columns side by side.
func maxColumns[T float](p []part, x []T, at, across, down, rows int, index int64) {
	for j := range p {
		p[j] = part{f: float64(x[at+j*across]), i: index}
	}
	for r := 1; r < rows; r++ {
		at += down
		for j := range p {
			if v := float64(x[at+j*across]); v > p[j].f || v != v && p[j].f == p[j].f {
				p[j] = part{f: v, i: index + int64(r)}
			}
		}
	}
}

// Integers: i is the sum, which wraps, or the largest; for argmax n is the
// largest and i its index.
func joinSumInt(a, b part) part { return part{i: a.i + b.i} }

func sumIntRun[T int32 | int64](x []T, at, stride, n int, _ int64) (p part) {
	for range n {
		p.i += int64(x[at])
		at += stride
	}
	return p
}

func joinMaxInt(a, b part) part { return part{i: max(a.i, b.i)} }

func maxIntRun[T int32 | int64](x []T, at, stride, n int, _ int64) part {
	best := x[at]
	for range n {
		best = max(best, x[at])
		at += stride
	}
	return part{i: int64(best)}
}

func joinArgMaxInt(a, b part) part {
	if b.n > a.n {
		return b
	}
	return a
}

func argMaxIntRun[T int32 | int64](x []T, at, stride, n int, index int64) part {
	best, where := x[at], 0
	for i := range n {
		if x[at] > best {
			best, where = x[at], i
		}
		at += stride
	}
	return part{i: index + int64(where), n: int64(best)}
}

package cpu

import (
	"math"
	"sync"
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

func init() {
	for _, op := range []ops.Op{"sum", "mean", "max", "var", "logsumexp", "argmax", "min", "argmin", "prod", "std", "norm", "count_nonzero", "any", "all"} {
		Register(op, Kernel{Plan: planReduce})
	}
}

// planReduce picks the fold of the op and dtype.
func planReduce(c *ops.Call) (Run, int, error) {
	a, d := c.Attr.(ops.ReduceAttr), c.In[0].DType
	switch {
	case c.Op == "norm" && d == ops.F32:
		return planNorm[float32](c, a.Norm)
	case c.Op == "norm" && d == ops.F64:
		return planNorm[float64](c, a.Norm)
	}
	switch d {
	case ops.F32:
		return planFold(c, foldFloat[float32](c.Op, a))
	case ops.F64:
		return planFold(c, foldFloat[float64](c.Op, a))
	case ops.I32:
		return planFold(c, foldInt[int32](c.Op))
	case ops.I64:
		return planFold(c, foldInt[int64](c.Op))
	case ops.Bool:
		return planFold(c, boolFold(c.Op))
	}
	return unsupported(d)
}

// part is what is known of some elements of one output. What the fields mean
// is up to the fold; n is how many elements there were.
type part struct {
	f, g float64
	i, n int64
}

// fold is a reduction: how to take in a run of elements, how to join the parts
// of two neighbouring ranges, the first one first, and what to write at last.
type fold[T foldable] struct {
	// run takes n elements of x, from at with a stride; index is the number of
	// the first within the output's range.
	run func(x []T, at, stride, n int, index int64) part
	// columns takes, for each of len(p) neighbouring outputs, rows elements:
	// output j's row r lies at at + j·across + r·down. It sets all of p.
	columns func(p []part, x []T, at, across, down, rows int, index int64)
	join    func(a, b part) part
	finish  func(z *ops.View, o int, p part)
}

func foldFloat[T float](op ops.Op, a ops.ReduceAttr) fold[T] {
	switch op {
	case "sum":
		return fold[T]{sumRun[T], sumColumns[T], joinSum, finishWith[T](func(p part) float64 { return p.f })}
	case "mean":
		return fold[T]{sumRun[T], sumColumns[T], joinSum, finishWith[T](func(p part) float64 { return p.f / float64(p.n) })}
	case "var":
		return fold[T]{varRun[T], varColumns[T], joinVar, finishWith[T](func(p part) float64 {
			return p.g / math.Max(0, float64(p.n)-float64(a.Correction))
		})}
	case "logsumexp":
		return fold[T]{lseRun[T], lseColumns[T], joinLSE, finishWith[T](finishLSE)}
	case "std":
		return fold[T]{varRun[T], varColumns[T], joinVar, finishWith[T](func(p part) float64 {
			return math.Sqrt(p.g / math.Max(0, float64(p.n)-float64(a.Correction)))
		})}
	case "prod":
		return fold[T]{prodRun[T], eachColumn(prodRun[T]), joinProd, finishWith[T](func(p part) float64 { return p.f })}
	case "count_nonzero":
		return countFold[T]()
	case "min":
		return fold[T]{minRun[T], minColumns[T], joinMin, finishWith[T](func(p part) float64 { return p.f })}
	case "argmin":
		return fold[T]{minRun[T], minColumns[T], joinMin, finishIndex}
	case "max":
		return fold[T]{largestRun[T], maxColumns[T], joinMax, finishWith[T](func(p part) float64 { return p.f })}
	}
	return fold[T]{maxRun[T], maxColumns[T], joinMax, finishIndex}
}

func foldInt[T int32 | int64](op ops.Op) fold[T] {
	switch op {
	case "sum":
		return fold[T]{sumIntRun[T], eachColumn(sumIntRun[T]), joinSumInt, finishInt[T]}
	case "max":
		return fold[T]{maxIntRun[T], eachColumn(maxIntRun[T]), joinMaxInt, finishInt[T]}
	case "min":
		return fold[T]{minIntRun[T], eachColumn(minIntRun[T]), joinMinInt, finishInt[T]}
	case "argmin":
		return fold[T]{argMinIntRun[T], eachColumn(argMinIntRun[T]), joinArgMinInt, finishIndex}
	case "prod":
		return fold[T]{prodIntRun[T], eachColumn(prodIntRun[T]), joinProdInt, finishInt[T]}
	case "count_nonzero":
		return countFold[T]()
	}
	return fold[T]{argMaxIntRun[T], eachColumn(argMaxIntRun[T]), joinArgMaxInt, finishIndex}
}

func finishWith[T float](value func(p part) float64) func(z *ops.View, o int, p part) {
	return func(z *ops.View, o int, p part) { Data[T](z)[o] = T(value(p)) }
}

func finishInt[T int32 | int64](z *ops.View, o int, p part) { Data[T](z)[o] = T(p.i) }

func finishIndex(z *ops.View, o int, p part) { Data[int64](z)[o] = p.i }

// folding is the plan of a reduction. The input's dimensions fall into those
// that are kept, which count outputs, and those that are folded. The folded
// elements of each output are cut into segments, by shape alone; a segment of
// an output gives a part, and the parts of an output are joined in order.
type folding[T foldable] struct {
	fold[T]
	kept, folded walk // operand 0 is the input
	segments     int
	segment      int  // elements of a segment; the last may be shorter
	columns      bool // outputs are neighbours in memory, folded elements are not
	tile         sync.Pool
}

const (
	segmentRun  = 1 << 15 // elements of a segment when folded elements are neighbours
	segmentRows = 256     // when outputs are
	manyOutputs = 1 << 10 // with more outputs than this, segments would only cost
	columnTile  = 32      // outputs folded side by side
	shortRun    = 16      // folded runs shorter than this go by columns
)

func planFold[T foldable](c *ops.Call, f fold[T]) (Run, int, error) {
	p := &folding[T]{fold: f}
	p.split(&c.In[0], c.Attr.(ops.ReduceAttr))
	last := p.folded.rank - 1
	p.columns = p.kept.shape[p.kept.rank-1] >= columnTile/4 && p.folded.rank == 1 &&
		(p.folded.shape[last] < shortRun || p.kept.inner(0) < p.folded.strides[0][last])
	p.segments, p.segment = 1, p.folded.n
	if p.kept.n <= manyOutputs {
		p.segment = segmentRun
		if p.columns {
			p.segment = segmentRows
		}
		p.segments = (p.folded.n + p.segment - 1) / p.segment
	}
	if p.segments == 1 {
		grain := max(1, cheapGrain/4/p.folded.n)
		return parallelRun(p.kept.n, grain, p.whole)
	}
	parts := p.segments * p.kept.n
	bySegment, joinAll := p.bySegment, p.joinAll
	return func(x *Ctx, c *ops.Call) error {
		x.Parallel(c, p.segments, 1, bySegment)
		x.Parallel(c, p.kept.n, 64, joinAll)
		return nil
	}, parts * int(unsafe.Sizeof(part{})), nil
}

// split sorts the input's dimensions into kept and folded ones. Folded ones are
// put in the order of their strides, so that runs are neighbours; argmax has
// only one, so indices stay right.
func (p *folding[T]) split(v *ops.View, a ops.ReduceAttr) {
	var dims []int
	p.kept.n, p.folded.n = 1, 1
	for i := 0; i < v.Rank; i++ {
		switch {
		case a.Dims>>i&1 == 0:
			p.kept.n *= v.Shape[i]
			if v.Shape[i] != 1 {
				p.kept.add(v.Shape[i], [maxOperands]int{v.Strides[i]}, 1)
			}
		case v.Shape[i] != 1:
			at := len(dims)
			for at > 0 && v.Strides[dims[at-1]] < v.Strides[i] {
				at--
			}
			dims = append(dims[:at], append([]int{i}, dims[at:]...)...)
		}
	}
	for _, i := range dims {
		p.folded.n *= v.Shape[i]
		p.folded.add(v.Shape[i], [maxOperands]int{v.Strides[i]}, 1)
	}
	for _, w := range []*walk{&p.kept, &p.folded} {
		if w.rank == 0 {
			w.rank, w.shape[0] = 1, 1
		}
	}
}

// whole folds outputs lo … hi−1 completely.
func (p *folding[T]) whole(c *ops.Call, lo, hi int) {
	x, z := Data[T](&c.In[0]), &c.Out[0]
	if !p.columns {
		o := lo
		p.kept.each(lo, hi, func(n int, at offsets) {
			for i := range n {
				p.finish(z, o, p.range_(x, at[0]+i*p.kept.inner(0), 0, p.folded.n))
				o++
			}
		})
		return
	}
	o := lo
	p.tiles(x, lo, hi, 0, p.folded.n, func(t []part) {
		for j := range t {
			p.finish(z, o+j, t[j])
		}
		o += len(t)
	})
}

// tiles folds rows lo … hi−1 of outputs first … end−1, a tile of neighbours at
// a time.
func (p *folding[T]) tiles(x []T, first, end, lo, hi int, done func(t []part)) {
	across, down := p.kept.inner(0), p.folded.inner(0)
	buf, ok := p.tile.Get().(*[columnTile]part)
	if !ok {
		buf = new([columnTile]part)
	}
	defer p.tile.Put(buf)
	p.kept.each(first, end, func(n int, at offsets) {
		for j := 0; j < n; j += columnTile {
			t := buf[:min(columnTile, n-j)]
			p.fold.columns(t, x, at[0]+j*across+lo*down, across, down, hi-lo, int64(lo))
			done(t)
		}
	})
}

// range_ folds elements lo … hi−1 of one output, whose first element is at at.
func (p *folding[T]) range_(x []T, at, lo, hi int) (sum part) {
	stride := p.folded.inner(0)
	index := int64(lo)
	p.folded.each(lo, hi, func(n int, o offsets) {
		r := p.run(x, at+o[0], stride, n, index)
		if index == int64(lo) {
			sum = r
		} else {
			sum = p.join(sum, r)
		}
		index += int64(n)
	})
	return sum
}

// parts are the scratch memory: segment s of output o is number s·outputs + o.
func (p *folding[T]) parts(c *ops.Call) []part {
	return Data[part](&c.Scratch)[:p.segments*p.kept.n]
}

// bySegment folds segments lo … hi−1 of all outputs.
func (p *folding[T]) bySegment(c *ops.Call, lo, hi int) {
	x, parts := Data[T](&c.In[0]), p.parts(c)
	for s := lo; s < hi; s++ {
		from, to := s*p.segment, min((s+1)*p.segment, p.folded.n)
		out := parts[s*p.kept.n:][:p.kept.n]
		o := 0
		if p.columns {
			p.tiles(x, 0, p.kept.n, from, to, func(t []part) { o += copy(out[o:], t) })
			continue
		}
		p.kept.each(0, p.kept.n, func(n int, at offsets) {
			for i := range n {
				out[o] = p.range_(x, at[0]+i*p.kept.inner(0), from, to)
				o++
			}
		})
	}
}

// joinAll joins the segments of outputs lo … hi−1.
func (p *folding[T]) joinAll(c *ops.Call, lo, hi int) {
	parts := p.parts(c)
	for o := lo; o < hi; o++ {
		p.finish(&c.Out[0], o, p.joinTree(parts[o:], 0, p.segments))
	}
}

// joinTree joins segments lo … hi−1 in halves, so that rounding errors grow
// with the logarithm of their number.
func (p *folding[T]) joinTree(parts []part, lo, hi int) part {
	if hi-lo == 1 {
		return parts[lo*p.kept.n]
	}
	mid := (lo + hi) / 2
	return p.join(p.joinTree(parts, lo, mid), p.joinTree(parts, mid, hi))
}

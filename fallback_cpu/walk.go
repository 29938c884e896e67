package cpu

import "github.com/tuff-ml/tuff/ops"

// maxOperands is the most views an elementwise op walks through: one output
// and three inputs.
const maxOperands = 4

// walk goes through several views in step, the first one giving the shape. The
// others broadcast to it by NumPy's rule. Dimensions that lie evenly in memory
// in all views are merged, so most walks have one.
type walk struct {
	n       int  // elements
	rank    int  // at least 1
	tiled   bool // see transposes
	shape   [ops.MaxRank]int
	strides [maxOperands][ops.MaxRank]int
}

// offsets is where a run starts in each view, in elements from the view's own
// first one.
type offsets [maxOperands]int

func newWalk(first *ops.View, others ...*ops.View) *walk {
	w := &walk{n: first.Len()}
	views := append([]*ops.View{first}, others...)
	for i := 0; i < first.Rank; i++ {
		d := first.Shape[i]
		if d == 1 {
			continue
		}
		var s [maxOperands]int
		for k, v := range views {
			if j := i - first.Rank + v.Rank; j >= 0 && v.Shape[j] != 1 {
				s[k] = v.Strides[j]
			}
		}
		w.add(d, s, len(views))
	}
	if w.rank == 0 {
		w.rank, w.shape[0] = 1, 1
		for k := range w.strides {
			w.strides[k][0] = 1
		}
	}
	w.tiled = w.transposes(len(views))
	return w
}

// add appends a dimension, or merges it with the one before.
func (w *walk) add(d int, s [maxOperands]int, views int) {
	last := w.rank - 1
	merge := last >= 0
	for k := 0; k < views && merge; k++ {
		merge = w.strides[k][last] == s[k]*d
	}
	if merge {
		w.shape[last] *= d
	} else {
		last = w.rank
		w.rank++
		w.shape[last] = d
	}
	for k := 0; k < views; k++ {
		w.strides[k][last] = s[k]
	}
}

// inner is the stride of view k along the runs that each hands out.
func (w *walk) inner(k int) int { return w.strides[k][w.rank-1] }

// flat says whether the first n views are dense or a single element, so that
// element i of the walk is element i of each.
func (w *walk) flat(n int) bool {
	if w.rank != 1 {
		return false
	}
	for k := range n {
		if w.strides[k][0] != 1 {
			return false
		}
	}
	return true
}

// each hands out elements lo … hi−1 of the walk as runs along the innermost
// dimension, in no particular order where the walk is tiled.
func (w *walk) each(lo, hi int, f func(n int, at offsets)) {
	if w.rank == 1 {
		var at offsets
		for k := range at {
			at[k] = lo * w.strides[k][0]
		}
		if lo < hi {
			f(hi-lo, at)
		}
		return
	}
	index, at := w.seek(lo)
	last := w.rank - 1
	cols := w.shape[last]
	for lo < hi {
		if w.tiled && index[last] == 0 && hi-lo >= 2*cols {
			rows := min((hi-lo)/cols, w.shape[last-1]-index[last-1], walkTile)
			w.tile(rows, at, f)
			lo += rows * cols
			index, at = w.seek(lo)
			continue
		}
		n := min(hi-lo, cols-index[last])
		f(n, at)
		lo += n
		w.next(&index, &at)
	}
}

// seek is the index of element i, and where it lies.
func (w *walk) seek(i int) (index [ops.MaxRank]int, at offsets) {
	for d := w.rank - 1; d >= 0; d-- {
		index[d] = i % w.shape[d]
		i /= w.shape[d]
		for k := range at {
			at[k] += index[d] * w.strides[k][d]
		}
	}
	return index, at
}

// walkTile is the side of the squares in which transposed operands are walked:
// their columns are then used as whole cache lines.
const walkTile = 32

// tile hands out some whole rows, in strips of walkTile columns.
func (w *walk) tile(rows int, at offsets, f func(n int, at offsets)) {
	last := w.rank - 1
	cols := w.shape[last]
	for from := 0; from < cols; from += walkTile {
		n := min(walkTile, cols-from)
		for r := range rows {
			o := at
			for k := range o {
				o[k] += r*w.strides[k][last-1] + from*w.strides[k][last]
			}
			f(n, o)
		}
	}
}

// transposes says whether some operand lies evenly along the second innermost
// dimension rather than along the innermost.
func (w *walk) transposes(views int) bool {
	if w.rank < 2 || w.shape[w.rank-2] < walkTile/4 || w.shape[w.rank-1] < walkTile/4 {
		return false
	}
	for k := range views {
		if w.strides[k][w.rank-2] == 1 && w.strides[k][w.rank-1] >= walkTile/4 {
			return true
		}
	}
	return false
}

// next moves to the start of the following run.
func (w *walk) next(index *[ops.MaxRank]int, at *offsets) {
	last := w.rank - 1
	for k := range at {
		at[k] -= index[last] * w.strides[k][last]
	}
	index[last] = 0
	for i := last - 1; i >= 0; i-- {
		index[i]++
		for k := range at {
			at[k] += w.strides[k][i]
		}
		if index[i] < w.shape[i] {
			return
		}
		index[i] = 0
		for k := range at {
			at[k] -= w.shape[i] * w.strides[k][i]
		}
	}
}

// block is how many elements strided operands are gathered into at a time: a
// kernel's inner loop sees dense slices only, which stay in the first cache.
const block = 512

// load returns n elements of x from at with a stride: in place when they lie
// one after another, otherwise gathered into buf.
func load[T any](buf, x []T, at, stride, n int) []T {
	if stride == 1 {
		return x[at : at+n]
	}
	buf = buf[:n]
	if stride == 0 {
		v := x[at]
		for i := range buf {
			buf[i] = v
		}
		return buf
	}
	for i := range buf {
		buf[i] = x[at]
		at += stride
	}
	return buf
}

// store is the counterpart of load for a strided destination.
func store[T any](z []T, at, stride int, v []T) {
	for _, e := range v {
		z[at] = e
		at += stride
	}
}

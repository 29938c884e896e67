package cpu

import "github.com/tuff-ml/tuff/ops"

// Copies move elements by size: the dtype does not matter.

// moveBody copies elements lo … hi−1 of src to dst; both have one shape, src
// may be broadcast, and neither is looked at but for its layout. views says
// where the two lie in a call.
func moveBody(dst, src *ops.View, views func(c *ops.Call) (dst, src *ops.View)) Body {
	w := newWalk(dst, src)
	switch dst.DType.Size() {
	case 1:
		return moveWords[uint8](w, dst.Offset, views)
	case 2:
		return moveWords[uint16](w, dst.Offset, views)
	case 4:
		return moveWords[uint32](w, dst.Offset, views)
	}
	return moveWords[uint64](w, dst.Offset, views)
}

// moveWords: the destination starts shift elements behind the view that views
// returns.
func moveWords[T word](w *walk, shift int, views func(c *ops.Call) (dst, src *ops.View)) Body {
	if t := newTurn(w); t != nil {
		return func(c *ops.Call, lo, hi int) {
			dst, src := views(c)
			turnMove(w, t, Data[T](dst)[shift:], Data[T](src), lo, hi)
		}
	}
	sd, ss := w.inner(0), w.inner(1)
	return func(c *ops.Call, lo, hi int) {
		dst, src := views(c)
		z, x := Data[T](dst)[shift:], Data[T](src)
		w.each(lo, hi, func(n int, at offsets) { moveRun(z, x, at[0], at[1], sd, ss, n) })
	}
}

func moveRun[T word](z, x []T, i, j, sd, ss, n int) {
	switch {
	case sd == 1 && ss == 1:
		copy(z[i:i+n], x[j:j+n])
	case sd == 1:
		for o := range z[i : i+n] {
			z[i+o] = x[j]
			j += ss
		}
	default:
		for range n {
			z[i] = x[j]
			i, j = i+sd, j+ss
		}
	}
}

// turn describes a walk that transposes: the destination's innermost dimension
// is not the source's. It is done in square tiles, so that both sides use whole
// cache lines. The dimensions before the last two count planes.
type turn struct{ rows, cols int }

const turnTile = 32

func newTurn(w *walk) *turn {
	if w.rank < 2 || w.inner(0) != 1 || w.strides[1][w.rank-2] != 1 || w.inner(1) < turnTile/4 {
		return nil
	}
	t := &turn{rows: w.shape[w.rank-2], cols: w.shape[w.rank-1]}
	if t.rows < turnTile/4 || t.cols < turnTile/4 {
		return nil
	}
	return t
}

// turnMove copies elements lo … hi−1, of which the first and the last row may
// be partial.
func turnMove[T word](w *walk, t *turn, z, x []T, lo, hi int) {
	sd, ss := w.strides[0][w.rank-2], w.inner(1)
	for lo < hi {
		plane, row, col := lo/(t.rows*t.cols), lo/t.cols%t.rows, lo%t.cols
		i, j := w.plane(plane)
		if col != 0 || hi-lo < t.cols {
			n := min(hi-lo, t.cols-col)
			moveRun(z, x, i+row*sd+col, j+row+col*ss, 1, ss, n)
			lo += n
			continue
		}
		rows := min((hi-lo)/t.cols, t.rows-row, turnTile)
		for from := 0; from < t.cols; from += turnTile {
			to := min(from+turnTile, t.cols)
			for r := row; r < row+rows; r++ {
				out := z[i+r*sd+from:][:to-from]
				at := j + r + from*ss
				for o := range out {
					out[o] = x[at]
					at += ss
				}
			}
		}
		lo += rows * t.cols
	}
}

// plane is where, in both views, plane number p starts.
func (w *walk) plane(p int) (i, j int) {
	for d := w.rank - 3; d >= 0; d-- {
		k := p % w.shape[d]
		p /= w.shape[d]
		i += k * w.strides[0][d]
		j += k * w.strides[1][d]
	}
	return i, j
}

// zeroBody clears elements lo … hi−1 of a dense output.
func zeroBody(c *ops.Call, lo, hi int) {
	size := c.Out[0].DType.Size()
	clear(rawBytes(&c.Out[0])[lo*size : hi*size])
}

func outAndIn(k int) func(c *ops.Call) (dst, src *ops.View) {
	return func(c *ops.Call) (dst, src *ops.View) { return &c.Out[0], &c.In[k] }
}

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

// zeroBody clears elements lo … hi−1 of a dense output.
func zeroBody(c *ops.Call, lo, hi int) {
	size := c.Out[0].DType.Size()
	clear(rawBytes(&c.Out[0])[lo*size : hi*size])
}

func outAndIn(k int) func(c *ops.Call) (dst, src *ops.View) {
	return func(c *ops.Call) (dst, src *ops.View) { return &c.Out[0], &c.In[k] }
}

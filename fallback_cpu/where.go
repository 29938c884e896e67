package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("where", Kernel{Plan: planWhere}) }

// planWhere moves elements by size: the dtype does not matter.
func planWhere(c *ops.Call) (Run, int, error) {
	var body Body
	switch c.Out[0].DType.Size() {
	case 1:
		body = whereBody[uint8](c)
	case 2:
		body = whereBody[uint16](c)
	case 4:
		body = whereBody[uint32](c)
	default:
		body = whereBody[uint64](c)
	}
	return parallelRun(c.Out[0].Len(), cheapGrain, body)
}

func whereBody[T word](c *ops.Call) Body {
	w := newWalk(&c.Out[0], &c.In[0], &c.In[1], &c.In[2])
	sc, sx, sy := w.inner(1), w.inner(2), w.inner(3)
	return func(c *ops.Call, lo, hi int) {
		z, cond, x, y := Data[T](&c.Out[0]), Data[uint8](&c.In[0]), Data[T](&c.In[1]), Data[T](&c.In[2])
		w.each(lo, hi, func(n int, at offsets) {
			i, j, k := at[1], at[2], at[3]
			for o := range z[at[0] : at[0]+n] {
				v := y[k]
				if cond[i] != 0 {
					v = x[j]
				}
				z[at[0]+o] = v
				i, j, k = i+sc, j+sx, k+sy
			}
		})
	}
}

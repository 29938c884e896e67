package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("gather", Kernel{Plan: planGather}) }

// checkIndices finds the first index outside [0, limit). Kernels call it before
// they touch anything.
func checkIndices(op ops.Op, index []int64, limit int) error {
	for _, i := range index {
		if uint64(i) >= uint64(limit) {
			return &ops.IndexError{Op: op, Index: i, Limit: int64(limit)}
		}
	}
	return nil
}

// planGather walks over the index: beside it in the output, and in the input
// without the dimension that the index counts along.
func planGather(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.Out[0].DType.Size() {
	case 1:
		return planGatherWords[uint8](c)
	case 2:
		return planGatherWords[uint16](c)
	case 4:
		return planGatherWords[uint32](c)
	}
	return planGatherWords[uint64](c)
}

func planGatherWords[T word](c *ops.Call) (Run, int, error) {
	dim := c.Attr.(ops.IndexAttr).Dim
	x := c.In[0]
	step, limit := x.Strides[dim], x.Shape[dim]
	source := ops.View{Spec: c.In[1].Spec, Strides: x.Strides}
	source.Strides[dim] = 0
	w := newWalk(&c.In[1], &source)
	n, inner := w.n, w.inner(1)
	body := func(c *ops.Call, lo, hi int) {
		z, x, index := Data[T](&c.Out[0]), Data[T](&c.In[0]), Data[int64](&c.In[1])
		w.each(lo, hi, func(n int, at offsets) {
			from, out := at[1], z[at[0]:][:n]
			for i, k := range index[at[0]:][:n] {
				out[i] = x[from+int(k)*step]
				from += inner
			}
		})
	}
	return func(x *Ctx, c *ops.Call) error {
		if err := checkIndices(c.Op, Data[int64](&c.In[1])[:n], limit); err != nil {
			return err
		}
		x.Parallel(c, n, cheapGrain/4, body)
		return nil
	}, 0, nil
}

package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("scatter_add", Kernel{Plan: planScatterAdd}) }

func planScatterAdd(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.Out[0].DType {
	case ops.F32:
		return planScatter[float32](c)
	case ops.F64:
		return planScatter[float64](c)
	case ops.I32:
		return planScatter[int32](c)
	case ops.I64:
		return planScatter[int64](c)
	}
	return unsupported(c.Out[0].DType)
}

// planScatter copies x, then adds the source. Work is spread over the places
// across dim, which never meet in the output; along dim each place goes through
// the source in order, so equal indices add up the same way every time.
func planScatter[T number](c *ops.Call) (Run, int, error) {
	dim := c.Attr.(ops.IndexAttr).Dim
	index := c.In[1]
	rows, step, limit := index.Shape[dim], index.Strides[dim], c.In[0].Shape[dim]
	outStep := c.Out[0].Strides[dim]

	across := index
	across.Shape[dim] = 1
	dst := ops.View{Spec: across.Spec, Strides: c.Out[0].Strides}
	w := newWalk(&across, &dst)
	si, sz := w.inner(0), w.inner(1)
	body := func(c *ops.Call, lo, hi int) {
		z, index, src := Data[T](&c.Out[0]), Data[int64](&c.In[1]), Data[T](&c.In[2])
		w.each(lo, hi, func(n int, at offsets) {
			for r := range rows {
				i, o := at[0]+r*step, at[1]
				for range n {
					z[o+int(index[i])*outStep] += src[i]
					i, o = i+si, o+sz
				}
			}
		})
	}
	total, n, first := c.Out[0].Len(), index.Len(), Body(copyInput[T])
	grain := max(1, cheapGrain/4/rows)
	return func(x *Ctx, c *ops.Call) error {
		if err := checkIndices(c.Op, Data[int64](&c.In[1])[:n], limit); err != nil {
			return err
		}
		x.Parallel(c, total, cheapGrain, first)
		x.Parallel(c, w.n, grain, body)
		return nil
	}, 0, nil
}

// copyInput copies elements lo … hi−1 of dense input 0 to the output.
func copyInput[T any](c *ops.Call, lo, hi int) {
	copy(Data[T](&c.Out[0])[lo:hi], Data[T](&c.In[0])[lo:hi])
}

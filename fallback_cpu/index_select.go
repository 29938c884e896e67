package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("index_select", Kernel{Plan: planIndexSelect}) }

// around are the elements before and after a dimension.
func around(x *ops.Spec, dim int) (outer, inner int) {
	outer, inner = 1, 1
	for i := range x.Rank {
		switch {
		case i < dim:
			outer *= x.Shape[i]
		case i > dim:
			inner *= x.Shape[i]
		}
	}
	return outer, inner
}

func planIndexSelect(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.Out[0].DType.Size() {
	case 1:
		return planSelectWords[uint8](c)
	case 2:
		return planSelectWords[uint16](c)
	case 4:
		return planSelectWords[uint32](c)
	}
	return planSelectWords[uint64](c)
}

// planSelectWords copies rows of inner elements.
func planSelectWords[T word](c *ops.Call) (Run, int, error) {
	dim := c.Attr.(ops.RowsAttr).Dim
	outer, inner := around(&c.In[0].Spec, dim)
	rows, limit := c.In[1].Shape[0], c.In[0].Shape[dim]
	body := func(c *ops.Call, lo, hi int) {
		z, x, index := Data[T](&c.Out[0]), Data[T](&c.In[0]), Data[int64](&c.In[1])[:rows]
		for r := lo; r < hi; r++ {
			from := r/rows*limit + int(index[r%rows])
			if inner == 1 {
				z[r] = x[from]
			} else {
				copy(z[r*inner:(r+1)*inner], x[from*inner:])
			}
		}
	}
	return func(x *Ctx, c *ops.Call) error {
		if err := checkIndices(c.Op, Data[int64](&c.In[1])[:rows], limit); err != nil {
			return err
		}
		x.Parallel(c, outer*rows, max(1, cheapGrain/2/inner), body)
		return nil
	}, 0, nil
}

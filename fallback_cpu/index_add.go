package cpu

import "github.com/tuff-ml/tuff/ops"

func init() {
	Register("index_add", Kernel{Plan: planIndexAdd})
	Register("index_copy", Kernel{Plan: planIndexCopy})
}

func planIndexAdd(c *ops.Call) (Run, int, error) {
	switch c.Out[0].DType {
	case ops.F32:
		return planIndexRows(c, addRow[float32])
	case ops.F64:
		return planIndexRows(c, addRow[float64])
	case ops.I32:
		return planIndexRows(c, addRow[int32])
	case ops.I64:
		return planIndexRows(c, addRow[int64])
	}
	return unsupported(c.Out[0].DType)
}

func planIndexCopy(c *ops.Call) (Run, int, error) {
	switch c.Out[0].DType.Size() {
	case 1:
		return planIndexRows(c, copyRow[uint8])
	case 2:
		return planIndexRows(c, copyRow[uint16])
	case 4:
		return planIndexRows(c, copyRow[uint32])
	}
	return planIndexRows(c, copyRow[uint64])
}

func addRow[T number](z, x []T) {
	x = x[:len(z)]
	for i := range z {
		z[i] += x[i]
	}
}

func copyRow[T word](z, x []T) { copy(z, x) }

// planIndexRows copies x, seen as [outer, limit, inner], then writes rows of the
// source, [outer, rows, inner]. Work is spread over outer and inner, never over
// rows: they are written in order.
func planIndexRows[T any](c *ops.Call, write func(z, x []T)) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	a := c.Attr.(ops.RowsAttr)
	outer, inner := around(&c.In[0].Spec, a.Dim)
	rows, limit := c.In[1].Shape[0], c.In[0].Shape[a.Dim]
	body := func(c *ops.Call, lo, hi int) {
		z, src := Data[T](&c.Out[0]), Data[T](&c.In[2])
		index := Data[int64](&c.In[1])[:rows]
		for lo < hi {
			o, from := lo/inner, lo%inner
			to := min(inner, from+hi-lo)
			for j, k := range index {
				if int(k) != a.Padding-1 {
					write(z[(o*limit+int(k))*inner:][from:to], src[(o*rows+j)*inner:][from:to])
				}
			}
			lo += to - from
		}
	}
	total, first := c.Out[0].Len(), Body(copyInput[T])
	grain := max(64, cheapGrain/rows)
	return func(x *Ctx, c *ops.Call) error {
		if err := checkIndices(c.Op, Data[int64](&c.In[1])[:rows], limit); err != nil {
			return err
		}
		x.Parallel(c, total, cheapGrain, first)
		x.Parallel(c, outer*inner, grain, body)
		return nil
	}, 0, nil
}

package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("write_at", Kernel{Plan: planWriteAt}) }

// planWriteAt sees x as [outer, limit, inner] and the source as [outer, rows,
// inner], in bytes along inner. Work is spread over outer and over bytes of
// inner, never over rows: the last of equal indices wins.
func planWriteAt(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	x, dim := &c.In[0], c.Attr.(ops.IndexAttr).Dim
	outer, inner := 1, x.DType.Size()
	for i := 0; i < x.Rank; i++ {
		switch {
		case i < dim:
			outer *= x.Shape[i]
		case i > dim:
			inner *= x.Shape[i]
		}
	}
	rows, limit := c.In[1].Shape[0], x.Shape[dim]
	body := func(c *ops.Call, lo, hi int) {
		z, src := rawBytes(&c.Out[0]), rawBytes(&c.In[2])
		index := Data[int64](&c.In[1])[:rows]
		for lo < hi {
			o, from := lo/inner, lo%inner
			to := min(inner, from+hi-lo)
			for j, k := range index {
				copy(z[(o*limit+int(k))*inner:][from:to], src[(o*rows+j)*inner:][from:to])
			}
			lo += to - from
		}
	}
	grain := max(64, 4*cheapGrain/rows)
	return func(x *Ctx, c *ops.Call) error {
		if err := checkIndices(c.Op, Data[int64](&c.In[1])[:rows], limit); err != nil {
			return err
		}
		x.Parallel(c, outer*inner, grain, body)
		return nil
	}, 0, nil
}

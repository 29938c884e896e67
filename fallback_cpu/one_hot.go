package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("one_hot", Kernel{Plan: planOneHot}) }

func planOneHot(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.Out[0].DType {
	case ops.F32:
		return planOneHotOf[float32](c)
	case ops.F64:
		return planOneHotOf[float64](c)
	case ops.I32:
		return planOneHotOf[int32](c)
	case ops.I64:
		return planOneHotOf[int64](c)
	}
	return unsupported(c.Out[0].DType)
}

func planOneHotOf[T number](c *ops.Call) (Run, int, error) {
	classes, n := c.Attr.(ops.OneHotAttr).Classes, c.In[0].Len()
	body := func(c *ops.Call, lo, hi int) {
		z, index := Data[T](&c.Out[0]), Data[int64](&c.In[0])
		clear(z[lo*classes : hi*classes])
		for r := lo; r < hi; r++ {
			z[r*classes+int(index[r])] = 1
		}
	}
	grain := max(1, cheapGrain/classes)
	return func(x *Ctx, c *ops.Call) error {
		if err := checkIndices(c.Op, Data[int64](&c.In[0])[:n], classes); err != nil {
			return err
		}
		x.Parallel(c, n, grain, body)
		return nil
	}, 0, nil
}

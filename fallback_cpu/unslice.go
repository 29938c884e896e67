package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("unslice", Kernel{Plan: planUnslice}) }

// planUnslice clears the output, then copies into the slice of it.
func planUnslice(c *ops.Call) (Run, int, error) {
	out := ops.DenseView(c.Out[0].Spec, nil)
	dst := ops.Lookup("slice").View(out, c.Attr.(ops.UnsliceAttr).Slice)
	dst.Shape, dst.Rank = c.In[0].Shape, c.In[0].Rank
	total, n := out.Len(), c.In[0].Len()
	body := moveBody(&dst, &c.In[0], outAndIn(0))
	return func(x *Ctx, c *ops.Call) error {
		x.Parallel(c, total, cheapGrain, zeroBody)
		x.Parallel(c, n, cheapGrain, body)
		return nil
	}, 0, nil
}

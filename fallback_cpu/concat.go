package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("concat", Kernel{Plan: planConcat}) }

// planConcat copies one input after the other into its part of the output.
func planConcat(c *ops.Call) (Run, int, error) {
	dim := c.Attr.(ops.ConcatAttr).Dim
	bodies, lengths := make([]Body, len(c.In)), make([]int, len(c.In))
	dst := ops.DenseView(c.Out[0].Spec, nil)
	for i := range c.In {
		dst.Shape = c.In[i].Shape
		bodies[i], lengths[i] = moveBody(&dst, &c.In[i], outAndIn(i)), c.In[i].Len()
		dst.Offset += c.In[i].Shape[dim] * dst.Strides[dim]
	}
	return func(x *Ctx, c *ops.Call) error {
		for i, body := range bodies {
			x.Parallel(c, lengths[i], cheapGrain, body)
		}
		return nil
	}, 0, nil
}

package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("contiguous", Kernel{Plan: planContiguous}) }

func planContiguous(c *ops.Call) (Run, int, error) {
	dst := ops.DenseView(c.Out[0].Spec, nil)
	return parallelRun(dst.Len(), cheapGrain, moveBody(&dst, &c.In[0], outAndIn(0)))
}

package cpu

import "github.com/tuff-ml/tuff/ops"

// Optimizer steps work on lists of n tensors: inputs are the rate, the step
// count, then list after list. All lists count as one long row of elements, so
// that many small tensors are spread over the cores like one large one.

// planStep runs f on runs of neighbouring elements within one tensor, for each
// list a slice.
func planStep[T float](c *ops.Call, n, lists int, f func(c *ops.Call, v [maxLists][]T)) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	ends := make([]int, n) // where tensor i ends in the long row
	total := 0
	for i := range n {
		total += c.In[2+i].Len()
		ends[i] = total
	}
	body := func(c *ops.Call, lo, hi int) {
		i := 0
		for ends[i] <= lo {
			i++
		}
		for ; lo < hi; i++ {
			start := 0
			if i > 0 {
				start = ends[i-1]
			}
			end := min(hi, ends[i])
			var v [maxLists][]T
			for l := range lists {
				v[l] = Data[T](&c.In[2+l*n+i])[lo-start : end-start]
			}
			f(c, v)
			lo = end
		}
	}
	return parallelRun(total, cheapGrain/4, body)
}

const maxLists = 4

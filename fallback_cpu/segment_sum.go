package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("segment_sum", Kernel{Plan: planSegmentSum}) }

func planSegmentSum(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	switch c.Out[0].DType {
	case ops.F32:
		return planSegments[float32](c)
	case ops.F64:
		return planSegments[float64](c)
	case ops.I32:
		return planSegments[int32](c)
	case ops.I64:
		return planSegments[int64](c)
	}
	return unsupported(c.Out[0].DType)
}

// planSegments sorts the rows by segment, counting, and then adds them up in
// order: segments in parallel, or columns where there are more of them.
func planSegments[T number](c *ops.Call) (Run, int, error) {
	n, segments := c.In[1].Len(), c.Out[0].Shape[0]
	cols := c.Out[0].Len() / segments
	add := func(c *ops.Call, s0, s1, c0, c1 int) {
		src, y := Data[T](&c.In[0]), Data[T](&c.Out[0])
		ends, order := segmentTables(c, segments, n)
		for s := s0; s < s1; s++ {
			at := 0
			if s > 0 {
				at = ends[s-1]
			}
			sum := y[s*cols+c0 : s*cols+c1]
			clear(sum)
			for _, j := range order[at:ends[s]] {
				for i, v := range src[j*cols+c0 : j*cols+c1] {
					sum[i] += v
				}
			}
		}
	}
	bySegment := func(c *ops.Call, lo, hi int) { add(c, lo, hi, 0, cols) }
	byColumn := func(c *ops.Call, lo, hi int) { add(c, 0, segments, lo, hi) }
	return func(x *Ctx, c *ops.Call) error {
		ids := Data[int64](&c.In[1])[:n]
		if err := checkIndices(c.Op, ids, segments); err != nil {
			return err
		}
		ends, order := segmentTables(c, segments, n)
		segmentOrder(ids, ends, order)
		if cols > segments {
			x.Parallel(c, cols, max(16, cheapGrain/n), byColumn)
		} else {
			x.Parallel(c, segments, max(1, cheapGrain*segments/(n*cols+segments)), bySegment)
		}
		return nil
	}, 8 * (segments + n), nil
}

// segmentTables are the scratch memory: where each segment ends in order, and
// the rows' numbers by segment.
func segmentTables(c *ops.Call, segments, n int) (ends, order []int) {
	t := Data[int](&c.Scratch)
	return t[:segments], t[segments : segments+n]
}

// segmentOrder is a counting sort of the ids.
func segmentOrder(ids []int64, ends, order []int) {
	clear(ends)
	for _, s := range ids {
		ends[s]++
	}
	sum := 0
	for s, k := range ends {
		ends[s] = sum
		sum += k
	}
	for j, s := range ids { // each start moves on to its end
		order[ends[s]] = j
		ends[s]++
	}
}

package kernels

import (
	"math/bits"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("segment_sum", Kernel{Plan: planSegmentSum}) }

// segmentWindow is how many rows of a segment one dispatch adds: an invocation
// also goes round the two bisections that find the segment, at most 32 times
// each, and the limit is on the sum of all loops with their last tests.
func segmentWindow(info *gpu.Info, n int) int {
	if most := info.Limits.MaxLoop; most > 0 {
		return min(n, most-128)
	}
	return n
}

// planSegmentSum checks the ids, sorts them by as many bits as segments have,
// and gives each element of the result an invocation.
func planSegmentSum(info *gpu.Info, c *ops.Call) (*Plan, error) {
	src, ids, y := &c.In[0], &c.In[1], &c.Out[0]
	n, segments := ids.Len(), y.Shape[0]
	cols := y.Len() / segments
	r := newRadix(&ids.Spec, 0, false)
	r.bits = max(1, bits.Len(uint(segments-1)))
	if err := r.check(); err != nil {
		return nil, err
	}
	if segments >= 1<<31 || y.Len() >= 1<<32 {
		return nil, unsupported("segment_sum to %v; wanted less than 2³¹ segments and 2³² elements", y.Spec)
	}
	sort, at, err := r.passes(info, 1, false)
	if err != nil {
		return nil, err
	}
	size := groupSize(info)
	local := spec(shaders.SegmentSumSpecLocalX, uint32(size))
	check, err := program(info, "segment_sum.check", local)
	if err != nil {
		return nil, err
	}
	sum, err := program(info, "segment_sum."+storage(src.DType), local, wideSpec(src.Len(), y.Len()))
	if err != nil {
		return nil, err
	}
	block := shaders.SegmentSumPush{Code: FaultCode("segment_sum"), N: uint32(n), Segments: uint32(segments), Cols: uint32(cols)}
	push := func(first, last int) func(a *Args, dst []byte) []byte {
		b := block
		b.First, b.Last = uint32(first), uint32(last)
		return func(a *Args, dst []byte) []byte {
			q := b
			q.Src, q.Ids, q.Y, q.Fault = a.In(0), a.In(1), a.Out(0), a.Fault()
			q.Keys, q.Order = a.Scratch()+uint64(at.keys), a.Scratch()+uint64(at.order)
			return q.Append(dst)
		}
	}
	plan := &Plan{Scratch: sort.Scratch}
	plan.Steps = append(plan.Steps, Step{Program: check, Grid: Grid(info, Groups(n, size)), Push: push(0, 0), Bytes: float64(8 * n)})
	plan.Steps = append(plan.Steps, sort.Steps...)
	for first, most := 0, segmentWindow(info, n); first < n; first += most {
		plan.Steps = append(plan.Steps, Step{
			Program: sum, Grid: Grid(info, Groups(y.Len(), size)), Push: push(first, min(first+most, n)),
			Bytes: float64(src.Bytes()+y.Bytes()) + float64(8*bits.Len(uint(n))*y.Len()),
		})
	}
	return plan, nil
}

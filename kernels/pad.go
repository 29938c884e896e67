package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() {
	Register("pad", One(planPad))
	Register("pad_grad", One(planPadGrad))
}

// padBlock is the geometry of a pad: its dimensions, of which neighbours that
// are not padded are merged, and their number.
func padBlock(x, y *ops.Spec, a *ops.PadAttr) (b shaders.PadPush, rank int) {
	n, m, before := [ops.MaxRank]int{1}, [ops.MaxRank]int{1}, [ops.MaxRank]int{}
	for i := range x.Rank {
		plain := a.Before[i] == 0 && a.After[i] == 0
		if last := rank - 1; plain && last >= 0 && before[last] == 0 && n[last] == m[last] {
			n[last] *= x.Shape[i]
			m[last] *= y.Shape[i]
			continue
		}
		n[rank], m[rank], before[rank] = x.Shape[i], y.Shape[i], a.Before[i]
		rank++
	}
	for i := range n {
		b.Size[i], b.Shape[i], b.Before[i] = uint32(n[i]), uint32(m[i]), int32(before[i])
	}
	return b, max(rank, 1)
}

// padLimit is the size of a dimension, and of all together, that the shader
// counts in 32 bits with a sign: places go up to twice a dimension.
const padLimit = 1 << 30

// planPad is one thread for each element of the result.
func planPad(info *gpu.Info, c *ops.Call) (Step, error) {
	a, x, y := c.Attr.(ops.PadAttr), &c.In[0], &c.Out[0]
	if x.Len() >= padLimit || y.Len() >= padLimit {
		return Step{}, unsupported("pad of %v to %v; wanted less than 2³⁰ elements", x.Spec, y.Spec)
	}
	block, rank := padBlock(&x.Spec, &y.Spec, &a)
	n, d, size := y.Len(), y.DType, groupSize(info)
	block.Count = uint32(n)
	prog, err := program(info, "pad.move_"+sized(d), spec(shaders.PadSpecLocalX, uint32(size)), spec(shaders.PadSpecRank, uint32(rank)),
		spec(shaders.PadSpecMode, uint32(a.Mode)), wideSpec(n, x.Len()))
	return Step{Program: prog, Grid: Grid(info, Groups(n, size)), Push: func(args *Args, dst []byte) []byte {
		b := block
		b.X, b.Y, b.Value = args.In(0), args.Out(0), pattern(d, args.Const(0))
		return b.Append(dst)
	}}, err
}

// planPadGrad is one thread for each element of the result.
func planPadGrad(info *gpu.Info, c *ops.Call) (Step, error) {
	a, x, y := c.Attr.(ops.PadGradAttr), &c.In[0], &c.Out[0]
	if x.Len() >= padLimit || y.Len() >= padLimit {
		return Step{}, unsupported("pad_grad of %v to %v; wanted less than 2³⁰ elements", x.Spec, y.Spec)
	}
	if a.Mode == ops.PadReplicate {
		if err := loopsFit(info, max(a.Before, a.After)); err != nil {
			return Step{}, err
		}
	}
	n, size := y.Len(), groupSize(info)
	block := shaders.PadPush{Count: uint32(n), Shape: [8]uint32{1, uint32(x.Shape[a.Dim]), 1}, Size: [8]uint32{0, uint32(y.Shape[a.Dim])}}
	block.Before[1] = int32(a.Before)
	for i := range x.Rank {
		switch {
		case i < a.Dim:
			block.Shape[0] *= uint32(x.Shape[i])
		case i > a.Dim:
			block.Shape[2] *= uint32(x.Shape[i])
		}
	}
	prog, err := program(info, "pad.grad_"+storage(y.DType), spec(shaders.PadSpecLocalX, uint32(size)), spec(shaders.PadSpecMode, uint32(a.Mode)),
		wideSpec(n, x.Len()))
	return Step{Program: prog, Grid: Grid(info, Groups(n, size)), Push: func(args *Args, dst []byte) []byte {
		b := block
		b.X, b.Y = args.In(0), args.Out(0)
		return b.Append(dst)
	}}, err
}

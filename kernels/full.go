package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/internal/f16"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("full", Kernel{Plan: planFull}) }

// planFull fills in bytes, so that one program serves every dtype.
func planFull(info *gpu.Info, c *ops.Call) (*Plan, error) {
	y := &c.Out[0]
	if !y.Dense() || !aligned16(y) {
		return nil, unsupported("full into a view that is not dense and aligned to 16 bytes")
	}
	p, err := program(info, "full", spec(shaders.FullSpecLocalX, uint32(groupSize(info))))
	if err != nil {
		return nil, err
	}
	d, out := y.DType, &Plan{}
	for _, s := range spans(y.Bytes()) {
		out.Steps = append(out.Steps, Step{
			Program: p, Grid: elementGrid(info, Groups(s.n, 16)),
			Push: func(a *Args, dst []byte) []byte {
				b := shaders.FullPush{Y: a.Out(0) + uint64(s.at), Pattern: pattern(d, a.Const(0)), N: uint32(s.n)}
				return b.Append(dst)
			},
		})
	}
	return out, nil
}

// pattern is 8 bytes of elements side by side, each the constant in dtype d.
func pattern(d ops.DType, c float64) [2]uint32 {
	var b [2]uint32
	switch d {
	case ops.F16:
		b[0] = uint32(f16.FromFloat64(c))
	case ops.BF16:
		b[0] = uint32(f16.BFromFloat64(c))
	default:
		b = constBits(d, c)
	}
	switch d.Size() {
	case 1:
		b[0] &= 0xff
		b[0] |= b[0] << 8
		b[0] |= b[0] << 16
	case 2:
		b[0] |= b[0] << 16
	case 8:
		return b
	}
	b[1] = b[0]
	return b
}

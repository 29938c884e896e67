package kernels

import (
	"math"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("arange", Kernel{Plan: planArange}) }

func planArange(info *gpu.Info, c *ops.Call) (*Plan, error) {
	y := &c.Out[0]
	switch n := y.Len(); {
	case !y.Dense():
		return nil, unsupported("arange into a view that is not dense")
	case n > 1<<31:
		return nil, unsupported("arange of %d elements; wanted at most 2³¹", n)
	}
	d := y.DType
	p, err := program(info, "arange."+storage(d), spec(shaders.ArangeSpecLocalX, uint32(groupSize(info))))
	if err != nil {
		return nil, err
	}
	out := &Plan{}
	for _, s := range spans(y.Len()) {
		out.Steps = append(out.Steps, Step{
			Program: p, Grid: elementGrid(info, s.n), Flops: 50 * float64(s.n),
			Push: func(a *Args, dst []byte) []byte {
				b := shaders.ArangePush{Y: a.Out(0) + uint64(s.at*d.Size()), C: twoConsts(d, a), First: uint32(s.at), N: uint32(s.n)}
				if d == ops.F32 {
					b.C[1], b.C[3] = restBits(a.Const(0)), restBits(a.Const(1))
				}
				return b.Append(dst)
			},
		})
	}
	return out, nil
}

// restBits is what float32 leaves of c, as a float32.
func restBits(c float64) uint32 {
	high := float64(float32(c))
	if math.IsInf(high, 0) || c != c {
		return 0
	}
	return math.Float32bits(float32(c - high))
}

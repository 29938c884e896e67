package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("rand_reserve", One(planRandReserve)) }

func planRandReserve(info *gpu.Info, c *ops.Call) (Step, error) {
	prog, err := program(info, "rand_reserve")
	blocks := words(uint64(c.Attr.(ops.ReserveAttr).Blocks))
	return Step{
		Program: prog, Grid: [3]uint32{1, 1, 1},
		Uses: []Use{{Role: Out, Write: true}, {Role: Out, Index: 1, Write: true}},
		Push: func(a *Args, dst []byte) []byte {
			b := shaders.RandReservePush{State: a.Out(1), Old: a.Out(0), BlocksLow: blocks[0], BlocksHigh: blocks[1]}
			return b.Append(dst)
		},
	}, err
}

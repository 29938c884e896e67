package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("dropout", Kernel{Plan: planDropout}) }

// planDropout is one thread for each block of four words.
func planDropout(info *gpu.Info, c *ops.Call) (*Plan, error) {
	x := &c.In[0]
	d := x.DType
	size := groupSize(info)
	prog, err := program(info, "dropout."+storage(d), spec(shaders.DropoutSpecLocalX, uint32(size)))
	if err != nil {
		return nil, err
	}
	out := &Plan{}
	for _, s := range spans(x.Len()) {
		first, off := words(uint64(s.at/4)), uint64(s.at*d.Size())
		n := s.n
		out.Steps = append(out.Steps, Step{Program: prog, Grid: Grid(info, Groups(Groups(n, 4), size)), Push: func(a *Args, dst []byte) []byte {
			b := shaders.DropoutPush{
				X: a.In(0) + off, State: a.In(1), Y: a.Out(0) + off, FirstLow: first[0], FirstHigh: first[1], Count: uint32(n),
				Below: bits24(a.Const(0)), Scale: constBits(d, 1/(1-a.Const(0))),
			}
			return b.Append(dst)
		}})
	}
	return out, nil
}

package main

import (
	_ "embed"
	"encoding/binary"
	"fmt"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/kernels"
	"github.com/tuff-ml/tuff/ops"
)

//go:generate sh compile.sh

//go:embed hard_swish.spv
var spirv []byte

func init() { kernels.Register(opName, kernels.One(planVulkan)) }

// groupSize is the number of threads in a workgroup, which every device has.
const groupSize = 128

// planVulkan is a pure function of device and call: program, grid, push
// constants. The block is the shader's: two addresses and n.
func planVulkan(info *gpu.Info, c *ops.Call) (kernels.Step, error) {
	n := c.Out[0].Len()
	if c.In[0].DType != ops.F32 || n >= 1<<31 {
		return kernels.Step{}, fmt.Errorf("%w: wanted f32 and less than 2³¹ elements, got %v", ops.ErrUnsupported, c.In[0].Spec)
	}
	return kernels.Step{
		Program: gpu.Program{Name: "hard_swish", SPIRV: spirv, PushBytes: 24, Spec: []gpu.SpecConst{{ID: 0, Value: groupSize}}},
		Grid:    kernels.Grid(info, kernels.Groups(n, groupSize)),
		Flops:   4 * float64(n),
		Push: func(a *kernels.Args, dst []byte) []byte {
			dst = binary.LittleEndian.AppendUint64(dst, a.In(0))
			dst = binary.LittleEndian.AppendUint64(dst, a.Out(0))
			dst = binary.LittleEndian.AppendUint32(dst, uint32(n))
			return binary.LittleEndian.AppendUint32(dst, 0) // a block is as long as a multiple of its addresses
		},
	}, nil
}

package kernels

import (
	"math/bits"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("permutation", Kernel{Plan: planPermutation}) }

// sortPass is one dispatch of the sorting network: kind "block", "step" or
// "merge", in the stage that makes sorted runs of run pairs. A step compares
// levels strides from stride downwards.
type sortPass struct {
	kind                string
	run, stride, levels int
	last                bool
}

// sortLevels is the most strides that one step compares in registers.
const sortLevels = 3

// sortPasses are those for size pairs, in blocks sorted in shared memory; both
// are powers of two.
func sortPasses(size, block int) []sortPass {
	out := []sortPass{{kind: "block"}}
	for run := 2 * block; run <= size; run *= 2 {
		for s := run / 2; s >= block; {
			levels := min(sortLevels, bits.Len(uint(s/block)))
			out = append(out, sortPass{kind: "step", run: run, stride: s, levels: levels})
			s >>= levels
		}
		out = append(out, sortPass{kind: "merge", run: run})
	}
	out[len(out)-1].last = true
	return out
}

// sortBlock is how many pairs of 8 bytes a workgroup sorts in shared memory.
func sortBlock(l *gpu.Limits) int {
	b := 2048
	for b*8 > l.MaxSharedMemory {
		b /= 2
	}
	return b
}

func planPermutation(info *gpu.Info, c *ops.Call) (*Plan, error) {
	n := c.Out[0].Len()
	if n > 1<<30 {
		return nil, unsupported("a permutation of %d; wanted at most 2³⁰", n)
	}
	block := sortBlock(&info.Limits)
	size := block
	for size < n {
		size *= 2
	}
	out := &Plan{}
	if size > block {
		out.Scratch = 8 * size
	}
	threads := groupSize(info)
	for _, p := range sortPasses(size, block) {
		prog, err := program(info, "permutation."+p.kind, spec(shaders.PermutationSpecLocalX, uint32(threads)),
			spec(shaders.PermutationSpecBlock, uint32(block)), spec(shaders.PermutationSpecLevels, uint32(max(1, p.levels))))
		if err != nil {
			return nil, err
		}
		work, groups := size/block, size/block
		if p.kind == "step" {
			work = size >> p.levels
			groups = Groups(work, threads)
		}
		out.Steps = append(out.Steps, p.step(prog, Grid(info, groups), n, work, out.Scratch))
	}
	return out, nil
}

// step is the dispatch of a pass over work groups or, of "step", threads.
func (p sortPass) step(prog gpu.Program, grid [3]uint32, n, work, scratch int) Step {
	block := shaders.PermutationPush{N: uint32(n), Threads: uint32(work), Run: uint32(p.run), Stride: uint32(p.stride)}
	var uses []Use
	if p.kind == "block" {
		uses = append(uses, Use{Role: In})
	}
	if scratch > 0 {
		uses = append(uses, Use{Role: Scratch, Write: true})
	}
	if p.last {
		block.Last = 1
		uses = append(uses, Use{Role: Out, Write: true})
	}
	return Step{Program: prog, Grid: grid, Uses: uses, Bytes: 16 * float64(n), Push: func(a *Args, dst []byte) []byte {
		b := block
		b.State, b.Y = a.In(0), a.Out(0)
		if scratch > 0 {
			b.Pairs = a.Scratch()
		}
		return b.Append(dst)
	}}
}

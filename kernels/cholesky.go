package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("cholesky", One(planCholesky)) }

// choleskyRow is how many threads of cholesky.comp lie in a row.
const choleskyRow = 16

// chooseCholesky gives the workgroup size for matrices [d, d] with elements of
// size bytes, and whether a lower triangle fits shared memory beside a column.
// Not even a column may fit.
func chooseCholesky(info *gpu.Info, d, size int) (group int, held bool, err error) {
	shared := info.Limits.MaxSharedMemory
	if d*size > shared {
		return 0, false, unsupported("cholesky of matrices with %d rows; wanted at most %d, a column in shared memory", d, shared/size)
	}
	group = min(teamGroup(info), choleskyRow*powerOver(d))
	if group < choleskyRow {
		return 0, false, unsupported("cholesky in workgroups of %d; wanted %d or more", group, choleskyRow)
	}
	return group, (d*(d+1)/2+d)*size <= shared, nil
}

func planCholesky(info *gpu.Info, c *ops.Call) (Step, error) {
	a := &c.In[0]
	if !a.Dense() {
		return Step{}, needsDense(a.Rank)
	}
	if a.Len() > 1<<31 {
		return Step{}, unsupported("cholesky of %v; wanted at most 2³¹ elements", a.Spec)
	}
	d := a.Shape[a.Rank-1]
	group, keep, err := chooseCholesky(info, d, a.DType.Size())
	if err != nil {
		return Step{}, err
	}
	if info.Limits.MaxLoop > 0 { // tiles of the rows that each column leaves, and what is about them
		rounds, rows := 0, group/choleskyRow
		for k := range d {
			rounds += Groups(d-k, rows)*(1+Groups(d-k, choleskyRow)) + Groups(d-k, group) + 1
		}
		if err := loopsFit(info, rounds+2*Groups(d, rows)*(1+Groups(d, choleskyRow))); err != nil {
			return Step{}, err
		}
	}
	held := 0
	if keep {
		held = d * (d + 1) / 2
	}
	prog, err := program(info, "cholesky."+storage(a.DType), spec(shaders.CholeskySpecLocalX, uint32(group)),
		spec(shaders.CholeskySpecColumn, uint32(d)), spec(shaders.CholeskySpecHeld, uint32(held)))
	groups := a.Len() / (d * d)
	block := shaders.CholeskyPush{D: uint32(d), Groups: uint32(groups)}
	return Step{
		Program: prog, Grid: Grid(info, groups), Flops: float64(a.Len()) * float64(d) / 3,
		Push: func(a *Args, dst []byte) []byte {
			b := block
			b.A, b.L = a.In(0), a.Out(0)
			return b.Append(dst)
		},
	}, err
}

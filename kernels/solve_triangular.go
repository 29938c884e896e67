package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("solve_triangular", One(planSolveTriangular)) }

// triangularPlan is how threads share the systems of solve_triangular.comp.
type triangularPlan struct {
	group, cols int
	held        bool // the columns fit shared memory
}

// Columns that a workgroup solves at once: as many as fit shared memory, but
// fewer than fewColumns only where there are no more.
const (
	mostColumns = 16
	fewColumns  = 4
)

// chooseTriangular plans systems of d equations with n right sides each, in
// elements of size bytes.
func chooseTriangular(info *gpu.Info, d, n, size int) triangularPlan {
	group := teamGroup(info)
	p := triangularPlan{cols: min(powerOver(n), mostColumns, group)}
	fits := func(cols int) bool { return d*cols*size <= info.Limits.MaxSharedMemory }
	for cols := p.cols; cols >= 1 && !p.held; cols /= 2 {
		if fits(cols) && (cols >= fewColumns || cols == p.cols) {
			p.cols, p.held = cols, true
		}
	}
	p.group = min(group, p.cols*powerOver(d))
	return p
}

// powerOver is the least power of two that is at least n.
func powerOver(n int) int {
	p := 1
	for p < n {
		p *= 2
	}
	return p
}

func planSolveTriangular(info *gpu.Info, c *ops.Call) (Step, error) {
	for i := range c.In {
		if !c.In[i].Dense() {
			return Step{}, needsDense(c.In[i].Rank)
		}
	}
	a, x, attr := &c.In[0], &c.Out[0], c.Attr.(ops.TriangularAttr)
	d, n := x.Shape[x.Rank-2], x.Shape[x.Rank-1]
	if a.Len() > 1<<31 || x.Len() > 1<<31 {
		return Step{}, unsupported("solve_triangular of %v and %v; wanted at most 2³¹ elements", a.Spec, x.Spec)
	}
	t := chooseTriangular(info, d, n, x.DType.Size())
	lanes := t.group / t.cols
	if err := loopsFit(info, 3*d+d*d/(2*lanes)+2*Groups(d, lanes)); err != nil {
		return Step{}, err
	}
	held := 0
	if t.held {
		held = d * t.cols
	}
	prog, err := program(info, "solve_triangular."+storage(x.DType),
		spec(shaders.SolveTriangularSpecLocalX, uint32(t.group)), spec(shaders.SolveTriangularSpecUpper, bit(attr.Upper)),
		spec(shaders.SolveTriangularSpecUnit, bit(attr.Unit)), spec(shaders.SolveTriangularSpecTranspose, bit(attr.Transpose)),
		spec(shaders.SolveTriangularSpecCols, uint32(t.cols)), spec(shaders.SolveTriangularSpecHeld, uint32(held)))
	blocks := Groups(n, t.cols)
	groups := a.Len() / (d * d) * blocks
	block := shaders.SolveTriangularPush{D: uint32(d), N: uint32(n), Blocks: uint32(blocks), Groups: uint32(groups)}
	return Step{
		Program: prog, Grid: Grid(info, groups), Flops: float64(x.Len()) * float64(d),
		Push: func(a *Args, dst []byte) []byte {
			b := block
			b.A, b.B, b.X = a.In(0), a.In(1), a.Out(0)
			return b.Append(dst)
		},
	}, err
}

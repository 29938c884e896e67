package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("qr", One(planQR)) }

// qrTeam is how many threads of qr.comp share a column.
const qrTeam = 16

// qrPlan is how qr.comp factors matrices.
type qrPlan struct {
	group  int
	held   bool // the matrix fits shared memory
	rounds int  // of loops, about
}

// chooseQR plans matrices [m, n] with elements of size bytes.
func chooseQR(info *gpu.Info, m, n, size int) (qrPlan, error) {
	p := qrPlan{group: min(teamGroup(info), qrTeam*powerOver(n))}
	if p.group < qrTeam {
		return p, unsupported("qr in workgroups of %d; wanted %d or more", p.group, qrTeam)
	}
	shared := info.Limits.MaxSharedMemory/size - p.group - n
	if shared < 1 {
		return p, unsupported("qr of matrices with %d columns; %s has %d bytes of shared memory", n, info.Name, info.Limits.MaxSharedMemory)
	}
	p.held = m*n <= shared
	rows := Groups(m, qrTeam)
	for k := range n {
		p.rounds += 2*Groups(n-k, p.group/qrTeam)*(2*rows+qrTeam+3) + 4*rows + qrTeam + Groups(n, p.group) + 5
	}
	p.rounds += 2 * Groups(m*n, p.group)
	return p, nil
}

func planQR(info *gpu.Info, c *ops.Call) (Step, error) {
	a := &c.In[0]
	if !a.Dense() {
		return Step{}, needsDense(a.Rank)
	}
	if a.Len() > 1<<31 {
		return Step{}, unsupported("qr of %v; wanted at most 2³¹ elements", a.Spec)
	}
	m, n := a.Shape[a.Rank-2], a.Shape[a.Rank-1]
	t, err := chooseQR(info, m, n, a.DType.Size())
	if err != nil {
		return Step{}, err
	}
	if err := loopsFit(info, t.rounds); err != nil {
		return Step{}, err
	}
	held := 0
	if t.held {
		held = m * n
	}
	prog, err := program(info, "qr."+storage(a.DType), spec(shaders.QrSpecLocalX, uint32(t.group)),
		spec(shaders.QrSpecColumns, uint32(n)), spec(shaders.QrSpecHeld, uint32(held)))
	groups := a.Len() / (m * n)
	block := shaders.QrPush{M: uint32(m), N: uint32(n), Groups: uint32(groups)}
	return Step{
		Program: prog, Grid: Grid(info, groups), Flops: 4 * float64(a.Len()) * float64(n),
		Push: func(a *Args, dst []byte) []byte {
			b := block
			b.A, b.Q, b.R = a.In(0), a.Out(0), a.Out(1)
			return b.Append(dst)
		},
	}, err
}

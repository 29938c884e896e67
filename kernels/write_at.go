package kernels

import (
	"fmt"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("write_at", Kernel{Plan: planWriteAt}) }

// writeScan is the most rows for which every element looks itself whether a
// later row has its index. More go through a table of the last row for each
// index, in scratch memory.
const writeScan = 32

func planWriteAt(info *gpu.Info, c *ops.Call) (*Plan, error) {
	x, idx, src := &c.In[0], &c.In[1], &c.In[2]
	dim := c.Attr.(ops.IndexAttr).Dim
	if !x.Dense() {
		return nil, unsupported("a strided destination")
	}
	bytes := x.DType.Size()
	for _, s := range x.Shape[dim+1 : x.Rank] {
		bytes *= s
	}
	unit := moveUnit(bytes, x.Offset*x.DType.Size(), src.Offset*src.DType.Size())
	n, rows, count := x.Shape[dim], idx.Shape[0], src.Bytes()/unit
	if n >= 1<<31 || rows >= 1<<31 || count >= 1<<32 || x.Bytes()/unit >= 1<<32 {
		return nil, unsupported("write_at of %v into %v; wanted less than 2³² units", src.Spec, x.Spec)
	}
	w := writeAt{info: info, n: n, rows: rows, inner: bytes / unit, data: fmt.Sprintf("b%d", unit), wide: wideSpec(x.Bytes()/unit, count), err: new(error)}
	elements := []Use{{Role: In, Index: 1}, {Role: In, Index: 2}, {Role: Out, Write: true}}
	if rows <= writeScan {
		return &Plan{Steps: []Step{w.step("scan_"+w.data, count, elements)}}, *w.err
	}
	table := Use{Role: Scratch, Write: true}
	return &Plan{Scratch: 4 * n, Steps: []Step{
		w.step("clear", n, []Use{table}),
		w.step("mark", rows, []Use{table, {Role: In, Index: 1}}),
		w.step("copy_"+w.data, count, append(elements, Use{Role: Scratch})),
	}}, *w.err
}

// moveUnit is the largest unit, in bytes, that divides all of them.
func moveUnit(bytes ...int) int {
	for u := 16; u > 1; u /= 2 {
		ok := true
		for _, b := range bytes {
			ok = ok && b%u == 0
		}
		if ok {
			return u
		}
	}
	return 1
}

type writeAt struct {
	info           *gpu.Info
	n, rows, inner int
	data           string
	wide           gpu.SpecConst
	err            *error
}

func (w writeAt) step(variant string, threads int, uses []Use) Step {
	size := groupSize(w.info)
	prog, err := program(w.info, "write_at."+variant, spec(shaders.WriteAtSpecLocalX, uint32(size)), w.wide)
	if err != nil {
		*w.err = err
	}
	block := shaders.WriteAtPush{
		Code: FaultCode("write_at"), N: uint32(w.n), Rows: uint32(w.rows), Inner: uint32(w.inner), Count: uint32(threads),
	}
	table := w.rows > writeScan
	return Step{Program: prog, Grid: Grid(w.info, Groups(threads, size)), Uses: uses, Push: func(a *Args, dst []byte) []byte {
		b := block
		b.X, b.Idx, b.Src, b.Fault = a.Out(0), a.In(1), a.In(2), a.Fault()
		if table {
			b.Last = a.Scratch()
		}
		return b.Append(dst)
	}}
}

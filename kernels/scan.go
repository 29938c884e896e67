package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

// scanOps are the codes of scan.comp.
var scanOps = [...]ops.Op{"cumsum", "cumprod", "linear_scan"}

func init() {
	for i, op := range scanOps {
		Register(op, Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) { return planScan(info, c, uint32(i)) }})
	}
}

// scanHeld is how many elements a thread of scan.comp takes.
const scanHeld = 8

// scanLevel is one level of a scan: rows of n elements in chunks of team
// threads. The chunks of a level are the elements of the next.
type scanLevel struct {
	n, chunks, team int
	at              int // of its folds in the scratch memory, in bytes; the inputs and results have none
}

// chooseScan splits a dense tensor along dim; column: one thread a row.
func chooseScan(s *ops.Spec, dim, group int) (r rowPlan, column bool, levels []scanLevel) {
	r = chooseRows(s, dim, group, false)
	column = r.n <= singleLength || r.inner > 1 && r.outer*r.inner >= manyColumns && r.n <= longColumn
	at := 0
	for n := r.n; ; {
		l := scanLevel{n: n, team: 1, at: at}
		for l.team < group && l.team*scanHeld < n {
			l.team *= 2
		}
		l.chunks = Groups(n, l.team*scanHeld)
		levels = append(levels, l)
		if len(levels) > 1 {
			at += 2 * r.outer * r.inner * n * s.DType.Size()
		}
		if l.chunks == 1 || column {
			return r, column, levels
		}
		n = l.chunks
	}
}

func planScan(info *gpu.Info, c *ops.Call, code uint32) (*Plan, error) {
	for i := range c.In {
		if !c.In[i].Dense() {
			return nil, needsDense(c.In[i].Rank)
		}
	}
	x, a, group := &c.In[0], c.Attr.(ops.ScanAttr), teamGroup(info)
	if n := x.Len(); n > 1<<31 {
		return nil, unsupported("%s of a tensor of %d elements; wanted at most 2³¹", c.Op, n)
	}
	r, column, levels := chooseScan(&x.Spec, a.Dim, group)
	if column {
		if err := loopsFit(info, r.n); err != nil {
			return nil, err
		}
	}
	rows, size := r.outer*r.inner, x.DType.Size()
	p := &Plan{}
	if last := levels[len(levels)-1]; len(levels) > 1 {
		p.Scratch = last.at + 2*rows*last.n*size
	}
	step := func(stage, k int) error {
		s, err := scanStep(info, c, scanPass{code: code, stage: stage, level: k, column: column, rows: r}, levels)
		p.Steps = append(p.Steps, s)
		return err
	}
	for k := range len(levels) - 1 {
		if err := step(1, k); err != nil {
			return nil, err
		}
	}
	for k := len(levels) - 1; k >= 0; k-- {
		if err := step(0, k); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// scanPass is one dispatch: stage 1 writes the folds of a level's chunks to the
// next, stage 0 scans a level.
type scanPass struct {
	code         uint32
	stage, level int
	column       bool
	rows         rowPlan
}

func scanStep(info *gpu.Info, c *ops.Call, q scanPass, levels []scanLevel) (Step, error) {
	d, a, group, l := c.In[0].DType, c.Attr.(ops.ScanAttr), teamGroup(info), levels[q.level]
	rows, inputs := q.rows.outer*q.rows.inner, q.level == 0
	carry := q.stage == 0 && q.level+1 < len(levels)
	prog, err := program(info, "scan."+storage(d),
		spec(shaders.ScanSpecLocalX, uint32(group)), spec(shaders.ScanSpecOp, q.code), spec(shaders.ScanSpecTeam, uint32(l.team)),
		spec(shaders.ScanSpecStage, uint32(q.stage)), spec(shaders.ScanSpecLevel, bit(!inputs)), spec(shaders.ScanSpecCarry, bit(carry)),
		spec(shaders.ScanSpecReverse, bit(inputs && a.Reverse)), spec(shaders.ScanSpecExclusive, bit(!inputs || a.Exclusive)),
		spec(shaders.ScanSpecColumn, bit(q.column)))
	t := shaders.ScanPush{N: uint32(l.n), Inner: 1, Rows: uint32(rows), Chunks: uint32(l.chunks)}
	if inputs {
		t.Inner = uint32(q.rows.inner)
	}
	two := len(c.In) == 2
	half := func(k int) uint64 { return uint64(rows * levels[k].n * d.Size()) }
	push := func(args *Args, dst []byte) []byte {
		b := t
		if inputs {
			b.X, b.Y = args.In(0), args.Out(0)
			if two {
				b.W = args.In(1)
			}
		} else {
			b.X = args.Scratch() + uint64(l.at)
			b.W = b.X + half(q.level)
			b.Y, b.V = b.X, b.W
		}
		if q.stage == 1 || carry {
			next := args.Scratch() + uint64(levels[q.level+1].at)
			if carry {
				b.C, b.D = next, next+half(q.level+1)
			} else {
				b.Y, b.V = next, next+half(q.level+1)
			}
		}
		return b.Append(dst)
	}
	grid := Groups(rows*l.chunks*l.team, group)
	if q.column {
		grid = Groups(rows, group)
	}
	return Step{
		Program: prog, Grid: Grid(info, grid), Push: push, Uses: scanUses(q, len(c.In), len(levels) > 1), Flops: 20 * float64(rows*l.n),
	}, err
}

// scanUses are what a pass touches: inputs on level 0, the result in its last
// pass, and the folds between.
func scanUses(q scanPass, inputs int, folds bool) (uses []Use) {
	if q.level == 0 {
		for i := range inputs {
			uses = append(uses, Use{Role: In, Index: i})
		}
		if q.stage == 0 {
			uses = append(uses, Use{Role: Out, Write: true})
		}
	}
	if folds {
		uses = append(uses, Use{Role: Scratch, Write: q.stage == 1 || q.level > 0})
	}
	return uses
}

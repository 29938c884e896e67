package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

// foldCode is what reduce.comp does: its OP, what is done to each element
// before, and the root that is taken at last.
type foldCode struct{ op, mapped, root uint32 }

var reduceOps = map[ops.Op]foldCode{
	"sum": {op: 0}, "mean": {op: 1}, "max": {op: 2}, "var": {op: 3}, "logsumexp": {op: 4}, "argmax": {op: 5}, "min": {op: 6},
	"argmin": {op: 7}, "prod": {op: 8}, "count_nonzero": {op: 9}, "std": {op: 3, root: 1}, "any": {op: 2}, "all": {op: 6},
}

// normCodes are those of norm.
var normCodes = [...]foldCode{
	ops.NormPower: {0, 3, 2}, ops.NormOne: {0, 1, 0}, ops.NormTwo: {0, 2, 1}, ops.NormMax: {2, 1, 0}, ops.NormMin: {6, 1, 0}, ops.NormCount: {0, 4, 0},
}

func init() {
	for op, code := range reduceOps {
		Register(op, Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) { return planReduce(info, c, code) }})
	}
	Register("norm", Kernel{Plan: func(info *gpu.Info, c *ops.Call) (*Plan, error) {
		return planReduce(info, c, normCodes[c.Attr.(ops.ReduceAttr).Norm])
	}})
}

// folding is the geometry of a reduction: rows outputs of n elements each, and
// how threads share them, see reduce.comp.
type folding struct {
	kept, folded layout
	rows, n      int
	quads        bool // folded elements side by side, aligned in fours
	team         int  // threads on an item of the first dispatch
	parts, len   int  // pieces of a row and their length
	team2        int  // threads on a row of the second dispatch
}

// fold splits the dimensions of x.
func fold(x *ops.View, a ops.ReduceAttr) folding {
	kept, folded := *x, *x
	kept.Rank, folded.Rank = 0, 0
	for i := range x.Rank {
		v := &kept
		if a.Dims>>i&1 == 1 {
			v = &folded
		}
		v.Shape[v.Rank], v.Strides[v.Rank] = x.Shape[i], x.Strides[i]
		v.Rank++
	}
	f := folding{kept: walk(&kept.Spec, &kept), folded: walk(&folded.Spec, &folded)}
	f.rows, f.n = f.kept.len(), f.folded.len()
	f.quads = f.folded.rank == 1 && f.folded.inner(0) == 1 && aligned16(x)
	for _, s := range f.kept.strides[0][:f.kept.rank] {
		f.quads = f.quads && s%4 == 0
	}
	return f
}

// Tuning of reductions: enough items to fill a large GPU, pieces long enough
// that the second dispatch is small beside the first.
const (
	columnItems  = 1 << 16 // items of one thread
	columnPiece  = 128     // shortest piece of one thread
	teamItems    = 1 << 10 // items of a whole workgroup
	teamPiece    = 1 << 12 // shortest piece of a workgroup
	mergeTeam    = 32      // pieces from which on a workgroup merges a row
	smallTeam    = 8       // threads on a short row …
	middleTeam   = 32      // … and on a longer one
	singleLength = 16      // longest row of a single thread …
	smallLength  = 128     // … of a small team …
	middleLength = 2048    // … and of a middle one
)

// choose shares the work among threads. It depends on nothing but the geometry
// and the workgroup size, so the order of summation does too.
func (f *folding) choose(group int) {
	columns := f.rows > 1 && f.folded.inner(0) != 1 && f.kept.inner(0) != 0 && f.kept.inner(0) <= f.folded.inner(0)
	f.parts, f.team, f.team2 = 1, 1, 1
	switch {
	case columns:
		f.parts = min(Groups(columnItems, f.rows), max(1, f.n/columnPiece))
	case f.n <= singleLength:
	case f.n <= smallLength:
		f.team = min(smallTeam, group)
	case f.n <= middleLength:
		f.team = min(middleTeam, group)
	default:
		f.team = group
		f.parts = min(Groups(teamItems, f.rows), Groups(f.n, teamPiece))
	}
	f.len = (Groups(f.n, f.parts) + 3) &^ 3
	f.parts = Groups(f.n, f.len)
	if f.parts >= mergeTeam {
		f.team2 = group
	}
}

// teamGroup is the workgroup size of reductions: a power of two.
func teamGroup(info *gpu.Info) int {
	g := 1
	for g*2 <= groupSize(info) {
		g *= 2
	}
	return g
}

func planReduce(info *gpu.Info, c *ops.Call, code foldCode) (*Plan, error) {
	d, a := c.In[0].DType, c.Attr.(ops.ReduceAttr)
	f := fold(&c.In[0], a)
	for _, l := range []*layout{&f.kept, &f.folded} {
		if err := l.check(maxDims); err != nil {
			return nil, err
		}
	}
	if reach := f.kept.reach(0) + f.folded.reach(0) - 1; reach > 1<<31 || f.rows > 1<<31 {
		return nil, unsupported("a reduction of a tensor that spans %d elements; wanted at most 2³¹", reach)
	}
	group := teamGroup(info)
	f.choose(group)
	divisor := float64(f.n)
	if code.op == reduceOps["var"].op {
		divisor = max(0, float64(f.n-a.Correction))
	}
	t := shaders.ReducePush{
		Rows: uint32(f.rows), N: uint32(f.n), Len: uint32(f.len), Parts: uint32(f.parts), Divisor: constBits(d, divisor),
	}
	for i, l := range []*layout{&f.kept, &f.folded} {
		shape, stride := l.push4(&l.shape, 1), l.push4(&l.strides[0], 0)
		copy(t.Shape[4*i:], shape[:])
		copy(t.Stride[4*i:], stride[:])
	}
	items := f.parts * f.rows
	fields := (3*items*d.Size() + 3) &^ 3
	power := code.mapped == normCodes[ops.NormPower].mapped
	push := func(a *Args, dst []byte) []byte {
		b := t
		b.X, b.Y = a.In(0), a.Out(0)
		if power {
			b.Divisor = constBits(d, a.Const(0))
		}
		if f.parts > 1 {
			b.Part = a.Scratch()
			b.Index = b.Part + uint64(fields)
		}
		return b.Append(dst)
	}
	step := func(stage, team, items int, uses ...Use) (Step, error) {
		p, err := program(info, "reduce."+storage(d),
			spec(shaders.ReduceSpecLocalX, uint32(group)), spec(shaders.ReduceSpecOp, code.op),
			spec(shaders.ReduceSpecMap, code.mapped), spec(shaders.ReduceSpecRoot, code.root),
			spec(shaders.ReduceSpecTeam, uint32(team)), spec(shaders.ReduceSpecStage, uint32(stage)),
			spec(shaders.ReduceSpecQuads, bit(f.quads && stage < 2)),
			spec(shaders.ReduceSpecKept, uint32(max(1, f.kept.rank))), spec(shaders.ReduceSpecFolded, uint32(max(1, f.folded.rank))))
		return Step{Program: p, Grid: Grid(info, Groups(items*team, group)), Push: push, Uses: uses, Flops: 10 * float64(f.rows*f.n)}, err
	}
	x, y := Use{Role: In}, Use{Role: Out, Write: true}
	if f.parts == 1 {
		s, err := step(0, f.team, f.rows, x, y)
		return &Plan{Steps: []Step{s}}, err
	}
	first, err := step(1, f.team, items, x, Use{Role: Scratch, Write: true})
	if err != nil {
		return nil, err
	}
	second, err := step(2, f.team2, f.rows, Use{Role: Scratch}, y)
	second.Flops = 10 * float64(items)
	return &Plan{Steps: []Step{first, second}, Scratch: fields + 4*items}, err
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

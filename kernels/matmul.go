package kernels

import (
	"fmt"
	"math"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("matmul", Kernel{Plan: planMatMul}) }

// matrix is how one operand of a product lies: strides of rows, columns and
// three batch dimensions, in elements.
type matrix struct {
	row, col int
	batch    [3]int
	aligned  bool // begins at a multiple of 16 bytes
}

// product is the geometry of a batch of matrix products.
type product struct {
	m, n, k  int
	a, b     matrix
	batch    [3]int
	batches  int
	dtype    ops.DType
	act      ops.Activation
	bias     bool
	biasStep int
	wide     gpu.SpecConst
	swapped  bool // computes cᵀ = bᵀ·aᵀ: a is the call's second input
}

// planMatMul chooses between the tiled kernel, the thin one for n or m up to 4,
// and either of them split along k with a second pass that adds the parts.
func planMatMul(info *gpu.Info, c *ops.Call) (*Plan, error) {
	p, err := newProduct(c)
	if err != nil {
		return nil, err
	}
	if p.n <= thinMost || p.m <= thinMost {
		if p.n > thinMost || p.m < p.n {
			p.swap()
		}
		return p.planThin(info)
	}
	return p.planTiles(info, aligned16(&c.Out[0]))
}

func newProduct(c *ops.Call) (*product, error) {
	a, b, out := &c.In[0], &c.In[1], &c.Out[0]
	r := a.Rank
	p := &product{m: a.Shape[r-2], k: a.Shape[r-1], n: b.Shape[r-1], dtype: a.DType, act: c.Attr.(ops.MatMulAttr).Act}
	if len(c.In) == 3 {
		p.bias, p.biasStep = true, dimStride(&c.In[2], 0)
	}
	if !out.Dense() {
		return nil, unsupported("a product into a strided result")
	}
	lead := func(v *ops.View) *ops.View {
		w := &ops.View{Spec: ops.NewSpec(v.DType, v.Shape[:r-2]...)}
		copy(w.Strides[:], v.Strides[:r-2])
		return w
	}
	la, lb := lead(a), lead(b)
	l := walk(&la.Spec, la, lb)
	if l.rank > len(p.batch) {
		return nil, fmt.Errorf("kernels: %w: wanted at most %d batch dimensions after merging, got %d", ops.ErrDense, len(p.batch), l.rank)
	}
	p.a = matrix{row: dimStride(a, r-2), col: dimStride(a, r-1), aligned: aligned16(a)}
	p.b = matrix{row: dimStride(b, r-2), col: dimStride(b, r-1), aligned: aligned16(b)}
	p.batches = l.len()
	for i := range p.batch {
		p.batch[i] = 1
		if j := i - (len(p.batch) - l.rank); j >= 0 {
			p.batch[i], p.a.batch[i], p.b.batch[i] = l.shape[j], l.strides[0][j], l.strides[1][j]
		}
	}
	for i := range p.batch {
		if p.a.batch[i] >= 1<<32 || p.b.batch[i] >= 1<<32 {
			return nil, unsupported("batch strides of 2³² elements or more")
		}
	}
	span := func(v *ops.View) int { lo, hi := v.Extent(); return hi - lo }
	p.wide = wideSpec(span(a), span(b), out.Len()*splitMost(p.k))
	if p.m*p.n >= 1<<32 || p.m*p.n*p.batches >= 1<<40 {
		return nil, unsupported("a product of %d×%d elements; wanted less than 2³² a matrix", p.m, p.n)
	}
	return p, nil
}

// dimStride is the stride along a dimension, 0 where the dimension is 1.
func dimStride(v *ops.View, dim int) int {
	if v.Shape[dim] == 1 {
		return 0
	}
	return v.Strides[dim]
}

// swap turns the product into that of the transposes.
func (p *product) swap() {
	p.m, p.n = p.n, p.m
	p.a, p.b = p.b.t(), p.a.t()
	p.swapped = !p.swapped
}

func (x matrix) t() matrix {
	x.row, x.col = x.col, x.row
	return x
}

// biasMode is the shader's BIAS.
func (p *product) biasMode() uint32 {
	switch {
	case !p.bias:
		return 0
	case p.swapped:
		return 2
	}
	return 1
}

// Bits of the shader's A_LOAD and B_LOAD.
const (
	loadWide = 1 // quads lie along m or n; else along k
	loadQuad = 2 // one aligned load each
)

// loads says how an operand with these strides along its width (m or n) and
// along k is fetched: along the shorter stride, by quads where they are aligned.
func (x matrix) loads(d ops.DType, wide, k, wideStride, kStride int) uint32 {
	mode, along, other, extent := uint32(0), kStride, wideStride, k
	if k == 1 || (wide > 1 && wideStride < kStride) {
		mode, along, other, extent = loadWide, wideStride, kStride, wide
	}
	if d == ops.F32 && x.aligned && along == 1 && other%4 == 0 && extent%4 == 0 && quadStrides(x.batch) {
		mode |= loadQuad
	}
	return mode
}

func quadStrides(strides [3]int) bool {
	return strides[0]%4 == 0 && strides[1]%4 == 0 && strides[2]%4 == 0
}

func (p *product) aLoads() uint32 { return p.a.loads(p.dtype, p.m, p.k, p.a.row, p.a.col) }
func (p *product) bLoads() uint32 { return p.b.loads(p.dtype, p.n, p.k, p.b.col, p.b.row) }

// kSplit is how k is cut: parts of chunk, the last perhaps shorter.
type kSplit struct{ parts, chunk int }

// cutK makes at most parts parts of k, each a multiple of step.
func cutK(k, parts, step int) kSplit {
	chunk := Groups(Groups(k, max(1, parts)), step) * step
	return kSplit{Groups(k, chunk), chunk}
}

// planTiles is the register-tiled kernel.
func (p *product) planTiles(info *gpu.Info, outAligned bool) (*Plan, error) {
	t := pickTile(info, p.dtype, p.m, p.n, p.k, p.batches)
	if reach := max((t.bm-1)*p.a.row+(t.bk-1)*p.a.col, (t.bn-1)*p.b.col+(t.bk-1)*p.b.row, t.bm*p.n); reach >= 1<<31 {
		return nil, unsupported("a product whose tiles span %d elements; wanted less than 2³¹", reach)
	}
	groups := Groups(p.m, t.bm) * Groups(p.n, t.bn)
	s := cutK(p.k, pickSplit(info, groups*p.batches, p.k), t.bk)
	if err := loopsFit(info, (s.chunk/t.bk+1)*(1+t.bk/t.unroll(info.Type))+t.tm*t.tn); err != nil {
		return nil, err
	}
	edge, vec := uint32(1), uint32(0)
	if p.m%t.bm == 0 && p.n%t.bn == 0 && p.k%t.bk == 0 {
		edge = 0
	}
	if p.n%4 == 0 && p.dtype == ops.F32 && (outAligned || s.parts > 1) {
		vec = 1
	}
	consts := []gpu.SpecConst{
		spec(shaders.MatmulSpecLocalX, uint32(t.threads())),
		spec(shaders.MatmulSpecBm, uint32(t.bm)), spec(shaders.MatmulSpecBn, uint32(t.bn)), spec(shaders.MatmulSpecBk, uint32(t.bk)),
		spec(shaders.MatmulSpecTm, uint32(t.tm)), spec(shaders.MatmulSpecTn, uint32(t.tn)),
		spec(shaders.MatmulSpecALoad, p.aLoads()), spec(shaders.MatmulSpecBLoad, p.bLoads()),
		spec(shaders.MatmulSpecEdge, edge), spec(shaders.MatmulSpecCVec, vec), spec(shaders.MatmulSpecUnroll, uint32(t.unroll(info.Type))),
		p.wide,
	}
	return p.plan(info, p.dtype.String(), consts, groups, s)
}

// thinMost is the largest n of the thin kernel.
const thinMost = 4

// planThin is the kernel for products with few columns.
func (p *product) planThin(info *gpu.Info) (*Plan, error) {
	t := pickThin(info, p.k, p.aLoads()&loadWide == 0)
	groups := Groups(p.m, t.rows())
	s := cutK(p.k, pickSplit(info, groups*p.batches, p.k), 4*t.lanes)
	if reach := max(s.chunk*p.a.col, s.chunk*p.b.row+thinMost*p.b.col, thinMost*p.n*p.m); reach >= 1<<31 {
		return nil, unsupported("a product whose rows span %d elements; wanted less than 2³¹", reach)
	}
	if err := loopsFit(info, s.chunk/(4*t.lanes)+16); err != nil {
		return nil, err
	}
	loads := uint32(0)
	if m := p.aLoads(); m == loadQuad {
		loads = m
	}
	kFast := uint32(0)
	if t.kFast {
		kFast = 1
	}
	consts := []gpu.SpecConst{
		spec(shaders.MatmulSpecLocalX, uint32(t.threads)), spec(shaders.MatmulSpecALoad, loads),
		spec(shaders.MatmulSpecCols, uint32(p.n)), spec(shaders.MatmulSpecLanes, uint32(t.lanes)), spec(shaders.MatmulSpecKFast, kFast),
		p.wide,
	}
	return p.plan(info, p.dtype.String()+"_thin", consts, groups, s)
}

// plan is one dispatch, or two where k is split.
func (p *product) plan(info *gpu.Info, variant string, consts []gpu.SpecConst, groups int, s kSplit) (*Plan, error) {
	total := groups * p.batches * s.parts
	if total >= 1<<31 {
		return nil, unsupported("a product of %d workgroups; wanted less than 2³¹", total)
	}
	finish := []gpu.SpecConst{spec(shaders.MatmulSpecBias, p.biasMode()), spec(shaders.MatmulSpecAct, uint32(p.act))}
	if s.parts == 1 {
		consts = append(consts, finish...)
	}
	prog, err := program(info, "matmul."+variant, consts...)
	if err != nil {
		return nil, err
	}
	flops := 2 * float64(p.m) * float64(p.n) * float64(p.k) * float64(p.batches)
	step := Step{Program: prog, Grid: Grid(info, total), Push: p.push(groups, s), Flops: flops}
	if s.parts == 1 {
		return &Plan{Steps: []Step{step}}, nil
	}
	n := p.m * p.n * p.batches
	if n > math.MaxInt32 {
		return nil, unsupported("a split product of %d elements; wanted less than 2³¹", n)
	}
	step.Uses = []Use{{Role: In}, {Role: In, Index: 1}, {Role: Scratch, Write: true}}
	fold, err := p.foldStep(info, n, s.parts)
	if err != nil {
		return nil, err
	}
	return &Plan{Steps: []Step{step, fold}, Scratch: s.parts * n * p.dtype.Size()}, nil
}

// foldStep adds the parts in order.
func (p *product) foldStep(info *gpu.Info, n, parts int) (Step, error) {
	bias, cols := p.biasMode(), p.n
	if p.swapped {
		cols = p.m
	}
	size := groupSize(info)
	prog, err := program(info, "matmul."+p.dtype.String()+"_fold", spec(shaders.MatmulSpecLocalX, uint32(size)),
		spec(shaders.MatmulSpecBias, min(bias, 1)), spec(shaders.MatmulSpecAct, uint32(p.act)), p.wide)
	uses := []Use{{Role: Scratch}, {Role: Out, Write: true}}
	if p.bias {
		uses = append(uses, Use{Role: In, Index: 2})
	}
	push := shaders.MatmulPush{M: uint32(n), N: uint32(cols), K: uint32(parts), BiasStride: uint32(p.biasStep)}
	hasBias := p.bias
	return Step{Program: prog, Grid: Grid(info, Groups(n, size)), Uses: uses, Push: func(a *Args, dst []byte) []byte {
		b := push
		b.A, b.C = a.Scratch(), a.Out(0)
		if hasBias {
			b.Bias = a.In(2)
		}
		return b.Append(dst)
	}}, err
}

// push fills the block of the tiled and the thin kernel.
func (p *product) push(groups int, s kSplit) pushFunc {
	b := shaders.MatmulPush{
		M: uint32(p.m), N: uint32(p.n), K: uint32(p.k),
		ARow: uint32(p.a.row), ACol: uint32(p.a.col), BRow: uint32(p.b.row), BCol: uint32(p.b.col),
		CRow: uint32(p.n), CCol: 1, Batch1: uint32(p.batch[1]), Batch2: uint32(p.batch[2]),
		Batches: uint32(p.batches), Chunk: uint32(s.chunk), Groups: uint32(groups), BiasStride: uint32(p.biasStep),
	}
	first, second := 0, 1
	if p.swapped {
		b.CRow, b.CCol = 1, uint32(p.m)
		first, second = 1, 0
	}
	for i := range p.batch {
		b.ABatch[i], b.BBatch[i] = uint32(p.a.batch[i]), uint32(p.b.batch[i])
	}
	hasBias, split := p.bias, s.parts > 1
	return func(a *Args, dst []byte) []byte {
		q := b
		q.A, q.B, q.C = a.In(first), a.In(second), a.Out(0)
		if split {
			q.C = a.Scratch()
		} else if hasBias {
			q.Bias = a.In(2)
		}
		return q.Append(dst)
	}
}

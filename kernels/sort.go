package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("sort", Kernel{Plan: planSort}) }

// sortEach is how many elements an invocation of sort.comp takes, sortRadix how
// many values a digit has, and sortDigit its bits.
const (
	sortEach  = 8
	sortRadix = 16
	sortDigit = 4
)

// sortGroup is the workgroup size of the passes over blocks: what fits 16 KiB
// of shared memory, the least that Vulkan allows, at 100 bytes an invocation.
func sortGroup(info *gpu.Info) int { return min(128, groupSize(info)) }

// radix is a sort of rows × n elements along one dimension; see sort.comp.
type radix struct {
	dtype          ops.DType
	rows, n, inner int
	descending     bool
	bits           int // of the keys, from the lowest, that are looked at
}

func newRadix(s *ops.Spec, dim int, descending bool) radix {
	r := radix{dtype: s.DType, n: s.Shape[dim], inner: 1, descending: descending, bits: 8 * s.DType.Size()}
	if s.DType == ops.Bool {
		r.bits = 1
	}
	for i := dim + 1; i < s.Rank; i++ {
		r.inner *= s.Shape[i]
	}
	r.rows = s.Len() / r.n
	return r
}

// words are the bytes of a key in the scratch memory.
func (r *radix) words() int { return max(4, r.dtype.Size()) }

// sortScratch is where in the scratch memory the passes keep what they write:
// two tables of keys, two of orders, and the counts, by offset in bytes.
type sortScratch struct {
	keys, order [2]int
	counts      int
}

func (r *radix) scratch(blocks int) (s sortScratch, bytes int) {
	room := func(n int) int {
		was := bytes
		bytes += (n + 255) &^ 255
		return was
	}
	for k := range 2 {
		s.keys[k], s.order[k] = room(r.rows*r.n*r.words()), room(r.rows*r.n*4)
	}
	s.counts = room(r.rows * sortRadix * blocks * 4)
	return s, bytes
}

// kind is what sort.comp must know of a dtype: 0 for unsigned, 1 for
// signed integers, 2 for floats and the bits of infinity in their highest word.
func (r *radix) kind() (kind, inf uint32) {
	switch r.dtype {
	case ops.F16:
		return 2, 0x7c00
	case ops.BF16:
		return 2, 0x7f80
	case ops.F32:
		return 2, 0x7f800000
	case ops.F64:
		return 2, 0x7ff00000
	case ops.I32, ops.I64:
		return 1, 0
	}
	return 0, 0
}

func (r *radix) program(info *gpu.Info, kernel string, size int) (gpu.Program, error) {
	if kernel == "scan" {
		return program(info, "sort.scan", spec(shaders.SortSpecLocalX, uint32(size)))
	}
	kind, inf := r.kind()
	down := uint32(0)
	if r.descending {
		down = 1
	}
	return program(info, "sort."+kernel+"_"+sized(r.dtype), spec(shaders.SortSpecLocalX, uint32(size)),
		spec(shaders.SortSpecKind, kind), spec(shaders.SortSpecInf, inf), spec(shaders.SortSpecDescending, down))
}

// check refuses what the shaders' 32-bit indices do not reach.
func (r *radix) check() error {
	if n := r.rows * r.n; n > 1<<31-1 {
		return unsupported("a sort of %d elements; wanted less than 2³¹", n)
	}
	return nil
}

// planSort sorts short rows in one workgroup each, others in passes.
func planSort(info *gpu.Info, c *ops.Call) (*Plan, error) {
	a := c.Attr.(ops.SortAttr)
	r := newRadix(&c.In[0].Spec, a.Dim, a.Descending)
	if err := r.check(); err != nil {
		return nil, err
	}
	if r.n <= sortEach*sortGroup(info) {
		return r.planBlock(info)
	}
	p, _, err := r.passes(info, 0, true)
	return p, err
}

// blockGroup is the smallest power of two of invocations that hold a row.
func (r *radix) blockGroup() int {
	size := 1
	for size*sortEach < r.n {
		size *= 2
	}
	return size
}

func (r *radix) planBlock(info *gpu.Info) (*Plan, error) {
	size := min(r.blockGroup(), sortGroup(info))
	prog, err := r.program(info, "block", size)
	if err != nil {
		return nil, err
	}
	block := shaders.SortPush{N: uint32(r.n), Inner: uint32(r.inner), Groups: uint32(r.rows), Blocks: 1}
	return &Plan{Steps: []Step{{
		Program: prog, Grid: Grid(info, r.rows),
		Bytes: float64(r.rows*r.n) * float64(r.bits/sortDigit*r.dtype.Size()+8),
		Push: func(a *Args, dst []byte) []byte {
			b := block
			b.X, b.Y, b.Indices = a.In(0), a.Out(0), a.Out(1)
			return b.Append(dst)
		},
	}}}, nil
}

// sorted says where passes leaves keys (in their order as unsigned integers)
// and order (u32), by bytes in the scratch memory.
type sorted struct{ keys, order int }

// passes sorts an input's rows digit by digit. With out the last pass writes
// outputs 0 and 1, else the scratch memory.
func (r *radix) passes(info *gpu.Info, input int, out bool) (*Plan, sorted, error) {
	size := sortGroup(info)
	blocks := Groups(r.n, size*sortEach)
	s, bytes := r.scratch(blocks)
	plan := &Plan{Scratch: bytes}
	var prog [3]gpu.Program
	for i, kernel := range [...]string{"count", "scan", "scatter"} {
		var err error
		if prog[i], err = r.program(info, kernel, size); err != nil {
			return nil, sorted{}, err
		}
	}
	passes := max(1, Groups(r.bits, sortDigit))
	for pass := range passes {
		block := shaders.SortPush{
			N: uint32(r.n), Inner: uint32(r.inner), Blocks: uint32(blocks), Groups: uint32(r.rows * blocks), Shift: uint32(pass * sortDigit),
		}
		if pass == 0 {
			block.First = 1
		}
		if out && pass == passes-1 {
			block.Last = 1
		}
		from, to := (pass+1)%2, pass%2
		push := func(groups int) func(a *Args, dst []byte) []byte {
			b := block
			b.Groups = uint32(groups)
			return func(a *Args, dst []byte) []byte {
				q := b
				base := a.Scratch()
				q.X, q.Counts = a.In(input), base+uint64(s.counts)
				if out {
					q.Y, q.Indices = a.Out(0), a.Out(1)
				}
				q.KeysIn, q.OrderIn = base+uint64(s.keys[from]), base+uint64(s.order[from])
				q.KeysOut, q.OrderOut = base+uint64(s.keys[to]), base+uint64(s.order[to])
				return q.Append(dst)
			}
		}
		moved := float64(r.rows*r.n) * float64(r.words())
		plan.Steps = append(plan.Steps,
			Step{Program: prog[0], Grid: Grid(info, r.rows*blocks), Push: push(r.rows * blocks), Bytes: moved},
			Step{Program: prog[1], Grid: Grid(info, r.rows), Push: push(r.rows), Bytes: float64(8 * sortRadix * r.rows * blocks)},
			Step{Program: prog[2], Grid: Grid(info, r.rows*blocks), Push: push(r.rows * blocks), Bytes: 2*moved + float64(8*r.rows*r.n)})
	}
	return plan, sorted{s.keys[(passes-1)%2], s.order[(passes-1)%2]}, nil
}

package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func init() { Register("contiguous", Kernel{Plan: planContiguous}) }

func planContiguous(info *gpu.Info, c *ops.Call) (*Plan, error) {
	steps, err := moves(info, "contiguous", &c.In[0], &c.Out[0], func(a *Args) (x, y uint64) { return a.In(0), a.Out(0) })
	if err != nil {
		return nil, err
	}
	return &Plan{Steps: steps}, nil
}

// The modes of move.glsl.
const (
	moveDense      = 0
	moveRows       = 1
	moveStrided    = 2
	moveTransposed = 3
)

// tileSide is the side of the square tile of move.glsl, which a workgroup of
// tileSide×8 carries through shared memory.
const tileSide = 32

// move is one way to copy x to y.
type move struct {
	mode  uint32
	dims  int
	unit  string // b1 … b8
	n     int    // elements, or tiles
	block shaders.ContiguousPush
}

// planMove chooses the way. transposes says whether the shader has mode 3; x
// nil stands for zeros.
func planMove(x, y *ops.View, transposes bool) (move, error) {
	src := y
	if x != nil {
		src = x
	}
	l := walk(&y.Spec, src, y)
	m := move{unit: sized(y.DType), n: l.len()}
	how, wide := chooseMode(&l, src, y)
	size := y.DType.Size()
	if how == modeDense && wide == 3 {
		if m.n*size%4 == 0 && size < 4 {
			m.unit, m.n = "b4", m.n*size/4
		}
		m.dims = 1
		return m, nil
	}
	if err := l.check(ops.MaxRank); err != nil {
		return m, err
	}
	switch {
	case transposes && x != nil && l.transposed():
		m.mode = moveTransposed
	case how == modeRows && wide == 3:
		m.mode = moveRows
	default:
		m.mode = moveStrided
	}
	m.dims = max(1, l.rank)
	m.block = shaders.ContiguousPush{
		Shape: l.push8(&l.shape, 1), XStride: l.push8(&l.strides[0], 0), YStride: l.push8(&l.strides[1], 0),
	}
	switch m.mode {
	case moveRows:
		m.block.Shape[7] /= 4
	case moveTransposed:
		rows, cols := l.shape[l.rank-2], l.shape[l.rank-1]
		m.block.Rows, m.block.Cols = uint32(rows), uint32(cols)
		m.block.Shape[6], m.block.Shape[7] = uint32(Groups(rows, tileSide)), uint32(Groups(cols, tileSide))
		m.n = m.n / (rows * cols) * int(m.block.Shape[6]) * int(m.block.Shape[7])
	}
	return m, nil
}

// transposed says whether operand 0 has neighbours along another dimension
// than operand 1, and brings that one to the last place but one.
func (l *layout) transposed() bool {
	last := l.rank - 1
	if l.rank < 2 || l.inner(1) != 1 || l.inner(0) < 2 || l.shape[last] < tileSide/2 {
		return false
	}
	for i := range last {
		if l.strides[0][i] == 1 && l.shape[i] >= tileSide/2 {
			for j := i; j < last-1; j++ { // the order of the others stays
				l.shape[j], l.shape[j+1] = l.shape[j+1], l.shape[j]
				for k := range l.n {
					s := &l.strides[k]
					s[j], s[j+1] = s[j+1], s[j]
				}
			}
			return true
		}
	}
	return false
}

// moves are the steps that copy x to y, or zeros where x is nil, with the
// shader of that stem. at gives the addresses of one run.
func moves(info *gpu.Info, stem string, x, y *ops.View, at func(*Args) (x, y uint64)) ([]Step, error) {
	m, err := planMove(x, y, stem == "contiguous" && info.Limits.MaxWorkgroupInvocations >= tileSide)
	if err != nil {
		return nil, err
	}
	zero := uint32(0)
	if x == nil {
		zero = 1
	}
	group := groupSize(info)
	p, err := program(info, stem+"."+m.unit, spec(shaders.ContiguousSpecLocalX, uint32(group)),
		spec(shaders.ContiguousSpecMode, m.mode), spec(shaders.ContiguousSpecDims, uint32(m.dims)), spec(shaders.ContiguousSpecZero, zero))
	if err != nil {
		return nil, err
	}
	pieces := []span{{0, m.n}}
	if m.mode == moveDense {
		pieces = spans(m.n)
	}
	var steps []Step
	for _, s := range pieces {
		t, off := m.block, uint64(s.at)*unitBytes(m.unit)
		t.N = uint32(s.n)
		threads := s.n
		switch m.mode {
		case moveDense, moveRows:
			threads = Groups(s.n, 4)
		case moveTransposed:
			threads = s.n * group
		}
		steps = append(steps, Step{Program: p, Grid: elementGrid(info, threads), Push: func(a *Args, dst []byte) []byte {
			b := t
			x, y := at(a)
			b.X, b.Y = x+off, y+off
			return b.Append(dst)
		}})
	}
	return steps, nil
}

// unitBytes is the size of b1 … b8.
func unitBytes(unit string) uint64 { return uint64(unit[1] - '0') }

package kernels

import (
	"math"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// pushFunc appends the push constants of one run.
type pushFunc = func(*Args, []byte) []byte

// walkPlan is how an elementwise kernel walks its operands, see
// shaders/include/elem.glsl. Shape and strides are those of the push block.
type walkPlan struct {
	info  *gpu.Info
	l     layout
	mode  mode
	wide  uint32
	shape [4]uint32
	size  [maxOperands]int // bytes of an element
}

// newWalk walks views over a shape; nil stands for an operand that is absent.
// The output should be among them.
func newWalk(info *gpu.Info, shape *ops.Spec, views ...*ops.View) (*walkPlan, error) {
	none := ops.View{Spec: ops.Spec{DType: ops.U8}}
	for k, v := range views {
		if v == nil {
			views[k] = &none
		}
	}
	w := &walkPlan{info: info, l: walk(shape, views...)}
	w.mode, w.wide = chooseMode(&w.l, views...)
	if w.mode != modeDense {
		if err := w.l.check(maxDims); err != nil {
			return nil, err
		}
		w.shape = w.l.push4(&w.l.shape, 1)
	}
	if w.mode == modeRows {
		w.shape[3] /= 4
	}
	for k, v := range views {
		w.size[k] = v.DType.Size()
	}
	return w, nil
}

// strides are those of operand k.
func (w *walkPlan) strides(k int) [4]uint32 { return w.l.push4(&w.l.strides[k], 0) }

// consts are the specialization constants of elem.glsl, and more.
func (w *walkPlan) consts(more ...gpu.SpecConst) []gpu.SpecConst {
	dims := uint32(1)
	if w.mode != modeDense {
		dims = uint32(max(1, w.l.rank))
	}
	return append([]gpu.SpecConst{
		spec(0, uint32(groupSize(w.info))), spec(1, uint32(w.mode)), spec(2, dims), spec(3, w.wide),
	}, more...)
}

// piece is a part of a walk: n elements, and the bytes by which each operand's
// address moves.
type piece struct {
	n   uint32
	off [maxOperands]uint64
}

// plan is one step, or several for a dense walk of more than chunk elements.
// push makes the Push of a piece. flops is the work for one element.
func (w *walkPlan) plan(p gpu.Program, flops float64, push func(piece) pushFunc) *Plan {
	out := &Plan{}
	pieces := []span{{0, w.l.len()}}
	if w.mode == modeDense {
		pieces = spans(w.l.len())
	}
	for _, s := range pieces {
		pc := piece{n: uint32(s.n)}
		for k := range w.l.n {
			if w.wide>>k&1 == 1 {
				pc.off[k] = uint64(s.at * w.size[k])
			}
		}
		out.Steps = append(out.Steps, Step{
			Program: p, Push: push(pc), Flops: flops * float64(s.n),
			Grid: elementGrid(w.info, w.mode.threadsFor(s.n)),
		})
	}
	return out
}

// constBits is a Go constant in the bits of a dtype, low word first. Integers
// are rounded toward zero and saturate, as cast does.
func constBits(d ops.DType, c float64) [2]uint32 {
	switch d {
	case ops.F32:
		return [2]uint32{math.Float32bits(float32(c))}
	case ops.F64:
		b := math.Float64bits(c)
		return [2]uint32{uint32(b), uint32(b >> 32)}
	}
	var lo, hi float64
	switch d {
	case ops.I32:
		lo, hi = math.MinInt32, math.MaxInt32
	case ops.I64:
		lo, hi = math.MinInt64, math.MaxInt64
	case ops.U8:
		lo, hi = 0, 255
	case ops.Bool:
		if c != 0 {
			return [2]uint32{1}
		}
		return [2]uint32{}
	}
	var i int64
	switch {
	case c != c:
	case c <= lo:
		i = int64(lo)
	case c >= hi && d == ops.I64:
		i = math.MaxInt64
	case c >= hi:
		i = int64(hi)
	default:
		i = int64(c)
	}
	return [2]uint32{uint32(i), uint32(i >> 32)}
}

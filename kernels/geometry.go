package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// maxDims is how many dimensions a strided kernel takes in push constants.
const maxDims = 4

// maxOperands is how many tensors an elementwise kernel takes at most.
const maxOperands = 4

// layout is the geometry of tensors that are walked together: shape, and the
// strides of each in elements, broadcast where its dimension is 1. Dimensions
// of 1 are gone and those that lie evenly in every operand are merged. The
// innermost dimension comes last.
type layout struct {
	rank    int
	shape   [ops.MaxRank]int
	strides [maxOperands][ops.MaxRank]int
	n       int // operands
}

// walk is the layout of views over the shape of s, to which they broadcast.
func walk(s *ops.Spec, views ...*ops.View) layout {
	l := layout{n: len(views)}
	// Collected from the innermost dimension outwards, then turned round.
	for i := 1; i <= s.Rank; i++ {
		d := s.Shape[s.Rank-i]
		if d == 1 {
			continue
		}
		var st [maxOperands]int
		for k, v := range views {
			if i <= v.Rank && v.Shape[v.Rank-i] != 1 {
				st[k] = v.Strides[v.Rank-i]
			}
		}
		if l.rank > 0 && l.merges(st) {
			l.shape[l.rank-1] *= d
			continue
		}
		l.shape[l.rank] = d
		for k := range views {
			l.strides[k][l.rank] = st[k]
		}
		l.rank++
	}
	l.turn()
	return l
}

// merges says whether a dimension with these strides continues the last one
// collected in every operand.
func (l *layout) merges(st [maxOperands]int) bool {
	last := l.rank - 1
	for k := range l.n {
		if st[k] != l.strides[k][last]*l.shape[last] {
			return false
		}
	}
	return true
}

func (l *layout) turn() {
	for i, j := 0, l.rank-1; i < j; i, j = i+1, j-1 {
		l.shape[i], l.shape[j] = l.shape[j], l.shape[i]
		for k := range l.n {
			s := &l.strides[k]
			s[i], s[j] = s[j], s[i]
		}
	}
}

// len is the number of elements walked over.
func (l *layout) len() int {
	n := 1
	for _, d := range l.shape[:l.rank] {
		n *= d
	}
	return n
}

// inner is the stride of operand k along the innermost dimension; a scalar's
// is 0.
func (l *layout) inner(k int) int {
	if l.rank == 0 {
		return 0
	}
	return l.strides[k][l.rank-1]
}

// reach is one more than the largest element index of operand k.
func (l *layout) reach(k int) int {
	n := 1
	for i, d := range l.shape[:l.rank] {
		n += (d - 1) * l.strides[k][i]
	}
	return n
}

// check refuses what strided kernels cannot index: more than dims dimensions,
// and elements past 2³¹.
func (l *layout) check(dims int) error {
	if l.rank > dims {
		return needsDense(l.rank)
	}
	if n := l.len(); n > 1<<31 {
		return unsupported("a strided tensor of %d elements; wanted at most 2³¹", n)
	}
	for k := range l.n {
		if r := l.reach(k); r > 1<<31 {
			return unsupported("a strided tensor that spans %d elements; wanted at most 2³¹", r)
		}
	}
	return nil
}

// push4 is shape or strides as the last of four dimensions, the others holding
// fill.
func (l *layout) push4(of *[ops.MaxRank]int, fill uint32) (out [4]uint32) {
	for i := range out {
		if j := i - (4 - l.rank); j >= 0 {
			out[i] = uint32(of[j])
		} else {
			out[i] = fill
		}
	}
	return out
}

// push8 is push4 for eight dimensions.
func (l *layout) push8(of *[ops.MaxRank]int, fill uint32) (out [8]uint32) {
	for i := range out {
		if j := i - (8 - l.rank); j >= 0 {
			out[i] = uint32(of[j])
		} else {
			out[i] = fill
		}
	}
	return out
}

// aligned16 says whether the view's first element lies at a multiple of 16
// bytes; buffers begin at one.
func aligned16(v *ops.View) bool { return v.Offset*v.DType.Size()%16 == 0 }

// mode is how an elementwise kernel walks: see include/elem.glsl.
type mode uint32

const (
	modeDense   mode = iota // four elements a thread, one index for all operands
	modeRows                // four elements a thread along the innermost dimension
	modeStrided             // one element a thread
)

// chooseMode picks the fastest walk that the layout allows. Views are the
// operands in the layout's order. wide is a bit mask of the operands that have
// a stride of 1 along the innermost dimension; the others have 0 there (in the
// modes with four elements a thread).
func chooseMode(l *layout, views ...*ops.View) (m mode, wide uint32) {
	if l.rank == 0 {
		return modeStrided, 0
	}
	quads := l.rank == 1 || l.shape[l.rank-1]%4 == 0
	for k, v := range views {
		switch l.inner(k) {
		case 0:
		case 1:
			wide |= 1 << k
			if !aligned16(v) {
				quads = false
			}
			for _, s := range l.strides[k][:l.rank-1] {
				if s%4 != 0 {
					quads = false
				}
			}
		default:
			quads = false
		}
	}
	switch {
	case !quads:
		return modeStrided, 0
	case l.rank == 1:
		return modeDense, wide
	}
	return modeRows, wide
}

// chunk is how many elements one dispatch of a dense elementwise kernel takes.
const chunk = 1 << 30

// span is a piece of a dense walk.
type span struct{ at, n int }

// spans cuts n elements into pieces of at most chunk.
func spans(n int) []span {
	var out []span
	for at := 0; at < n; at += chunk {
		out = append(out, span{at, min(chunk, n-at)})
	}
	return out
}

// threadsFor is how many threads a mode needs for n elements.
func (m mode) threadsFor(n int) int {
	if m == modeStrided {
		return n
	}
	return Groups(n, 4)
}

// elementGrid is the grid for that many threads.
func elementGrid(info *gpu.Info, threads int) [3]uint32 {
	return Grid(info, Groups(threads, groupSize(info)))
}

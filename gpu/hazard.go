//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

// span is a range of device addresses [lo, hi).
type span struct{ lo, hi uint64 }

// maxSpans bounds the linear search of a hazard list. A batch with more
// independent ranges than this between two barriers gets one barrier more.
const maxSpans = 256

// hazards holds what was read and written since the last barrier. Ranges are
// device addresses, not buffers, so reuse of memory by another buffer is seen.
type hazards struct {
	reads, writes []span
}

func overlaps(list []span, s span) bool {
	for i := range list {
		if s.lo < list[i].hi && list[i].lo < s.hi {
			return true
		}
	}
	return false
}

// conflict says whether a use of s needs a barrier first: a read after a write
// of any of its bytes, or a write after a read or a write.
func (h *hazards) conflict(s span, write bool) bool {
	return overlaps(h.writes, s) || write && overlaps(h.reads, s)
}

// full says that n more ranges would pass the bound of the lists.
func (h *hazards) full(n int) bool { return len(h.reads)+len(h.writes)+n > maxSpans }

func (h *hazards) add(s span, write bool) {
	if write {
		h.writes = append(h.writes, s)
	} else {
		h.reads = append(h.reads, s)
	}
}

func (h *hazards) reset() { h.reads, h.writes = h.reads[:0], h.writes[:0] }

//go:build !purego

package cpu

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// bestTile is the fastest tile for elements of that many bytes: with AVX2 and
// FMA, twelve registers of sums, two of b and one or two of a.
func bestTile(size uintptr) tile {
	if !hasAVX2 {
		return plainTile
	}
	return tile{rows: 6, cols: 64 / int(size), kind: tileFast}
}

// fastTile computes a tile that bestTile offered.
func fastTile(size uintptr, k int, a, b, s unsafe.Pointer) {
	if size == 4 {
		tile6x16(k, a, b, s)
		return
	}
	tile6x8(k, a, b, s)
}

// tile6x16 sets s, float32 [6, 16], to Σ a[p]·b[p]ᵀ over k > 0 columns a[p] of
// 6 and rows b[p] of 16 elements.
//
//go:noescape
func tile6x16(k int, a, b, s unsafe.Pointer)

// tile6x8 is the same for float64 [6, 8].
//
//go:noescape
func tile6x8(k int, a, b, s unsafe.Pointer)

// instructions names the kernels in use, for the backend's name.
func instructions(plain bool) string {
	if plain || !hasAVX2 {
		return "plain Go"
	}
	return "AVX2"
}

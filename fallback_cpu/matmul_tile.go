//go:build !amd64 || purego

package cpu

import "unsafe"

// bestTile is the fastest tile for elements of that many bytes.
func bestTile(size uintptr) tile { return plainTile }

// fastTile is there where bestTile offers a tileFast.
func fastTile(size uintptr, k int, a, b, s unsafe.Pointer) {
	panic("cpu: matmul: no fast tile on this machine")
}

// instructions names the kernels in use, for the backend's name.
func instructions(plain bool) string { return "plain Go" }

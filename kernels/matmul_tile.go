package kernels

import (
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// tile is a tile class of matmul.comp: a workgroup makes bm×bn elements in
// steps of bk along k, a thread tm×tn of them.
type tile struct{ bm, bn, bk, tm, tn int }

func (t tile) threads() int { return t.bm / t.tm * (t.bn / t.tn) }

// shared is the bytes of shared memory: two slices of a and b with a quad of
// padding a row.
func (t tile) shared(size int) int { return 2 * t.bk * (t.bm + 4 + t.bn + 4) * size }

// fits says whether the device can run the class.
func (t tile) fits(l *gpu.Limits, size int) bool {
	return t.threads() <= l.MaxWorkgroupInvocations && t.threads() <= l.MaxWorkgroupSize[0] && t.shared(size) <= l.MaxSharedMemory
}

// matmulTiles lists the classes of a kind of device, largest first. Those of GPUs
// are the usual ones (128×128 with 8×8 a thread needs 17 KiB). On software
// Vulkan a lane's loads from shared memory are what costs, so its threads make
// as much as registers and compiler stand: on 2 cores with Mesa 26.1 at 512³,
// 64×64 gave 15 GF/s with 4×4 a thread, 28 with 8×8, 36 with 16×8, and 128×128
// with 16×8 35.
func matmulTiles(typ gpu.DeviceType, d ops.DType) []tile {
	switch {
	case d == ops.F64 && typ == gpu.Software:
		return []tile{{64, 64, 8, 16, 8}, {32, 32, 8, 8, 8}, {16, 64, 8, 8, 8}, {64, 16, 8, 8, 8}, {8, 64, 8, 8, 8}, {64, 8, 8, 8, 8}}
	case d == ops.F64:
		return []tile{{64, 64, 8, 8, 8}, {32, 32, 8, 4, 4}}
	case typ == gpu.Software:
		return []tile{{64, 64, 16, 16, 8}, {32, 32, 16, 8, 8}, {16, 64, 16, 8, 8}, {64, 16, 16, 8, 8}, {8, 64, 16, 8, 8}, {64, 8, 16, 8, 8}}
	}
	return []tile{{128, 128, 8, 8, 8}, {64, 64, 16, 4, 4}, {32, 32, 16, 4, 4}}
}

// unroll is how many steps of k are written out. Software Vulkan takes 0.3 s to
// make a pipeline with 4 of them and 1.3 to 2 s with 16, which is 10 % faster.
func (t tile) unroll(typ gpu.DeviceType) int {
	if typ == gpu.Software {
		return 4
	}
	return t.bk
}

// matmulGroups is how many workgroups keep a kind of device busy.
func matmulGroups(typ gpu.DeviceType) int {
	switch typ {
	case gpu.Discrete, gpu.Virtual:
		return 128
	case gpu.Integrated:
		return 32
	}
	return 2
}

// pickTile chooses the class for batch products [m, k]·[k, n]: of those that
// fit, the one with the least work, counting what falls over the edges and, as
// idle, the workgroups that a busy device would have more; larger classes win
// ties, as they load less for each product.
func pickTile(info *gpu.Info, d ops.DType, m, n, k, batch int) tile {
	var best tile
	var least float64
	want := matmulGroups(info.Type)
	for _, t := range matmulTiles(info.Type, d) {
		if !t.fits(&info.Limits, d.Size()) {
			continue
		}
		groups := Groups(m, t.bm) * Groups(n, t.bn) * batch
		work := float64(groups) * float64(t.bm*t.bn) * t.loads()
		if busy := groups * splitMost(k); busy < want {
			work *= float64(want) / float64(busy)
		}
		if best.bm == 0 || work < least {
			best, least = t, work
		}
	}
	return best
}

// loads is a rough cost of a product in a class: one for the multiplication, and
// the loads from global and from shared memory for each.
func (t tile) loads() float64 {
	return 1 + 8*(1/float64(t.bm)+1/float64(t.bn)) + 2*(1/float64(t.tm)+1/float64(t.tn))
}

// splitMost is the largest number of parts of k: each has 1024 or more.
func splitMost(k int) int { return min(max(1, k/1024), 32) }

// pickSplit is the number of parts of k that keeps the device busy: a pure
// function of device kind and shape, so that sums keep their order.
func pickSplit(info *gpu.Info, groups, k int) int {
	return min(splitMost(k), max(1, matmulGroups(info.Type)/groups))
}

// thinShape is a shape of the thin kernel: lanes threads share a row.
type thinShape struct {
	threads, lanes int
	kFast          bool
}

func (t thinShape) rows() int { return t.threads / t.lanes }

// pickThin chooses it for rows of k elements. Where a's elements lie along k
// the lanes of a row are neighbours; else rows are, and fewer lanes share one.
func pickThin(info *gpu.Info, k int, kFast bool) thinShape {
	t := thinShape{threads: min(256, info.Limits.MaxWorkgroupInvocations), lanes: 1, kFast: kFast}
	most := 8
	if kFast {
		most = 64
	}
	if info.Type == gpu.Software { // barriers and shared memory cost more than idle threads
		t.threads, most = min(64, t.threads), 8
	}
	for t.lanes < most && t.lanes*2 <= t.threads && t.lanes*16 < k {
		t.lanes *= 2
	}
	// The tree that adds lanes up needs a power of two, and threads a multiple.
	t.threads -= t.threads % t.lanes
	return t
}

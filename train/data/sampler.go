package data

import (
	"math/bits"

	"github.com/tuff-ml/tuff/internal/philox"
)

// Sampler says in which order the examples of an epoch are visited.
type Sampler interface {
	// Len is the number of indices of an epoch.
	Len() int
	// Indices are those of one epoch: the same for equal numbers. The caller
	// may change the slice.
	Indices(epoch int) []int
}

// SequentialSampler visits 0 … N−1 in order.
type SequentialSampler struct{ N int }

// Len is N.
func (p SequentialSampler) Len() int { return max(p.N, 0) }

// Indices are 0 … N−1.
func (p SequentialSampler) Indices(int) []int {
	out := make([]int, p.Len())
	for i := range out {
		out[i] = i
	}
	return out
}

// RandomSampler visits 0 … N−1 in an order that seed and epoch determine.
type RandomSampler struct {
	N    int
	Seed uint64
}

// Len is N.
func (p RandomSampler) Len() int { return max(p.N, 0) }

// Indices are 0 … N−1, shuffled.
func (p RandomSampler) Indices(epoch int) []int {
	out := SequentialSampler{p.N}.Indices(epoch)
	shuffle(out, p.Seed, epoch)
	return out
}

// SubsetRandomSampler visits the given indices in an order that seed and epoch
// determine.
type SubsetRandomSampler struct {
	Subset []int
	Seed   uint64
}

// Len is the number of indices.
func (p SubsetRandomSampler) Len() int { return len(p.Subset) }

// Indices are those of the subset, shuffled.
func (p SubsetRandomSampler) Indices(epoch int) []int {
	out := append([]int(nil), p.Subset...)
	shuffle(out, p.Seed, epoch)
	return out
}

// shuffle is Fisher and Yates' (Knuth, TAOCP 2, algorithm P) with the words of
// Philox4x32-10 for key seed and counter (block, epoch, stream 1).
func shuffle(v []int, seed uint64, epoch int) {
	w := words{seed: seed, epoch: uint32(epoch)}
	for i := len(v) - 1; i > 0; i-- {
		j := w.below(uint64(i + 1))
		v[i], v[j] = v[j], v[i]
	}
}

// words is a stream of 64-bit words.
type words struct {
	seed  uint64
	epoch uint32
	block uint64
	have  [4]uint32
	left  int
}

func (w *words) next() uint64 {
	if w.left == 0 {
		w.have = philox.Block(
			[4]uint32{uint32(w.block), uint32(w.block >> 32), w.epoch, 1},
			[2]uint32{uint32(w.seed), uint32(w.seed >> 32)})
		w.block++
		w.left = 4
	}
	w.left -= 2
	return uint64(w.have[w.left+1])<<32 | uint64(w.have[w.left])
}

// below is uniform in [0, n), without bias (Lemire 2019, "Fast Random Integer
// Generation in an Interval").
func (w *words) below(n uint64) uint64 {
	hi, lo := bits.Mul64(w.next(), n)
	if lo < n {
		for least := -n % n; lo < least; {
			hi, lo = bits.Mul64(w.next(), n)
		}
	}
	return hi
}

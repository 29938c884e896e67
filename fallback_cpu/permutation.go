package cpu

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/tuff-ml/tuff/ops"
)

func init() { Register("permutation", Kernel{Plan: planPermutation}) }

// planPermutation sorts the numbers by their words: three passes of a stable
// radix sort over 11 bits each, so that equal words stay in the order of their
// numbers.
func planPermutation(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	n := c.Out[0].Len()
	if n > math.MaxUint32 {
		return nil, 0, fmt.Errorf("wanted at most 2³² numbers, got %d: %w", n, ops.ErrUnsupported)
	}
	keys := func(c *ops.Call, lo, hi int) {
		k, g := Data[key](&c.Scratch), generatorOf(&c.In[0])
		var buf [wordBlock]uint32
		for ; lo < hi; lo += wordBlock {
			words := buf[:min(wordBlock, hi-lo)]
			g.words(words, lo)
			for i, w := range words {
				k[lo+i] = key{w, uint32(lo + i)}
			}
		}
	}
	return func(x *Ctx, c *ops.Call) error {
		x.Parallel(c, n, mathGrain, keys)
		k := Data[key](&c.Scratch)
		sortKeys(k[:n], k[n:2*n])
		z := Data[int64](&c.Out[0])
		for i, e := range k[n : 2*n] {
			z[i] = int64(e.number)
		}
		return nil
	}, 2 * n * int(unsafe.Sizeof(key{})), nil
}

type key struct{ word, number uint32 }

// sortKeys sorts a by word; the result is in b.
func sortKeys(a, b []key) {
	const bits = 11
	for shift := 0; shift < 32; shift += bits {
		var start [1 << bits]uint32
		for _, k := range a {
			start[k.word>>shift&(1<<bits-1)]++
		}
		sum := uint32(0)
		for i, n := range start {
			start[i] = sum
			sum += n
		}
		for _, k := range a {
			d := k.word >> shift & (1<<bits - 1)
			b[start[d]] = k
			start[d]++
		}
		a, b = b, a
	}
}

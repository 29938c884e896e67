package cpu

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// TestSortByWord compares with the library's stable sort, around the size where
// insertion ends, with keys that differ in some bytes only.
func TestSortByWord(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{0, 1, 2, insertionSort, insertionSort + 1, 1000} {
		for _, mask := range []uint64{0, 3, 0xff00, 0xff0000ff00000000, ^uint64(0)} {
			a := make([]sortKey[uint64], n)
			for i := range a {
				a[i] = sortKey[uint64]{r.Uint64() & mask, uint32(i)}
			}
			want := slices.Clone(a)
			slices.SortStableFunc(want, func(x, y sortKey[uint64]) int { return cmp.Compare(x.word, y.word) })
			if got := sortByWord(a, make([]sortKey[uint64], n), 64); !slices.Equal(got, want) {
				t.Errorf("%d keys of bits %x: not in stable order", n, mask)
			}
		}
	}
}

func BenchmarkSort(b *testing.B) {
	for _, n := range []int{1000, 100000, 1000000} {
		b.Run(fmt.Sprintf("be=cpu/dtype=f32/n=%d", n), func(b *testing.B) {
			c := open(b, Options{})
			benchRun(b, prepare(b, c, "sort", ops.SortAttr{}, noConst, put(b, c, wavy[float32](n), n)), 16*n)
		})
	}
	b.Run("be=cpu/dtype=f32/shape=1000x1000/dim=1", func(b *testing.B) {
		c := open(b, Options{})
		benchRun(b, prepare(b, c, "sort", ops.SortAttr{Dim: 1}, noConst, put(b, c, wavy[float32](1000000), 1000, 1000)), 16*1000000)
	})
}

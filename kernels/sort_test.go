package kernels

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// TestSortPlanFits holds that tables do not overlap, that the last pass leaves
// its result where passes says, and that shared memory is within Vulkan's least.
func TestSortPlanFits(t *testing.T) {
	info := device(gpu.Discrete, 16<<10)
	size := sortGroup(info)
	if bytes := 4*size*(sortEach+sortRadix+1) + 4*sortRadix; bytes > 16<<10 {
		t.Errorf("wanted at most 16 KiB of shared memory, got %d", bytes)
	}
	for _, d := range ops.DTypes() {
		for _, shape := range [][]int{{1025}, {3, 5000}, {5000, 3}, {1 << 20}} {
			s := ops.NewSpec(d, shape...)
			for dim := range shape {
				r := newRadix(&s, dim, false)
				if r.rows*r.n != s.Len() || r.n != shape[dim] {
					t.Fatalf("%v along %d: got %+v", s, dim, r)
				}
				sc, bytes := r.scratch(Groups(r.n, size*sortEach))
				ends := []int{sc.keys[0], sc.order[0], sc.keys[1], sc.order[1], sc.counts, bytes}
				least := []int{s.Len() * r.words(), s.Len() * 4, s.Len() * r.words(), s.Len() * 4, r.rows * sortRadix * Groups(r.n, size*sortEach) * 4}
				for i, n := range least {
					if ends[i]%256 != 0 || ends[i]+n > ends[i+1] {
						t.Errorf("%v along %d: table %d of %d bytes at %d, the next at %d", s, dim, i, n, ends[i], ends[i+1])
					}
				}
				if g := r.blockGroup(); r.n <= size*sortEach && (g*sortEach < r.n || g > size) {
					t.Errorf("%v along %d: a workgroup of %d", s, dim, g)
				}
			}
		}
	}
}

func BenchmarkSort(b *testing.B) {
	for _, d := range []ops.DType{ops.F32, ops.I64} {
		for _, n := range []int{1000, 100000, 1000000} {
			b.Run(fmt.Sprintf("be=vulkan/dtype=%v/n=%d", d, n), func(b *testing.B) {
				inScope(b, func(ctx context.Context, s *ops.Scope) {
					words := make([]float32, n)
					r := rand.New(rand.NewPCG(1, uint64(n)))
					for i := range words {
						words[i] = 1e6 * (r.Float32() - 0.5)
					}
					x := ops.FromSlice(s, words, n).Cast(d)
					for b.Loop() {
						y, i := x.Sort(0, false)
						if _, err := y.Slice(0, 0, 1, 1).Item(ctx); err != nil {
							b.Fatal(err)
						}
						y.Release()
						i.Release()
					}
				})
			})
		}
	}
}

package kernels

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/shaders"
)

func TestBits24(t *testing.T) {
	for _, p := range []float64{0, 1, 0.5, 0.1, 0x1p-24, 0x1p-25, 1 - 0x1p-24, 1 - 0x1p-30, 0.3333333} {
		n := bits24(p)
		for _, v := range []int64{int64(n) - 1, int64(n)} {
			if v < 0 || v >= 1<<24 {
				continue
			}
			if got, want := v < int64(n), float64(v)*0x1p-24 < p; got != want {
				t.Errorf("p %v: draw %d below the threshold %d is %v, wanted %v", p, v, n, got, want)
			}
		}
	}
}

func TestFloatPair(t *testing.T) {
	for _, x := range []float64{0, 1, 0.1, -math.Pi, 1e30 / 3, -1e-20, math.Inf(1)} {
		p := floatPair(x)
		got := float64(math.Float32frombits(p[0])) + float64(math.Float32frombits(p[1]))
		if d := math.Abs(got - x); d > math.Abs(x)*0x1p-47 {
			t.Errorf("%v: wanted the sum of two floats within 2⁻⁴⁷, got %v", x, got)
		}
	}
}

func TestUniformStaysBelow(t *testing.T) {
	var b shaders.RandomPush
	drawNumbers(&b, "uniform", ops.F32, 10, 10.1)
	if got := math.Float32frombits(b.Most[0]); got != math.Nextafter32(10.1, 10) {
		t.Errorf("wanted the float32 before 10.1, got %v", got)
	}
	drawNumbers(&b, "uniform", ops.F64, 3, 3)
	if got := math.Float64frombits(uint64(b.Most[1])<<32 | uint64(b.Most[0])); !math.IsInf(got, 1) {
		t.Errorf("an empty range: wanted no bound, got %v", got)
	}
}

// sortLike runs the passes on the host, as permutation.comp does.
func sortLike(v []uint64, passes []sortPass, block int) {
	exchange := func(i, s, run int) {
		if (v[i] > v[i+s]) == (i&run == 0) {
			v[i], v[i+s] = v[i+s], v[i]
		}
	}
	strides := func(first, last, run int) {
		for s := first; s >= last; s /= 2 {
			for i := range v {
				if i&s == 0 {
					exchange(i, s, run)
				}
			}
		}
	}
	for _, p := range passes {
		switch p.kind {
		case "block":
			for run := 2; run <= block; run *= 2 {
				strides(run/2, 1, run)
			}
		case "step":
			strides(p.stride, p.stride>>(p.levels-1), p.run)
		case "merge":
			strides(block/2, 1, p.run)
		}
	}
}

func TestSortPasses(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range [][2]int{{4, 4}, {8, 4}, {64, 4}, {1 << 12, 8}, {1 << 14, 2048}} {
		size, block := c[0], c[1]
		passes := sortPasses(size, block)
		v := make([]uint64, size)
		for i := range v {
			v[i] = uint64(r.IntN(size/2))<<32 | uint64(i)
		}
		want := slices.Clone(v)
		slices.SortFunc(want, cmp.Compare[uint64])
		sortLike(v, passes, block)
		if !slices.Equal(v, want) {
			t.Errorf("size %d in blocks of %d: the passes do not sort", size, block)
		}
		for i, p := range passes {
			if p.last != (i == len(passes)-1) || (p.kind == "step" && (p.levels < 1 || p.levels > sortLevels || p.stride>>(p.levels-1) < block)) {
				t.Errorf("size %d in blocks of %d: pass %d is %+v", size, block, i, p)
			}
		}
	}
}

func TestSortBlockFits(t *testing.T) {
	for _, shared := range []int{8 << 10, 16 << 10, 32 << 10, 48 << 10} {
		if b := sortBlock(&gpu.Limits{MaxSharedMemory: shared}); b*8 > shared || b < 4 || b&(b-1) != 0 {
			t.Errorf("%d bytes of shared memory: wanted a power of two that fits, got %d pairs", shared, b)
		}
	}
}

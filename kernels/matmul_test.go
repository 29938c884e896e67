package kernels

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// device describes a device of some kind, for what needs no GPU.
func device(typ gpu.DeviceType, shared int) *gpu.Info {
	return &gpu.Info{Name: typ.String(), Type: typ, Features: gpu.Features{Float64: true, Int64: true}, Limits: gpu.Limits{
		MaxSharedMemory: shared, MaxWorkgroupInvocations: 1024, MaxWorkgroupSize: [3]int{1024, 1024, 64},
		MaxWorkgroupCount: [3]int{65535, 65535, 65535}, MaxPushConstants: 128, SubgroupSize: 32,
	}}
}

func TestTileClassesFillWorkgroups(t *testing.T) {
	for _, typ := range []gpu.DeviceType{gpu.Discrete, gpu.Integrated, gpu.Software} {
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			for _, c := range matmulTiles(typ, d) {
				if !c.fits(&device(typ, 32<<10).Limits, d.Size()) {
					t.Errorf("%v %v: tile %+v needs %d threads and %d bytes, more than a device of 32 KiB has", typ, d, c, c.threads(), c.shared(d.Size()))
				}
				for _, wide := range []int{c.bm, c.bn} {
					if q := wide * c.bk / 4; q%c.threads() != 0 {
						t.Errorf("%v %v: tile %+v: wanted quads of a slice in multiples of %d threads, got %d", typ, d, c, c.threads(), q)
					}
				}
				if c.tm%4 != 0 || c.tn%4 != 0 || c.bm%c.tm != 0 || c.bn%c.tn != 0 || c.bk%4 != 0 {
					t.Errorf("%v %v: tile %+v does not divide", typ, d, c)
				}
			}
		}
	}
}

func TestPickTile(t *testing.T) {
	for _, c := range []struct {
		typ            gpu.DeviceType
		shared         int
		m, n, k, batch int
		bm, bn         int
	}{
		{gpu.Discrete, 48 << 10, 4096, 4096, 4096, 1, 128, 128},
		{gpu.Discrete, 48 << 10, 64, 64, 64, 1, 32, 32},
		{gpu.Discrete, 48 << 10, 512, 512, 512, 1, 32, 32},
		{gpu.Discrete, 48 << 10, 512, 512, 512, 64, 128, 128},
		{gpu.Discrete, 16 << 10, 4096, 4096, 4096, 1, 32, 32},
		{gpu.Integrated, 32 << 10, 2048, 2048, 2048, 1, 128, 128},
		{gpu.Software, 32 << 10, 1024, 1024, 1024, 1, 64, 64},
		{gpu.Software, 32 << 10, 8, 128, 784, 1, 8, 64},
		{gpu.Software, 32 << 10, 784, 10, 64, 1, 64, 16},
	} {
		got := pickTile(device(c.typ, c.shared), ops.F32, c.m, c.n, c.k, c.batch)
		if got.bm != c.bm || got.bn != c.bn {
			t.Errorf("%v with %d bytes, %d×[%d,%d]·[%d,%d]: wanted a tile of %d×%d, got %+v", c.typ, c.shared, c.batch, c.m, c.k, c.k, c.n, c.bm, c.bn, got)
		}
	}
}

func TestSplitCoversK(t *testing.T) {
	for _, typ := range []gpu.DeviceType{gpu.Discrete, gpu.Software} {
		for _, groups := range []int{1, 2, 7, 500} {
			for _, k := range []int{1, 31, 1024, 2047, 2048, 100_000, 1 << 24} {
				for _, step := range []int{8, 16, 256} {
					s := cutK(k, pickSplit(device(typ, 32<<10), groups, k), step)
					if s.chunk%step != 0 || s.parts < 1 || s.chunk*s.parts < k || s.chunk*(s.parts-1) >= k {
						t.Errorf("%v: %d groups, k %d in steps of %d: parts %+v do not cover it", typ, groups, k, step, s)
					}
				}
			}
		}
	}
	if s := pickSplit(device(gpu.Discrete, 32<<10), 4, 1<<16); s < 8 {
		t.Errorf("4 tiles and k 65536: wanted at least 8 parts, got %d", s)
	}
	if s := pickSplit(device(gpu.Discrete, 32<<10), 1000, 1<<16); s != 1 {
		t.Errorf("1000 tiles: wanted no split, got %d parts", s)
	}
}

func TestPickThin(t *testing.T) {
	for _, typ := range []gpu.DeviceType{gpu.Discrete, gpu.Software} {
		for _, k := range []int{1, 3, 16, 17, 100, 4096, 1 << 20} {
			for _, kFast := range []bool{true, false} {
				c := pickThin(device(typ, 32<<10), k, kFast)
				if c.lanes < 1 || c.lanes&(c.lanes-1) != 0 || c.threads%c.lanes != 0 || c.rows() < 1 {
					t.Errorf("%v, k %d: wanted lanes a power of two that divides the threads, got %+v", typ, k, c)
				}
			}
		}
	}
}

// productCase is a shape and how a and b lie.
type productCase struct {
	batch, m, k, n int
	ta, tb         bool
	bias           bool
	act            ops.Activation
}

func (c productCase) String() string {
	return fmt.Sprintf("%d×[%d,%d]·[%d,%d] transposed %v %v bias %v %v", c.batch, c.m, c.k, c.k, c.n, c.ta, c.tb, c.bias, c.act)
}

func productCases() []productCase {
	var out []productCase
	for _, d := range [][3]int{{1, 1, 1}, {1, 5, 3}, {2, 300, 4}, {13, 127, 31}, {64, 64, 64}, {129, 33, 65}, {12, 5000, 12}, {1, 9000, 2}} {
		for i := range 4 {
			ta, tb := i&1 != 0, i&2 != 0
			out = append(out, productCase{1 + 2*(i%2), d[0], d[1], d[2], ta, tb, i%2 == 0, ops.Activation(i)})
		}
	}
	return append(out, productCase{1, 33, 20, 40, false, false, true, ops.ActGELU}, productCase{1, 33, 20, 40, false, false, true, ops.ActSiLU})
}

func activate(a ops.Activation, x float64) float64 {
	switch a {
	case ops.ActReLU:
		return max(x, 0)
	case ops.ActSigmoid:
		return 1 / (1 + math.Exp(-x))
	case ops.ActTanh:
		return math.Tanh(x)
	case ops.ActGELU:
		return x / 2 * math.Erfc(-x/math.Sqrt2)
	case ops.ActSiLU:
		return x / (1 + math.Exp(-x))
	}
	return x
}

func TestSmokeMatMul(t *testing.T) {
	inScope(t, func(ctx context.Context, s *ops.Scope) {
		for i, c := range productCases() {
			checkProduct[float32](t, ctx, s, c, 2e-6)
			if i%4 == 1 || c.act > ops.ActReLU {
				checkProduct[float64](t, ctx, s, c, 1e-13)
			}
		}
	})
}

// checkProduct multiplies with the operands laid out as c says, and the batches
// of b one and the same.
func checkProduct[T float32 | float64](t *testing.T, ctx context.Context, s *ops.Scope, c productCase, tol float64) {
	t.Helper()
	av, bv, biasV := make([]T, c.batch*c.m*c.k), make([]T, c.k*c.n), make([]T, c.n)
	for _, v := range [][]T{av, bv, biasV} {
		for i := range v {
			v[i] = T((i*7919)%2003-1001) / 1024
		}
	}
	at := func(z, i, p int) float64 { return float64(av[(z*c.m+i)*c.k+p]) }
	bt := func(p, j int) float64 { return float64(bv[p*c.n+j]) }
	a, b := ops.FromSlice(s, av, c.batch, c.m, c.k), ops.FromSlice(s, bv, c.k, c.n)
	if c.ta {
		a = ops.FromSlice(s, av, c.batch, c.k, c.m).T()
		at = func(z, i, p int) float64 { return float64(av[(z*c.k+p)*c.m+i]) }
	}
	if c.tb {
		b = ops.FromSlice(s, bv, c.n, c.k).T()
		bt = func(p, j int) float64 { return float64(bv[j*c.k+p]) }
	}
	var bias *ops.Tensor
	if c.bias {
		bias = ops.FromSlice(s, biasV, c.n)
	}
	got := values[T](t, ctx, ops.MatMulBias(a, b, bias, c.act))
	for z := range c.batch {
		for i := range c.m {
			for j := range c.n {
				sum, size := 0.0, 1.0
				for p := range c.k {
					v := at(z, i, p) * bt(p, j)
					sum += v
					size += math.Abs(v)
				}
				if c.bias {
					sum += float64(biasV[j])
				}
				w := activate(c.act, sum)
				if g := float64(got[(z*c.m+i)*c.n+j]); !(math.Abs(g-w) <= tol*size*math.Sqrt(max(1, float64(c.k)/100))) {
					t.Errorf("%T %v: element %d, %d, %d: wanted %v, got %v", T(0), c, z, i, j, w, g)
					return
				}
			}
		}
	}
}

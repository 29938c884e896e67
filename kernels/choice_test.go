package kernels

import (
	"errors"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// small is a device at Vulkan's least limits, with every feature.
func small() *gpu.Info {
	return &gpu.Info{
		Name: "small",
		Features: gpu.Features{
			Float16: true, Float64: true, Int8: true, Int16: true, Int64: true, SubgroupShuffle: true, SubgroupBallot: true,
		},
		Limits: gpu.Limits{
			MaxWorkgroupCount: [3]int{65535, 65535, 65535}, MaxWorkgroupInvocations: 256, MaxWorkgroupSize: [3]int{256, 256, 64},
			MaxSharedMemory: 32 << 10, MaxPushConstants: 128, SubgroupSize: 8, MinSubgroupSize: 8, MaxSubgroupSize: 8,
		},
	}
}

func TestGridFolds(t *testing.T) {
	for _, n := range []int{1, 2, 255, 65535, 65536, 65537, 1 << 20, 1<<32 - 1, 1 << 33, 65535*65535 + 1} {
		g := Grid(small(), n)
		total := 1
		for i, x := range g {
			if x < 1 || x > 65535 {
				t.Errorf("%d groups: wanted dimension %d in [1, 65535], got %v", n, i, g)
			}
			total *= int(x)
		}
		if total < n || total > n+n/100+70000 {
			t.Errorf("%d groups: wanted a grid that holds them and little more, got %v", n, g)
		}
	}
}

// strided is a view with these strides.
func strided(d ops.DType, offset int, shape, strides []int) *ops.View {
	v := &ops.View{Spec: ops.NewSpec(d, shape...), Offset: offset}
	copy(v.Strides[:], strides)
	return v
}

func denseF32(shape ...int) *ops.View {
	v := ops.DenseView(ops.NewSpec(ops.F32, shape...), nil)
	return &v
}

func TestWalkMerges(t *testing.T) {
	for _, x := range []struct {
		name  string
		out   *ops.View
		in    []*ops.View
		rank  int
		shape [ops.MaxRank]int
	}{
		{"dense", denseF32(2, 3, 4), []*ops.View{denseF32(2, 3, 4)}, 1, [8]int{24}},
		{"ones vanish", denseF32(1, 5, 1, 4, 1), []*ops.View{denseF32(5, 1, 4, 1)}, 1, [8]int{20}},
		{"scalar", denseF32(), []*ops.View{denseF32()}, 0, [8]int{}},
		{"scalar broadcast", denseF32(3, 4), []*ops.View{denseF32(1)}, 1, [8]int{12}},
		{"row broadcast", denseF32(3, 4), []*ops.View{denseF32(4)}, 2, [8]int{3, 4}},
		{"row over two", denseF32(2, 3, 4), []*ops.View{denseF32(4)}, 2, [8]int{6, 4}},
		{"transposed", denseF32(3, 4), []*ops.View{strided(ops.F32, 0, []int{3, 4}, []int{1, 3})}, 2, [8]int{3, 4}},
		{"padded rows", denseF32(2, 3, 4), []*ops.View{strided(ops.F32, 0, []int{2, 3, 4}, []int{24, 8, 1})}, 2, [8]int{6, 4}},
	} {
		l := walk(&x.out.Spec, append(x.in, x.out)...)
		if l.rank != x.rank || l.shape != x.shape {
			t.Errorf("%s: wanted rank %d of %v, got rank %d of %v", x.name, x.rank, x.shape, l.rank, l.shape)
		}
		if l.len() != x.out.Len() {
			t.Errorf("%s: wanted %d elements, got %d", x.name, x.out.Len(), l.len())
		}
	}
}

func TestModes(t *testing.T) {
	for _, x := range []struct {
		name    string
		in, out *ops.View
		mode    mode
		wide    uint32
	}{
		{"dense", denseF32(100), denseF32(100), modeDense, 3},
		{"dense, not in fours", denseF32(101), denseF32(101), modeDense, 3},
		{"scalar operand", denseF32(), denseF32(100), modeDense, 2},
		{"off by one element", strided(ops.F32, 1, []int{100}, []int{1}), denseF32(100), modeStrided, 0},
		{"off by 16 bytes", strided(ops.F32, 4, []int{100}, []int{1}), denseF32(100), modeDense, 3},
		{"row", denseF32(8), denseF32(5, 8), modeRows, 3},
		{"column", denseF32(5, 1), denseF32(5, 8), modeRows, 2},
		{"row not in fours", denseF32(7), denseF32(5, 7), modeStrided, 0},
		{"every second", strided(ops.F32, 0, []int{50}, []int{2}), denseF32(50), modeStrided, 0},
		{"rows padded to fives", strided(ops.F32, 0, []int{3, 4}, []int{5, 1}), denseF32(3, 4), modeStrided, 0},
		{"one element", denseF32(1), denseF32(1), modeStrided, 0},
	} {
		l := walk(&x.out.Spec, x.in, x.out)
		if m, w := chooseMode(&l, x.in, x.out); m != x.mode || w != x.wide {
			t.Errorf("%s: wanted mode %d, wide %b, got %d, %b", x.name, x.mode, x.wide, m, w)
		}
	}
}

func TestLimitsOfStridedWalks(t *testing.T) {
	for _, x := range []struct {
		name string
		v    *ops.View
		want error
	}{
		{"far apart", strided(ops.F32, 0, []int{4, 5}, []int{1 << 29, 2}), nil},
		{"past 2³¹", strided(ops.F32, 0, []int{4, 5}, []int{1 << 30, 2}), ops.ErrUnsupported},
		{"five dimensions that merge", strided(ops.F32, 0, []int{2, 2, 2, 2, 2}, []int{32, 16, 8, 4, 2}), nil},
		{"five that do not merge", strided(ops.F32, 0, []int{2, 2, 2, 2, 2}, []int{2, 5, 11, 23, 47}), ops.ErrDense},
	} {
		c := &ops.Call{Op: "neg", In: []ops.View{*x.v}, Out: []ops.View{*denseF32(x.v.Dims()...)}}
		if _, err := planUnary(small(), c, 0); !errors.Is(err, x.want) {
			t.Errorf("%s: wanted %v, got %v", x.name, x.want, err)
		}
	}
}

func TestLargeDenseTensorsAreChunked(t *testing.T) {
	n := 3<<30 + 5
	v := denseF32(n)
	c := &ops.Call{Op: "add", Attr: ops.BinaryAttr{}, In: []ops.View{*v, *denseF32()}, Out: []ops.View{*v}}
	p, err := table["add"].Plan(small(), c)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Steps) != 4 {
		t.Errorf("wanted 4 dispatches for %d elements, got %d", n, len(p.Steps))
	}
	total := 0
	for _, s := range spans(n) {
		if s.at != total || s.n < 1 || s.n > chunk {
			t.Errorf("wanted a piece at %d, got %+v", total, s)
		}
		total += s.n
	}
	if total != n {
		t.Errorf("wanted pieces of %d elements in all, got %d", n, total)
	}
}

func TestMoves(t *testing.T) {
	u8 := func(n int) *ops.View {
		v := ops.DenseView(ops.NewSpec(ops.U8, n), nil)
		return &v
	}
	for _, x := range []struct {
		name string
		x, y *ops.View
		mode uint32
		unit string
		n    int
	}{
		{"dense", denseF32(10), denseF32(10), moveDense, "b4", 10},
		{"dense bytes as words", u8(64), u8(64), moveDense, "b4", 16},
		{"dense odd bytes", u8(63), u8(63), moveDense, "b1", 63},
		{"transposed", strided(ops.F32, 0, []int{100, 70}, []int{1, 100}), denseF32(100, 70), moveTransposed, "b4", 4 * 3},
		{"batch of transposed", strided(ops.F32, 0, []int{5, 100, 70}, []int{7000, 1, 100}), denseF32(5, 100, 70), moveTransposed, "b4", 5 * 4 * 3},
		{"small transposed", strided(ops.F32, 0, []int{8, 8}, []int{1, 8}), denseF32(8, 8), moveStrided, "b4", 64},
		{"middle dimension inner", strided(ops.F32, 0, []int{64, 3, 64}, []int{1, 64, 192}), denseF32(64, 3, 64), moveTransposed, "b4", 3 * 2 * 2},
		{"padded rows", strided(ops.F32, 0, []int{6, 8}, []int{12, 1}), denseF32(6, 8), moveRows, "b4", 48},
		{"expanded", strided(ops.F32, 0, []int{6, 8}, []int{0, 1}), denseF32(6, 8), moveRows, "b4", 48},
	} {
		m, err := planMove(x.x, x.y, true)
		if err != nil {
			t.Errorf("%s: %v", x.name, err)
			continue
		}
		if m.mode != x.mode || m.unit != x.unit || m.n != x.n {
			t.Errorf("%s: wanted mode %d of %d %s, got mode %d of %d %s", x.name, x.mode, x.n, x.unit, m.mode, m.n, m.unit)
		}
	}
}

func TestReductionsShareWork(t *testing.T) {
	for _, x := range []struct {
		name             string
		shape            []int
		dims             uint8
		team, parts, len int
		team2            int
		quads            bool
	}{
		{"a scalar", []int{}, 0, 1, 1, 4, 1, false},
		{"one long row", []int{1 << 24}, 1, 256, 1024, 1 << 14, 256, true},
		{"a short row", []int{10}, 1, 1, 1, 12, 1, true},
		{"many short rows", []int{1000, 100}, 2, 8, 1, 100, 1, true},
		{"rows", []int{1000, 1000}, 2, 32, 1, 1000, 1, true},
		{"rows, not in fours", []int{1000, 1001}, 2, 32, 1, 1004, 1, false},
		{"few long rows", []int{4, 1 << 20}, 2, 256, 256, 4096, 256, true},
		{"columns", []int{1 << 20, 64}, 1, 1, 1024, 1024, 256, false},
		{"many columns", []int{100, 1 << 20}, 1, 1, 1, 100, 1, false},
	} {
		f := fold(denseF32(x.shape...), ops.ReduceAttr{Dims: x.dims})
		f.choose(256)
		if f.team != x.team || f.parts != x.parts || f.len != x.len || f.team2 != x.team2 || f.quads != x.quads {
			t.Errorf("%s: wanted team %d, %d parts of %d, team %d, quads %v, got %d, %d of %d, %d, %v",
				x.name, x.team, x.parts, x.len, x.team2, x.quads, f.team, f.parts, f.len, f.team2, f.quads)
		}
		if f.parts*f.len < f.n || (f.parts-1)*f.len >= f.n {
			t.Errorf("%s: wanted %d elements in pieces that are not empty, got %d of %d", x.name, f.n, f.parts, f.len)
		}
	}
}

func TestRowsShareWork(t *testing.T) {
	for _, x := range []struct {
		name  string
		shape []int
		dim   int
		want  rowPlan
	}{
		{"short rows", []int{100, 10}, 1, rowPlan{100, 10, 1, 1, 12, false}},
		{"a head's rows", []int{100, 128}, 1, rowPlan{100, 128, 1, 8, 16, true}},
		{"rows", []int{100, 1000}, 1, rowPlan{100, 1000, 1, 32, 32, true}},
		{"long rows", []int{100, 8192}, 1, rowPlan{100, 8192, 1, 256, 32, true}},
		{"longer than registers", []int{100, 8196}, 1, rowPlan{100, 8196, 1, 256, 0, true}},
		{"columns", []int{10, 100, 512}, 1, rowPlan{10, 100, 512, 1, 0, false}},
		{"long columns", []int{1 << 15, 1 << 12}, 0, rowPlan{1, 1 << 15, 1 << 12, 256, 0, false}},
		{"few columns", []int{2, 1000, 3}, 1, rowPlan{2, 1000, 3, 32, 32, false}},
	} {
		s := ops.NewSpec(ops.F32, x.shape...)
		if got := chooseRows(&s, x.dim, 256, true); got != x.want {
			t.Errorf("%s: wanted %+v, got %+v", x.name, x.want, got)
		}
	}
}

func TestConstants(t *testing.T) {
	for _, x := range []struct {
		d    ops.DType
		c    float64
		want [2]uint32
	}{
		{ops.F32, 1, [2]uint32{0x3f800000}},
		{ops.F64, -2, [2]uint32{0, 0xc0000000}},
		{ops.I32, -1.9, [2]uint32{0xffffffff, 0xffffffff}},
		{ops.I32, 1e10, [2]uint32{0x7fffffff}},
		{ops.I64, -1e30, [2]uint32{0, 0x80000000}},
		{ops.I64, 1e30, [2]uint32{0xffffffff, 0x7fffffff}},
		{ops.U8, 300, [2]uint32{255}},
		{ops.Bool, 0.5, [2]uint32{1}},
	} {
		if got := constBits(x.d, x.c); got != x.want {
			t.Errorf("%v %v: wanted %#x, got %#x", x.d, x.c, x.want, got)
		}
	}
}

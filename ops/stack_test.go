package ops_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

func init() { // the fuzzer's knowledge of these ops
	attrOf["stack"] = attrOf["concat"]
	attrTypes = append(attrTypes, ops.RepeatAttr{})
	attrOf["repeat"] = len(attrTypes) - 1
}

// TestFuzzedAttributesAreComparable holds for all attributes that the fuzzer
// knows what TestAttributesAreComparable holds for a list of its own.
func TestFuzzedAttributesAreComparable(t *testing.T) {
	for _, a := range attrTypes[1:] {
		if typ := reflect.TypeOf(a); typ.Kind() != reflect.Struct || !typ.Comparable() {
			t.Errorf("%v: wanted a comparable struct", typ)
		}
	}
}

func TestSplitAndChunk(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		train(t, dev, nil, func(s *ops.Scope) error {
			x := ops.Arange(s, ops.F32, 0, 1, 14).Reshape(2, 7).Watch()
			for _, c := range []struct {
				what  string
				parts []*ops.Tensor
				sizes []int
			}{
				{"split 3", x.Split(1, 3), []int{3, 3, 1}},
				{"split 7", x.Split(-1, 7), []int{7}},
				{"split 100", x.Split(1, 100), []int{7}},
				{"split sizes", x.SplitSizes(1, 2, 0, 5), []int{2, 0, 5}},
				{"chunk 3", x.Chunk(1, 3), []int{3, 3, 1}},
				{"chunk 5", x.Chunk(1, 5), []int{2, 2, 2, 1}}, // as torch: four
				{"chunk 1", x.Chunk(1, 1), []int{7}},
				{"empty", x.Narrow(1, 0, 0).Chunk(1, 4), []int{0}},
			} {
				var sizes []int
				for _, p := range c.parts {
					sizes = append(sizes, p.Shape()[1])
				}
				if !slices.Equal(sizes, c.sizes) {
					t.Errorf("%s: wanted parts of %v, got %v", c.what, c.sizes, sizes)
				}
				if c.what == "empty" {
					continue
				}
				if got := values(t, ops.Concat(1, c.parts...)); !slices.Equal(got, values(t, x)) {
					t.Errorf("%s: the parts together are %v", c.what, got)
				}
			}
			parts := x.Split(1, 3)
			parts[0].Sum().Add(parts[2].Sum().MulScalar(3)).Backward()
			if got, want := values(t, x.Grad()), []float32{1, 1, 1, 0, 0, 0, 3, 1, 1, 1, 0, 0, 0, 3}; !slices.Equal(got, want) {
				t.Errorf("gradient: wanted %v, got %v", want, got)
			}
			return nil
		})
		for _, c := range []struct {
			op string
			f  func(x *ops.Tensor)
		}{
			{"split", func(x *ops.Tensor) { x.Split(0, 0) }}, {"split", func(x *ops.Tensor) { x.SplitSizes(0, 2, 2) }},
			{"split", func(x *ops.Tensor) { x.SplitSizes(0, 2) }}, {"chunk", func(x *ops.Tensor) { x.Chunk(0, 0) }},
			{"stack", func(x *ops.Tensor) { ops.Stack(2, x) }}, {"stack", func(x *ops.Tensor) { ops.Stack(0, x, x.Narrow(0, 0, 2)) }},
			{"stack", func(*ops.Tensor) { ops.Stack(0) }},
			{"repeat", func(x *ops.Tensor) { x.Repeat() }}, {"repeat", func(x *ops.Tensor) { x.Repeat(-1) }},
			{"masked_fill", func(x *ops.Tensor) { x.MaskedFill(x, 1) }},
		} {
			err := dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error { c.f(ops.Zeros(s, ops.F32, 3)); return nil })
			wantError(t, err, c.op, "wanted")
		}
	})
}

func TestStackAndRepeatPlaces(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		infer(t, dev, func(s *ops.Scope) error {
			x, y := ops.FromSlice(s, []float32{1, 2}, 2), ops.FromSlice(s, []float32{3, 4}, 2)
			if got := ops.Stack(-1, x, y); !slices.Equal(values(t, got), []float32{1, 3, 2, 4}) {
				t.Errorf("stack: got %v", values(t, got))
			}
			z := x.Repeat(2, 2)
			if got := values(t, z); !slices.Equal(z.Shape(), []int{2, 4}) || !slices.Equal(got, []float32{1, 2, 1, 2, 1, 2, 1, 2}) {
				t.Errorf("repeat: got %v of %v", got, z.Shape())
			}
			return nil
		})
	})
}

func TestEyeAndLinspace(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		infer(t, dev, func(s *ops.Scope) error {
			for _, k := range [][2]int{{1, 1}, {3, 3}, {2, 4}, {4, 2}, {0, 3}, {3, 0}} {
				y := ops.Eye(s, ops.F32, k[0], k[1])
				if !slices.Equal(y.Shape(), k[:]) {
					t.Fatalf("eye: wanted %v, got %v", k, y.Shape())
				}
				if k[0]*k[1] == 0 {
					continue
				}
				for i, v := range values(t, y) {
					if want := i/k[1] == i%k[1]; (v == 1) != want || (v == 0) == want {
						t.Errorf("eye %v: element %d is %v", k, i, v)
					}
				}
			}
			// From torch.linspace(-0.1, 0.7, 8).
			got := values(t, ops.Linspace(s, ops.F32, -0.1, 0.7, 8))
			for i, want := range []float32{-0.1, 0.0142857147, 0.128571436, 0.242857158, 0.357142866, 0.471428573, 0.585714281, 0.7} {
				if d := got[i] - want; d > 1e-7 || d < -1e-7 {
					t.Errorf("linspace: element %d: wanted %v, got %v", i, want, got[i])
				}
			}
			for _, n := range []int{2, 3, 1000} {
				if y := values(t, ops.Linspace(s, ops.F32, 1.1, 3.3, n)); len(y) != n || y[0] != 1.1 || y[n-1] != 3.3 {
					t.Errorf("linspace of %d: got %d numbers from %v to %v", n, len(y), y[0], y[len(y)-1])
				}
			}
			if y := values(t, ops.Linspace(s, ops.F32, 5, 6, 1)); !slices.Equal(y, []float32{5}) {
				t.Errorf("linspace of 1: got %v", y)
			}
			return nil
		})
	})
}

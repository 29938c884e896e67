package ops_test

import (
	"slices"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

func init() { // the fuzzer's knowledge of these ops
	for _, k := range []struct {
		attr any
		ops  []ops.Op
	}{
		{ops.PadAttr{}, []ops.Op{"pad"}}, {ops.PadGradAttr{}, []ops.Op{"pad_grad"}}, {ops.FlipAttr{}, []ops.Op{"flip"}},
		{ops.RollAttr{}, []ops.Op{"roll"}}, {ops.TriangleAttr{}, []ops.Op{"tril", "triu"}},
	} {
		attrTypes = append(attrTypes, k.attr)
		for _, op := range k.ops {
			attrOf[op] = len(attrTypes) - 1
		}
	}
}

func TestPadFlipRollPlaces(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		infer(t, dev, func(s *ops.Scope) error {
			x := ops.FromSlice(s, []float32{1, 2, 3, 4}, 4)
			m := ops.FromSlice(s, []float32{1, 2, 3, 4}, 2, 2)
			for what, k := range map[string]struct {
				got  *ops.Tensor
				want []float32
			}{
				"constant":   {x.Pad(ops.PadConstant, 9, 2, 2), []float32{9, 9, 1, 2, 3, 4, 9, 9}},
				"reflect":    {x.Pad(ops.PadReflect, 0, 2, 2), []float32{3, 2, 1, 2, 3, 4, 3, 2}},
				"replicate":  {x.Pad(ops.PadReplicate, 0, 2, 2), []float32{1, 1, 1, 2, 3, 4, 4, 4}},
				"circular":   {x.Pad(ops.PadCircular, 0, 2, 2), []float32{3, 4, 1, 2, 3, 4, 1, 2}},
				"cut":        {x.Pad(ops.PadConstant, 9, -1, 1), []float32{2, 3, 4, 9}},
				"last first": {m.Pad(ops.PadConstant, 0, 1, 0), []float32{0, 1, 2, 0, 3, 4}},
				"empty":      {x.Narrow(0, 0, 0).Pad(ops.PadConstant, 9, 1, 2), []float32{9, 9, 9}},
				"flip":       {m.Flip(0, 1), []float32{4, 3, 2, 1}},
				"roll":       {x.Roll([]int{1}, []int{0}), []float32{4, 1, 2, 3}},
				"roll flat":  {m.Roll([]int{-1}, nil), []float32{2, 3, 4, 1}},
				"roll twice": {x.Roll([]int{1, 2}, []int{0, -1}), []float32{2, 3, 4, 1}},
				"tril":       {m.Tril(0), []float32{1, 0, 3, 4}},
				"triu":       {m.Triu(1), []float32{0, 2, 0, 0}},
			} {
				if got := values(t, k.got); !slices.Equal(got, k.want) {
					t.Errorf("%s: wanted %v, got %v", what, k.want, got)
				}
			}
			return nil
		})
		for _, c := range []struct {
			op, want string
			f        func(x *ops.Tensor)
		}{
			{"pad", "smaller than the dimension", func(x *ops.Tensor) { x.Pad(ops.PadReflect, 0, 3, 0) }},
			{"pad", "no larger than the dimension", func(x *ops.Tensor) { x.Pad(ops.PadCircular, 0, 0, 4) }},
			{"pad", "cut off", func(x *ops.Tensor) { x.Pad(ops.PadConstant, 0, -2, -2) }},
			{"pad", "pairs", func(x *ops.Tensor) { x.Pad(ops.PadConstant, 0, 1) }},
			{"pad", "pairs", func(x *ops.Tensor) { x.Pad(ops.PadConstant, 0, 1, 1, 1, 1) }},
			{"pad", "mode", func(x *ops.Tensor) { x.Pad(9, 0, 1, 1) }},
			{"pad", "size 0", func(x *ops.Tensor) { x.Narrow(0, 0, 0).Pad(ops.PadReplicate, 0, 1, 1) }},
			{"flip", "once", func(x *ops.Tensor) { x.Flip(0, 0) }},
			{"roll", "as many", func(x *ops.Tensor) { x.Roll([]int{1, 2}, []int{0}) }},
			{"tril", "two dimensions", func(x *ops.Tensor) { x.Tril(0) }},
		} {
			err := dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error { c.f(ops.Zeros(s, ops.F32, 3)); return nil })
			wantError(t, err, c.op, c.want)
		}
	})
}

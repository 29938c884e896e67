package kernels

import (
	"testing"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// TestSegmentSumPlan holds that the keys are looked at in as many digits as the
// ids have, and that no invocation loops longer than the device stands.
func TestSegmentSumPlan(t *testing.T) {
	for _, c := range []struct{ segments, n, loop, digits, windows int }{
		{1, 10, 0, 1, 1}, {16, 10, 0, 1, 1}, {17, 10, 0, 2, 1}, {256, 1000000, 0, 2, 1}, {257, 1000000, 65535, 3, 16}, {1 << 20, 65535 - 128, 65535, 5, 1}, {2, 65535 - 127, 65535, 1, 2},
	} {
		info := device(gpu.Discrete, 16<<10)
		info.Limits.MaxLoop = c.loop
		src, ids, y := ops.NewSpec(ops.F32, c.n, 3), ops.NewSpec(ops.I64, c.n), ops.NewSpec(ops.F32, c.segments, 3)
		p, err := planSegmentSum(info, &ops.Call{Op: "segment_sum", Attr: ops.SegmentAttr{Segments: c.segments},
			In: []ops.View{ops.DenseView(src, nil), ops.DenseView(ids, nil)}, Out: []ops.View{ops.DenseView(y, nil)}})
		if err != nil {
			t.Fatal(err)
		}
		if want := 1 + 3*c.digits + c.windows; len(p.Steps) != want {
			t.Errorf("%d rows to %d segments, loops to %d: wanted %d steps, got %d", c.n, c.segments, c.loop, want, len(p.Steps))
		}
	}
}

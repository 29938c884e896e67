package kernels

import (
	"errors"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// TestPadBlock holds that merged dimensions keep the number of elements, that
// only neighbours without padding are merged, and that padding stays in order.
func TestPadBlock(t *testing.T) {
	for _, c := range []struct {
		shape         []int
		before, after [ops.MaxRank]int
		rank          int
		beside        []int32 // before, of the merged dimensions
	}{
		{nil, [8]int{}, [8]int{}, 1, []int32{0}},
		{[]int{4, 5, 6}, [8]int{}, [8]int{}, 1, []int32{0}},
		{[]int{4, 5, 6}, [8]int{0, 0, 2}, [8]int{0, 0, 1}, 2, []int32{0, 2}},
		{[]int{4, 5, 6}, [8]int{0, 3}, [8]int{}, 3, []int32{0, 3, 0}},
		{[]int{4, 5, 6}, [8]int{1}, [8]int{-1}, 2, []int32{1, 0}}, // as long as before, but moved
		{[]int{2, 2, 2, 2, 2, 2, 2, 2}, [8]int{0, 0, 1, 0, 0, 0, 1, 1}, [8]int{}, 5, []int32{0, 1, 0, 1, 1}},
	} {
		x := ops.NewSpec(ops.F32, c.shape...)
		a := ops.PadAttr{Mode: ops.PadCircular, Before: c.before, After: c.after}
		ys, err := ops.Lookup("pad").Infer(nil, []ops.Spec{x}, a)
		if err != nil {
			t.Fatal(err)
		}
		b, rank := padBlock(&x, &ys[0], &a)
		n, m := 1, 1
		for i := range rank {
			n, m = n*int(b.Size[i]), m*int(b.Shape[i])
			if rank == c.rank && b.Before[i] != c.beside[i] {
				t.Errorf("%v: dimension %d: wanted %d before, got %d", c.shape, i, c.beside[i], b.Before[i])
			}
		}
		if rank != c.rank || n != x.Len() || m != ys[0].Len() {
			t.Errorf("%v padded to %v: wanted %d dimensions, got %d of %d and %d elements", c.shape, ys[0], c.rank, rank, n, m)
		}
	}
}

// TestPadGradLoops holds that a device that ends loops early is not asked for
// longer ones.
func TestPadGradLoops(t *testing.T) {
	info := device(gpu.Software, 32<<10)
	info.Limits.MaxLoop = 65535
	for before, fits := range map[int]bool{1000: true, 70000: false} {
		a := ops.PadGradAttr{Mode: ops.PadReplicate, Before: before}
		c := &ops.Call{Op: "pad_grad", Attr: a, In: []ops.View{ops.DenseView(ops.NewSpec(ops.F32, before+3), nil)}, Out: []ops.View{ops.DenseView(ops.NewSpec(ops.F32, 3), nil)}}
		if _, err := planPadGrad(info, c); errors.Is(err, ops.ErrUnsupported) == fits {
			t.Errorf("%d replicated elements: wanted a plan: %v, got %v", before, fits, err)
		}
	}
}

package ops_test

import (
	"reflect"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// TestAttributesAreComparable holds what the plan cache relies on. Every op's
// attribute is one of these exported structs.
func TestAttributesAreComparable(t *testing.T) {
	attrs := []any{ops.BinaryAttr{}, ops.CastAttr{}, ops.ReduceAttr{}, ops.ScanAttr{}, ops.SoftmaxAttr{}, ops.MatMulAttr{},
		ops.ShapeAttr{}, ops.PermuteAttr{}, ops.SliceAttr{}, ops.UnsliceAttr{}, ops.ConcatAttr{}, ops.IndexAttr{},
		ops.OneHotAttr{}, ops.RepeatAttr{}, ops.CreateAttr{}, ops.ReserveAttr{}, ops.SGDAttr{}, ops.AdamAttr{}, ops.SortAttr{}, ops.TopKAttr{}, ops.SegmentAttr{}, ops.TriangularAttr{}, ops.BinsAttr{}}
	for _, a := range attrs {
		if typ := reflect.TypeOf(a); typ.Kind() != reflect.Struct || !typ.Comparable() {
			t.Errorf("%v: wanted a comparable struct", typ)
		}
	}
}

// TestEagerOpAllocations holds the budget of the hot path: a tensor and what
// the scope's lists amortise; with a tape, one node more.
func TestEagerOpAllocations(t *testing.T) {
	dev := openCPU(t)
	for _, c := range []struct {
		watch bool
		most  float64
	}{{false, 2}, {true, 3}} {
		train(t, dev, nil, func(s *ops.Scope) error {
			x := ops.Zeros(s, ops.F32, 1)
			if c.watch {
				x.Watch()
			}
			x.Neg().Release()
			if n := testing.AllocsPerRun(1000, func() { x.Neg().Release() }); n > c.most {
				t.Errorf("watch=%v: wanted at most %v allocations an op, got %v", c.watch, c.most, n)
			}
			return nil
		})
	}
}

// TestPlanCacheIsBounded asks for more shapes than the cache holds.
func TestPlanCacheIsBounded(t *testing.T) {
	dev := openCPU(t)
	infer(t, dev, func(s *ops.Scope) error {
		x := ops.Zeros(s, ops.F32, 6000)
		for n := 1; n < 6000; n++ {
			x.Slice(0, 0, n, 1).Neg().Release()
		}
		return nil
	})
	if n := dev.CachedPlans(); n > 4096 {
		t.Errorf("wanted at most 4096 plans, got %d", n)
	}
}

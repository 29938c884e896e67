package ops_test

import (
	"slices"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// TestHostSizedRefuseCapture holds that functions that read back how large
// their result is say so inside Capture, and that misuse is named.
func TestHostSizedRefuseCapture(t *testing.T) {
	dev := openCPU(t)
	for name, f := range map[string]func(x *ops.Tensor) (*ops.Tensor, error){
		"nonzero":       func(x *ops.Tensor) (*ops.Tensor, error) { return x.NonZero(ctx) },
		"masked_select": func(x *ops.Tensor) (*ops.Tensor, error) { return x.MaskedSelect(ctx, x.GtScalar(0)) },
		"unique":        func(x *ops.Tensor) (*ops.Tensor, error) { y, _, err := x.Unique(ctx); return y, err },
	} {
		p, err := dev.Capture(ops.Infer(), func(s *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) {
			y, err := f(in[0])
			return []*ops.Tensor{y}, err
		}, ops.NewSpec(ops.F32, 3))
		wantError(t, err, name, "size is read back inside Capture", "host_sized_test.go:")
		if err == nil {
			p.Close()
		}
	}
	refuses := func(want string, f func(s *ops.Scope, x *ops.Tensor) error) {
		t.Helper()
		wantError(t, dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error { return f(s, ops.Zeros(s, ops.F32, 2, 3)) }), want)
	}
	refuses("bool mask", func(_ *ops.Scope, x *ops.Tensor) error { _, err := x.MaskedSelect(ctx, x); return err })
	refuses("broadcasts", func(s *ops.Scope, x *ops.Tensor) error {
		_, err := x.MaskedSelect(ctx, ops.Zeros(s, ops.F32, 2).GtScalar(0))
		return err
	})
	refuses("use Cast", func(_ *ops.Scope, x *ops.Tensor) error { _, _, err := x.Cast(ops.F16).Unique(ctx); return err })
	refuses("lo < hi", func(_ *ops.Scope, x *ops.Tensor) error { x.Histogram(3, 1, 1); return nil })
	refuses("k in [0, 3]", func(_ *ops.Scope, x *ops.Tensor) error { x.TopK(4, 1, true); return nil })
	refuses("i64 ids [n]", func(_ *ops.Scope, x *ops.Tensor) error { ops.SegmentSum(x, x, 3); return nil })
}

// TestMaskedSelectGradient takes elements of a parameter and of a tensor, whose
// gradient is 1 where the mask holds, and frees the temporaries.
func TestMaskedSelectGradient(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		var w *ops.Tensor
		train(t, dev, nil, func(s *ops.Scope) error { w = param(s, []float32{3, -1, 2, -4, 5}, 5); return nil })
		defer release(w)
		train(t, dev, nil, func(s *ops.Scope) error {
			for _, x := range []*ops.Tensor{w, w.Mul(ops.Full(s, ops.F32, 1, 5))} {
				y, err := x.MaskedSelect(ctx, s.In(w).GtScalar(0))
				if err != nil {
					return err
				}
				if got := values(t, y); !slices.Equal(got, []float32{3, 2, 5}) {
					t.Errorf("wanted 3, 2, 5, got %v", got)
				}
				y.Sum().Backward()
				if got := values(t, w.Grad()); !slices.Equal(got, []float32{1, 0, 1, 0, 1}) {
					t.Errorf("wanted ones where the mask holds, got %v", got)
				}
				w.ZeroGrad()
			}
			return nil
		})
	})
}

// TestSortCaptured replays sorts and sums whose scratch memory lives in the
// arena, and compares with eager runs bit by bit.
func TestSortCaptured(t *testing.T) {
	onEachDevice(t, func(t *testing.T, dev *ops.Device) {
		const n = 3000
		f := func(x *ops.Tensor) []*ops.Tensor {
			values, at := x.TopK(7, 0, true)
			order := x.ArgSort(0, false)
			bins := x.MulScalar(3).AddScalar(50).Cast(ops.I64)
			return []*ops.Tensor{values, at.Cast(ops.F32), order.Cast(ops.F32), ops.SegmentSum(x, bins, 100), x.Histogram(9, -10, 10)}
		}
		p, err := dev.Capture(ops.Infer(), func(_ *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) { return f(in[0]), nil }, ops.NewSpec(ops.F32, n))
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		for run := range 3 {
			infer(t, dev, func(s *ops.Scope) error {
				v := make([]float32, n)
				for i := range v {
					v[i] = float32((i*7919+run*13)%n)/n*30 - 15
				}
				x := ops.FromSlice(s, v, n)
				eager := f(x)
				for i, y := range p.Run(s, x) {
					if got, want := values(t, y), values(t, eager[i]); !slices.Equal(got, want) {
						t.Errorf("run %d, output %d: replay differs from eager", run, i)
					}
				}
				return nil
			})
		}
	})
}

package ops_test

import (
	"errors"
	"math"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// TestMisuse holds that each way to use tensors wrongly is an *ops.Error that
// names op, shapes or dtypes, and the caller's line.
func TestMisuse(t *testing.T) {
	dev, other := openCPU(t), openCPU(t)
	var w, gone, far *ops.Tensor
	train(t, dev, nil, func(s *ops.Scope) error {
		w = param(s, []float32{1, 2, 3}, 3)
		gone = s.Keep(ops.Zeros(s, ops.F32, 3))
		return nil
	})
	train(t, other, nil, func(s *ops.Scope) error { far = s.Keep(ops.Zeros(s, ops.F32, 3)); return nil })
	defer release(w, far)
	view := gone.Reshape(3, 1)
	gone.Release()
	var escaped *ops.Tensor
	infer(t, dev, func(s *ops.Scope) error { escaped = ops.Zeros(s, ops.F32, 3); return nil })

	for name, c := range map[string]struct {
		f    func(s *ops.Scope, x *ops.Tensor)
		want []string
	}{
		"shapes": {func(s *ops.Scope, x *ops.Tensor) { x.Add(ops.Zeros(s, ops.F32, 4)) }, []string{"add", "[3]", "[4]"}},
		"dtypes": {func(s *ops.Scope, x *ops.Tensor) { x.Add(ops.Zeros(s, ops.F64, 3)) }, []string{"add", "f32", "f64", "Cast"}},
		"matmul": {func(s *ops.Scope, x *ops.Tensor) {
			ops.MatMul(ops.Zeros(s, ops.F32, 2, 3), ops.Zeros(s, ops.F32, 4, 5))
		}, []string{"matmul", "[2, 3]", "[4, 5]"}},
		"dimension":           {func(s *ops.Scope, x *ops.Tensor) { x.Sum(1) }, []string{"sum", "[-1, 1)", "got 1"}},
		"twice":               {func(s *ops.Scope, x *ops.Tensor) { x.Sum(0, -1) }, []string{"sum", "once"}},
		"released":            {func(s *ops.Scope, x *ops.Tensor) { x.Release(); x.Exp() }, []string{"exp", "release"}},
		"release twice":       {func(s *ops.Scope, x *ops.Tensor) { x.Release(); x.Release() }, []string{"release"}},
		"escaped":             {func(s *ops.Scope, x *ops.Tensor) { x.Add(escaped) }, []string{"add", "scope ended"}},
		"released kept":       {func(s *ops.Scope, x *ops.Tensor) { x.Add(gone) }, []string{"add", "release"}},
		"view of released":    {func(s *ops.Scope, x *ops.Tensor) { x.Add(view) }, []string{"add", "released"}},
		"devices":             {func(s *ops.Scope, x *ops.Tensor) { x.Add(far) }, []string{"add", "cpu"}},
		"no scope":            {func(s *ops.Scope, x *ops.Tensor) { w.Exp() }, []string{"exp", "s.In"}},
		"nil":                 {func(s *ops.Scope, x *ops.Tensor) { x.Mul(nil) }, []string{"mul", "nil"}},
		"no generator":        {func(s *ops.Scope, x *ops.Tensor) { ops.Uniform(s, ops.F32, 0, 1, 3) }, []string{"uniform", "generator"}},
		"dropout generator":   {func(s *ops.Scope, x *ops.Tensor) { x.Dropout(0.5) }, []string{"dropout", "generator"}},
		"probability":         {func(s *ops.Scope, x *ops.Tensor) { x.Dropout(1.5) }, []string{"dropout", "1.5"}},
		"backward vector":     {func(s *ops.Scope, x *ops.Tensor) { x.Mul(w).Backward() }, []string{"backward", "one element"}},
		"backward untracked":  {func(s *ops.Scope, x *ops.Tensor) { x.Sum().Backward() }, []string{"backward", "parameters"}},
		"backward twice":      {func(s *ops.Scope, x *ops.Tensor) { y := x.Mul(w).Sum(); y.Backward(); y.Backward() }, []string{"freed"}},
		"changed in place":    {func(s *ops.Scope, x *ops.Tensor) { y := x.Mul(w).Sum(); x.AddScalar_(s, 1); y.Backward() }, []string{"mul", "add_"}},
		"in-place on tape":    {func(s *ops.Scope, x *ops.Tensor) { x.Mul(w).AddScalar_(s, 1) }, []string{"add_", "gradient"}},
		"in-place from tape":  {func(s *ops.Scope, x *ops.Tensor) { x.Add_(s, 1, x.Mul(w)) }, []string{"add_", "Detach"}},
		"overlap":             {func(s *ops.Scope, x *ops.Tensor) { x.Slice(0, 0, 2, 1).Copy_(s, x.Slice(0, 1, 3, 1)) }, []string{"copy_", "same memory"}},
		"expanded target":     {func(s *ops.Scope, x *ops.Tensor) { x.Unsqueeze(0).Expand(2, 3).AddScalar_(s, 1) }, []string{"add_", "expanded"}},
		"keep foreign":        {func(s *ops.Scope, x *ops.Tensor) { s.Keep(w) }, []string{"keep"}},
		"integer parameter":   {func(s *ops.Scope, x *ops.Tensor) { ops.NewParam(s, ops.Zeros(s, ops.I64, 3)) }, []string{"param", "i64"}},
		"index dtype":         {func(s *ops.Scope, x *ops.Tensor) { x.Gather(0, x) }, []string{"gather", "i64"}},
		"index range":         {func(s *ops.Scope, x *ops.Tensor) { x.Gather(0, ops.FromSlice(s, []int64{0, 3}, 2)) }, []string{"gather", "[0, 3)", "got 3"}},
		"slice length":        {func(s *ops.Scope, x *ops.Tensor) { ops.FromSlice(s, []float32{1, 2}, 3) }, []string{"from_slice", "3 elements", "got 2"}},
		"empty max":           {func(s *ops.Scope, x *ops.Tensor) { ops.Zeros(s, ops.F32, 0).Max() }, []string{"max", "empty"}},
		"watch after use":     {func(s *ops.Scope, x *ops.Tensor) { x.Mul(w).Watch() }, []string{"watch", "Detach"}},
		"gradient of nothing": {func(s *ops.Scope, x *ops.Tensor) { ops.Gradients(x.Mul(w).Sum(), []*ops.Tensor{x}, false) }, []string{"gradients", "Watch"}},
		"negative shape":      {func(s *ops.Scope, x *ops.Tensor) { ops.Zeros(s, ops.F32, -1) }, []string{"full", "[-1]"}},
		"huge shape":          {func(s *ops.Scope, x *ops.Tensor) { ops.Zeros(s, ops.F32, 1<<40, 1<<40) }, []string{"full", "elements"}},
		"rank":                {func(s *ops.Scope, x *ops.Tensor) { ops.Zeros(s, ops.F32, 1, 1, 1, 1, 1, 1, 1, 1, 1) }, []string{"8 dimensions"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := dev.Scope(ctx, ops.Train(nil), func(s *ops.Scope) error {
				c.f(s, ops.FromSlice(s, []float32{1, 2, 3}, 3))
				return nil
			})
			wantError(t, err, append(c.want, "misuse_test.go:")...)
			var e *ops.Error
			if !errors.As(err, &e) {
				t.Errorf("wanted an *ops.Error, got %T", err)
			}
		})
	}
	if w.Grad() != nil {
		t.Error("wanted no gradient left by failing scopes")
	}
}

func TestMisuseMixedScopes(t *testing.T) {
	dev := openCPU(t)
	err := dev.Scope(ctx, ops.Infer(), func(a *ops.Scope) error {
		x := ops.Zeros(a, ops.F32, 2)
		return dev.Scope(ctx, ops.Infer(), func(b *ops.Scope) error {
			ops.Zeros(b, ops.F32, 2).Add(x)
			return nil
		})
	})
	wantError(t, err, "add", "one scope")
}

func TestMisuseReadBack(t *testing.T) {
	dev := openCPU(t)
	infer(t, dev, func(s *ops.Scope) error {
		x := ops.Zeros(s, ops.F32, 2)
		_, err := ops.ToSlice[float64](ctx, x)
		wantError(t, err, "f64", "f32", "Cast")
		_, err = x.Item(ctx)
		wantError(t, err, "one element")
		_, err = ops.ToSlice[float32](ctx, nil)
		wantError(t, err, "nil")
		return nil
	})
}

func TestMisuseCapture(t *testing.T) {
	dev := openCPU(t)
	var w *ops.Tensor
	train(t, dev, nil, func(s *ops.Scope) error { w = param(s, []float32{1}, 1); return nil })
	defer release(w)
	spec := ops.NewSpec(ops.F32, 1)
	capture := func(f func(s *ops.Scope, x *ops.Tensor) error) error {
		p, err := dev.Capture(ops.Train(nil), func(s *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) {
			return in, f(s, in[0])
		}, spec)
		if err == nil {
			p.Close()
		}
		return err
	}
	wantError(t, capture(func(s *ops.Scope, x *ops.Tensor) error { _, err := x.Item(ctx); return err }), "read-back", "misuse_test.go:")
	wantError(t, capture(func(s *ops.Scope, x *ops.Tensor) error { ops.FromSlice(s, []float32{1}); return nil }), "upload", "misuse_test.go:")
	wantError(t, capture(func(s *ops.Scope, x *ops.Tensor) error { s.Keep(x); return nil }), "keep")
	wantError(t, capture(func(s *ops.Scope, x *ops.Tensor) error { x.Mul(w).Sum().Backward(); return nil }), "ZeroGrad")
	if w.Grad() != nil {
		t.Error("wanted no gradient left by a failing capture")
	}
	train(t, dev, nil, func(s *ops.Scope) error { s.In(w).Sum().Backward(); return nil })
	wantError(t, capture(func(s *ops.Scope, x *ops.Tensor) error {
		x.Mul(w).Sum().Backward()
		w.ZeroGrad()
		return nil
	}), "from before")
	w.ZeroGrad()

	p, err := dev.Capture(ops.Infer(), func(s *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) {
		return []*ops.Tensor{in[0].Exp()}, nil
	}, spec)
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]func(s *ops.Scope){
		"f32[2]":     func(s *ops.Scope) { p.Run(s, ops.Zeros(s, ops.F32, 2)) },
		"1 inputs":   func(s *ops.Scope) { p.Run(s) },
		"not differ": func(s *ops.Scope) { p.Run(s, ops.Zeros(s, ops.F32, 1).Watch()) },
	} {
		err := dev.Scope(ctx, ops.Train(nil), func(s *ops.Scope) error { f(s); return nil })
		wantError(t, err, "program", want)
	}
	infer(t, dev, func(s *ops.Scope) error {
		y := p.Run(s, ops.Full(s, ops.F32, 1, 1))[0]
		if v := item(t, y); math.Abs(v-math.E) > 1e-6 {
			t.Errorf("wanted e, got %v", v)
		}
		return nil
	})
	p.Close()
	err = dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error { p.Run(s, ops.Zeros(s, ops.F32, 1)); return nil })
	wantError(t, err, "closed")
}

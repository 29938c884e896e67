package ops_test

import (
	"context"
	"errors"
	"fmt"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/ops"
)

// A scope is the lifetime of temporaries; results are read back inside.
func ExampleDevice_Scope() {
	backend, _ := cpu.New(cpu.Options{})
	dev := ops.NewDevice(backend, nil)
	defer dev.Close()
	ctx := context.Background()
	err := dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
		x := ops.FromSlice(s, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
		row, err := ops.ToSlice[float32](ctx, x.Sum(0))
		fmt.Println(row)
		return err
	})
	fmt.Println(err)
	// Misuse becomes the scope's error.
	err = dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
		ops.MatMul(ops.Zeros(s, ops.F32, 2, 3), ops.Zeros(s, ops.F32, 4, 5))
		return nil
	})
	var misuse *ops.Error
	if errors.As(err, &misuse) {
		fmt.Println(misuse.Op, "at", misuse.In, misuse.Msg)
	}
	// Output:
	// [5 7 9]
	// <nil>
	// matmul at [f32[2, 3] f32[4, 5]] wanted a [batch…, m, k] and b [batch…, k, n]
}

// Watch asks for the gradient of an input; parameters have theirs unasked.
func ExampleTensor_Backward() {
	backend, _ := cpu.New(cpu.Options{})
	dev := ops.NewDevice(backend, nil)
	defer dev.Close()
	ctx := context.Background()
	_ = dev.Scope(ctx, ops.Train(nil), func(s *ops.Scope) error {
		x := ops.FromSlice(s, []float32{1, 2, 3}, 3).Watch()
		x.Square().Sum().Backward()
		g, err := ops.ToSlice[float32](ctx, x.Grad())
		fmt.Println(g)
		return err
	})
	// Output: [2 4 6]
}

// A captured program replays the same kernels on new inputs.
func ExampleDevice_Capture() {
	backend, _ := cpu.New(cpu.Options{})
	dev := ops.NewDevice(backend, nil)
	defer dev.Close()
	ctx := context.Background()
	prog, err := dev.Capture(ops.Infer(), func(s *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) {
		return []*ops.Tensor{in[0].MulScalar(2).AddScalar(1).Sum()}, nil
	}, ops.NewSpec(ops.F32, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer prog.Close()
	for _, x := range [][]float32{{1, 2, 3}, {10, 20, 30}} {
		_ = dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
			v, err := prog.Run(s, ops.FromSlice(s, x, 3))[0].Item(ctx)
			fmt.Println(v)
			return err
		})
	}
	// Output:
	// 15
	// 123
}

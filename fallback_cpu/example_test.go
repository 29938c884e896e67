package cpu_test

import (
	"context"
	"fmt"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/ops"
)

// A device on the CPU backend with two threads.
func Example() {
	backend, err := cpu.New(cpu.Options{Threads: 2, Plain: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	dev := ops.NewDevice(backend, nil)
	defer dev.Close()
	err = dev.Scope(context.Background(), ops.Infer(), func(s *ops.Scope) error {
		x := ops.FromSlice(s, []float32{1, 2, 3, 4}, 2, 2)
		v, err := ops.ToSlice[float32](context.Background(), ops.MatMul(x, x.T()))
		fmt.Println(backend.Name(), v)
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: cpu (plain Go, 2 threads) [5 11 11 25]
}

// double is an op of another module: its meaning and its kernel stand side by
// side.
var double = ops.Register(ops.Def{
	Op: "example.com/mod.double", Kind: ops.Elementwise,
	Infer: func(out, in []ops.Spec, _ any) ([]ops.Spec, error) { return append(out, in[0]), nil },
})

func init() {
	cpu.Register(double.Op, cpu.Kernel{Plan: func(c *ops.Call) (cpu.Run, int, error) {
		n := c.Out[0].Len()
		body := func(c *ops.Call, lo, hi int) {
			x, y := cpu.Data[float32](&c.In[0]), cpu.Data[float32](&c.Out[0])
			for i := lo; i < hi; i++ {
				y[i] = 2 * x[i]
			}
		}
		return func(x *cpu.Ctx, c *ops.Call) error { x.Parallel(c, n, 16384, body); return nil }, 0, nil
	}})
}

func ExampleRegister() {
	backend, err := cpu.New(cpu.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	dev := ops.NewDevice(backend, nil)
	defer dev.Close()
	err = dev.Scope(context.Background(), ops.Infer(), func(s *ops.Scope) error {
		y := ops.Apply(double.Op, nil, ops.FromSlice(s, []float32{1, 2, 3}, 3))[0]
		v, err := ops.ToSlice[float32](context.Background(), y)
		fmt.Println(v)
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: [2 4 6]
}

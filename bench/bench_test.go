package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/kernels"
	"github.com/tuff-ml/tuff/ops"
)

// eachBackend runs a benchmark on the CPU and on the first Vulkan device.
func eachBackend(b *testing.B, f func(b *testing.B, name string, dev *ops.Device)) {
	back, err := cpu.New(cpu.Options{})
	if err != nil {
		b.Fatal(err)
	}
	dev := ops.NewDevice(back, nil)
	f(b, "cpu", dev)
	if err := dev.Close(); err != nil {
		b.Error(err)
	}
	infos, err := gpu.Enumerate(nil)
	if err != nil || len(infos) == 0 {
		b.Logf("no Vulkan device: %v", err)
		return
	}
	vk, err := kernels.Open(infos[0], nil)
	if err != nil {
		b.Fatal(err)
	}
	dev = ops.NewDevice(vk, nil)
	b.Logf("vulkan is %s", dev.Name())
	f(b, "vulkan", dev)
	if err := dev.Close(); err != nil {
		b.Error(err)
	}
}

func random(n int) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	v := make([]float32, n)
	for i := range v {
		v[i] = r.Float32() - 0.5
	}
	return v
}

// inScope runs f in an inference scope, with the clock on.
func inScope(b *testing.B, dev *ops.Device, mode ops.Mode, f func(s *ops.Scope)) {
	err := dev.Scope(context.Background(), mode, func(s *ops.Scope) error { f(s); return nil })
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkMatMul multiplies n×n float32 matrices; gonum's BLAS stands beside.
func BenchmarkMatMul(b *testing.B) {
	sizes := []int{128, 512, 1024}
	report := func(b *testing.B, n int) {
		b.ReportMetric(2*float64(n)*float64(n)*float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GF/s")
	}
	eachBackend(b, func(b *testing.B, name string, dev *ops.Device) {
		for _, n := range sizes {
			b.Run(fmt.Sprintf("be=%s/dtype=f32/n=%d", name, n), func(b *testing.B) {
				inScope(b, dev, ops.Infer(), func(s *ops.Scope) {
					x, y := ops.FromSlice(s, random(n*n), n, n), ops.FromSlice(s, random(n*n), n, n)
					ops.MatMul(x, y).Release()
					_ = dev.Sync()
					b.ResetTimer()
					for range b.N {
						z := ops.MatMul(x, y)
						_, _ = z.Slice(0, 0, 1, 1).Slice(1, 0, 1, 1).Item(context.Background()) // waits
						z.Release()
					}
					report(b, n)
				})
			})
		}
	})
	for _, n := range sizes {
		b.Run(fmt.Sprintf("be=gonum/dtype=f32/n=%d", n), func(b *testing.B) {
			m := func() blas32.General { return blas32.General{Rows: n, Cols: n, Stride: n, Data: random(n * n)} }
			x, y, z := m(), m(), m()
			b.ResetTimer()
			for range b.N {
				blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, x, y, 0, z)
			}
			report(b, n)
		})
	}
}

// BenchmarkEager is the host's cost of one op on a tensor of one element: with
// and without a tape, and replayed. On Vulkan the device runs behind.
func BenchmarkEager(b *testing.B) {
	const chunk = 256 // ops a scope
	eachBackend(b, func(b *testing.B, name string, dev *ops.Device) {
		for _, tape := range []bool{false, true} {
			b.Run(fmt.Sprintf("be=%s/tape=%v", name, tape), func(b *testing.B) {
				b.ReportAllocs()
				for done := 0; done < b.N; done += chunk {
					inScope(b, dev, ops.Train(nil), func(s *ops.Scope) {
						x := ops.FromSlice(s, []float32{1}, 1)
						if tape {
							x.Watch()
						}
						for range min(chunk, b.N-done) {
							x = x.Neg()
						}
					})
				}
				_ = dev.Sync()
			})
		}
		b.Run(fmt.Sprintf("be=%s/replay=true", name), func(b *testing.B) {
			prog, err := dev.Capture(ops.Infer(), func(s *ops.Scope, in []*ops.Tensor) ([]*ops.Tensor, error) {
				x := in[0]
				for range chunk {
					x = x.Neg()
				}
				return []*ops.Tensor{x}, nil
			}, ops.NewSpec(ops.F32, 1))
			if err != nil {
				b.Fatal(err)
			}
			defer prog.Close()
			b.ReportAllocs()
			b.ResetTimer()
			for done := 0; done < b.N; done += chunk {
				inScope(b, dev, ops.Infer(), func(s *ops.Scope) { prog.Run(s, ops.FromSlice(s, []float32{1}, 1)) })
			}
			_ = dev.Sync()
		})
	})
}

// BenchmarkOps are single ops over large tensors, in bytes moved.
func BenchmarkOps(b *testing.B) {
	const n = 1 << 22
	cases := []struct {
		name  string
		bytes int
		f     func(x, y *ops.Tensor) *ops.Tensor
	}{
		{"add", 12 * n, func(x, y *ops.Tensor) *ops.Tensor { return x.Add(y) }},
		{"exp", 8 * n, func(x, _ *ops.Tensor) *ops.Tensor { return x.Exp() }},
		{"sum", 4 * n, func(x, _ *ops.Tensor) *ops.Tensor { return x.Sum() }},
		{"softmax", 8 * n, func(x, _ *ops.Tensor) *ops.Tensor { return x.Softmax(-1) }},
		{"transpose", 8 * n, func(x, _ *ops.Tensor) *ops.Tensor { return x.T().Contiguous() }},
	}
	eachBackend(b, func(b *testing.B, name string, dev *ops.Device) {
		for _, c := range cases {
			b.Run(fmt.Sprintf("be=%s/op=%s/n=%d", name, c.name, n), func(b *testing.B) {
				inScope(b, dev, ops.Infer(), func(s *ops.Scope) {
					x, y := ops.FromSlice(s, random(n), 4096, n/4096), ops.FromSlice(s, random(n), 4096, n/4096)
					c.f(x, y).Release()
					_ = dev.Sync()
					b.SetBytes(int64(c.bytes))
					b.ResetTimer()
					for range b.N {
						c.f(x, y).Release()
						_ = dev.Sync()
					}
				})
			})
		}
	})
}

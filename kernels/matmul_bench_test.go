package kernels

import (
	"context"
	"fmt"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// BenchmarkMatMul reports GF/s of square products, with each operand as it lies
// and transposed, of a product that no tile divides, and of matrix by vector.
func BenchmarkMatMul(b *testing.B) {
	be := openDevice(b)
	dev, ctx := ops.NewDevice(be, nil), context.Background()
	for _, n := range []int{128, 512, 1023, 1024} {
		for i, view := range []string{"nn", "tn", "nt", "tt", "vector"} {
			if n == 1023 && i > 0 {
				continue
			}
			b.Run(fmt.Sprintf("be=vulkan/dtype=f32/n=%d/view=%s", n, view), func(b *testing.B) {
				cols, flops := n, 2*float64(n)*float64(n)
				if view == "vector" {
					cols = 1
				}
				flops *= float64(cols)
				err := dev.Scope(ctx, ops.Infer(), func(s *ops.Scope) error {
					x, y := ops.FromSlice(s, numbers(n*n), n, n), ops.FromSlice(s, numbers(n*cols), n, cols)
					if i == 1 || i == 3 {
						x = x.T()
					}
					if i == 2 || i == 3 {
						y = y.T()
					}
					run := func() {
						ops.MatMul(x, y).Release()
						if err := be.Sync(); err != nil {
							b.Fatal(err)
						}
					}
					run()
					b.ResetTimer()
					for range b.N {
						run()
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GF/s")
			})
		}
	}
}

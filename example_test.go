package tuff_test

import (
	"context"
	"fmt"
	"log"

	"github.com/tuff-ml/tuff"
	"github.com/tuff-ml/tuff/ops"
)

// Ten lines: open a device, multiply two matrices on it, read the gradient.
func Example() {
	dev, err := tuff.Open(tuff.Options{Device: "cpu"}) // without a name, the best
	if err != nil {
		log.Fatal(err)
	}
	defer dev.Close()
	err = dev.Scope(context.Background(), ops.Train(nil), func(s *ops.Scope) error {
		x := ops.FromSlice(s, []float32{1, 2, 3, 4}, 2, 2).Watch()
		y := ops.MatMul(x, x).Sum() // the sum over all elements of x·x
		y.Backward()
		sum, err := y.Item(s.Context())
		if err != nil {
			return err
		}
		dx, err := ops.ToSlice[float32](s.Context(), x.Grad())
		fmt.Println(sum, dx)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: 54 [7 11 9 13]
}

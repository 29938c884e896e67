package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/tuff-ml/tuff"
	"github.com/tuff-ml/tuff/ops"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run computes hard swish and its gradient on the best device, or on that of
// TUFF_DEVICE.
func run(w io.Writer) error {
	dev, err := tuff.Open(tuff.Options{Chosen: func(c tuff.Choice) { fmt.Fprintln(w, c) }})
	if err != nil {
		return err
	}
	defer dev.Close()
	return dev.Scope(context.Background(), ops.Train(nil), func(s *ops.Scope) error {
		x := ops.FromSlice(s, []float32{-4, -2, -1, 0, 1, 2, 4}, 7).Watch()
		y := HardSwish(x)
		y.Sum().Backward()
		for _, t := range []struct {
			name string
			*ops.Tensor
		}{{"x", x}, {"y", y}, {"dy/dx", x.Grad()}} {
			v, err := ops.ToSlice[float32](s.Context(), t.Tensor)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%-6s% .3f\n", t.name, v)
		}
		return nil
	})
}

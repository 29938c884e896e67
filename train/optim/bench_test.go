package optim_test

import (
	"testing"

	"github.com/tuff-ml/tuff/ops"
	"github.com/tuff-ml/tuff/train/optim"
)

// BenchmarkStep is the host's cost of a step over ten small parameters. With
// sparse, one of them never has a gradient.
func BenchmarkStep(b *testing.B) {
	for _, sparse := range []bool{false, true} {
		name := "op=adam/params=10/sparse=no"
		if sparse {
			name = "op=adam/params=10/sparse=yes"
		}
		b.Run(name, func(b *testing.B) { benchmarkStep(b, sparse) })
	}
}

func benchmarkStep(b *testing.B, sparse bool) {
	dev := newDevice(b)
	var params []*ops.Tensor
	var opt *optim.Adam
	err := dev.Scope(b.Context(), ops.Train(nil), func(s *ops.Scope) error {
		for range 10 {
			params = append(params, ops.NewParam(s, ops.Zeros(s, ops.F32, 4)))
		}
		opt = optim.NewAdam(s, list(params...), 1e-3)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	err = dev.Scope(b.Context(), ops.Train(nil), func(s *ops.Scope) error {
		for i, p := range params {
			if !sparse || i != 5 {
				p.SetGrad(s, ops.Ones(s, ops.F32, 4))
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	err = dev.Scope(b.Context(), ops.Train(nil), func(s *ops.Scope) error {
		for b.Loop() {
			opt.Step(s)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	opt.Release()
	for _, p := range params {
		p.Release()
	}
}

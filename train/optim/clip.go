package optim

import (
	"iter"

	"github.com/tuff-ml/tuff/ops"
)

// ClipGradNorm scales the gradients of params so that their common Euclidean
// norm is at most max (Pascanu, Mikolov and Bengio 2013; torch's
// clip_grad_norm_, factor min(1, max/(norm + 1e-6))), and returns the norm
// before, a scalar of s in the first gradient's dtype. Nothing is read back.
// A norm that is NaN makes all gradients NaN, as in torch. Parameters without
// gradient are left out; without any gradient the norm is 0.
func ClipGradNorm(s *ops.Scope, params iter.Seq2[string, *ops.Tensor], max float64) *ops.Tensor {
	const op = "clip_grad_norm"
	if !(max >= 0) {
		ops.Failf(op, nil, "wanted a norm of at least 0, got %v", max)
	}
	var some []*ops.Tensor
	var sum *ops.Tensor
	for _, p := range params {
		if p.Grad() == nil {
			continue
		}
		some = append(some, p)
		square := s.In(p.Grad()).Square().Sum()
		if sum == nil {
			sum = square
		} else {
			sum = sum.Add(square.Cast(sum.DType()))
		}
	}
	if sum == nil {
		return ops.Zeros(s, ops.F32)
	}
	norm := sum.Sqrt()
	factor := norm.AddScalar(1e-6).RDivScalar(max).MinimumScalar(1)
	for _, p := range some {
		p.SetGrad(s, s.In(p.Grad()).Mul(factor.Cast(p.DType())))
	}
	return norm
}

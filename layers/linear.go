package layers

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// Linear is y = act(x·Wᵀ + b): torch.nn.Linear, with a function that can be
// fused into it.
type Linear struct {
	Weight *ops.Tensor // [out, in]
	Bias   *ops.Tensor // [out], or nil

	Act ops.Activation // computed in the same pass
}

// LinearOptions are what torch.nn.Linear leaves optional.
type LinearOptions struct {
	NoBias     bool
	DType      ops.DType      // 0: f32
	Activation ops.Activation // computed in the same pass; 0: none
}

// NewLinear makes a layer from in to out features. Weight and bias are drawn
// from U(−1/√in, 1/√in), which is torch's Kaiming uniform with a = √5, the
// weight first.
func NewLinear(s *ops.Scope, in, out int, opts ...LinearOptions) *Linear {
	const op = "linear"
	o := option(op, opts)
	if in < 1 || out < 1 {
		ops.Failf(op, nil, "wanted at least 1 feature in and out, got in %d, out %d", in, out)
	}
	if o.DType == ops.InvalidDType {
		o.DType = ops.F32
	}
	b := 1 / math.Sqrt(float64(in))
	l := &Linear{Act: o.Activation}
	l.Weight = ops.NewParam(s, uniform(s, op, ops.NewSpec(o.DType, out, in), -b, b))
	if !o.NoBias {
		l.Bias = ops.NewParam(s, uniform(s, op, ops.NewSpec(o.DType, out), -b, b))
	}
	return l
}

// Forward takes x [batch…, in] to [batch…, out]. dtypes: f32, f64, that of
// the weight.
func (l *Linear) Forward(x *ops.Tensor) *ops.Tensor {
	in := l.Weight.Dim(1)
	if x.Rank() == 0 || x.Dim(-1) != in {
		ops.Failf("linear", []*ops.Tensor{x, l.Weight}, "wanted x [batch…, %d], got shape %v", in, x.Shape())
	}
	if x.DType() != l.Weight.DType() {
		ops.Failf("linear", []*ops.Tensor{x, l.Weight}, "wanted x of the weight's dtype %v, got %v; use Cast", l.Weight.DType(), x.DType())
	}
	return ops.Tidy(x, func() *ops.Tensor {
		return ops.MatMulBias(x, l.Weight.T(), l.Bias, l.Act)
	})
}

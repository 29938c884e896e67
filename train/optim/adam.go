package optim

import (
	"iter"

	"github.com/tuff-ml/tuff/ops"
)

// AdamOptions are torch.optim.Adam's; the zero value is torch's default.
type AdamOptions struct {
	Betas       [2]float64 // both 0: 0.9, 0.999
	Eps         float64    // 0: 1e-8
	WeightDecay float64    // an L2 penalty: added to the gradient
}

// AdamWOptions are torch.optim.AdamW's; the zero value is torch's default.
type AdamWOptions struct {
	Betas         [2]float64 // both 0: 0.9, 0.999
	Eps           float64    // 0: 1e-8
	WeightDecay   float64    // 0: 0.01; the share of a parameter that a step at rate 1 takes off
	NoWeightDecay bool
}

// Adam is the optimizer of Kingma and Ba 2015, or AdamW, of Loshchilov and
// Hutter 2019.
type Adam struct {
	base
	attr ops.AdamAttr
}

// NewAdam makes Adam and its state in s. torch's default rate is 1e-3.
func NewAdam(s *ops.Scope, params iter.Seq2[string, *ops.Tensor], lr float64, opts ...AdamOptions) *Adam {
	const op = "optim_adam"
	o := option(op, opts)
	return newAdam(s, op, params, lr, o, false)
}

// NewAdamW makes AdamW and its state in s. torch's default rate is 1e-3.
func NewAdamW(s *ops.Scope, params iter.Seq2[string, *ops.Tensor], lr float64, opts ...AdamWOptions) *Adam {
	const op = "optim_adamw"
	o := option(op, opts)
	switch {
	case o.NoWeightDecay && o.WeightDecay != 0:
		ops.Failf(op, nil, "wanted a weight decay or NoWeightDecay, got both (%v)", o.WeightDecay)
	case !o.NoWeightDecay && o.WeightDecay == 0:
		o.WeightDecay = 0.01
	}
	return newAdam(s, op, params, lr, AdamOptions{o.Betas, o.Eps, o.WeightDecay}, true)
}

func newAdam(s *ops.Scope, op ops.Op, params iter.Seq2[string, *ops.Tensor], lr float64, o AdamOptions, decoupled bool) *Adam {
	if o.Betas == [2]float64{} {
		o.Betas = [2]float64{0.9, 0.999}
	}
	if o.Eps == 0 {
		o.Eps = 1e-8
	}
	for _, b := range o.Betas {
		if !(b >= 0 && b < 1) {
			ops.Failf(op, nil, "wanted betas in [0, 1), got %v", o.Betas)
		}
	}
	switch {
	case !(o.Eps >= 0):
		ops.Failf(op, nil, "wanted an epsilon of at least 0, got %v", o.Eps)
	case !(o.WeightDecay >= 0):
		ops.Failf(op, nil, "wanted a weight decay of at least 0, got %v", o.WeightDecay)
	}
	return &Adam{newBase(s, op, params, lr, "exp_avg", "exp_avg_sq"), ops.AdamAttr{
		Beta1: o.Betas[0], Beta2: o.Betas[1], Eps: o.Eps, WeightDecay: o.WeightDecay, Decoupled: decoupled,
	}}
}

// Step updates the parameters that have a gradient.
func (o *Adam) Step(s *ops.Scope) {
	o.run(s, func(lr, step *ops.Tensor, lists [][]*ops.Tensor) {
		ops.AdamStep(s, o.attr, lr, step, lists[0], lists[1], lists[2], lists[3])
	})
}

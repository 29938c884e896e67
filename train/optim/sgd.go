package optim

import (
	"iter"

	"github.com/tuff-ml/tuff/ops"
)

// SGDOptions are torch.optim.SGD's; the zero value is torch's default.
type SGDOptions struct {
	Momentum    float64
	Dampening   float64
	WeightDecay float64 // an L2 penalty: added to the gradient
	Nesterov    bool    // needs momentum, and no dampening
}

// SGD is stochastic gradient descent (Sutskever et al. 2013 for Nesterov's
// momentum as torch has it).
type SGD struct {
	base
	attr ops.SGDAttr
}

// NewSGD makes the optimizer and its state in s.
func NewSGD(s *ops.Scope, params iter.Seq2[string, *ops.Tensor], lr float64, opts ...SGDOptions) *SGD {
	const op = "optim_sgd"
	o := option(op, opts)
	switch {
	case !(o.Momentum >= 0):
		ops.Failf(op, nil, "wanted a momentum of at least 0, got %v", o.Momentum)
	case !(o.WeightDecay >= 0):
		ops.Failf(op, nil, "wanted a weight decay of at least 0, got %v", o.WeightDecay)
	case o.Nesterov && (o.Momentum == 0 || o.Dampening != 0):
		ops.Failf(op, nil, "wanted a momentum above 0 and no dampening with Nesterov, got %v and %v", o.Momentum, o.Dampening)
	}
	var states []string
	if o.Momentum != 0 {
		states = []string{"momentum_buffer"}
	}
	return &SGD{newBase(s, op, params, lr, states...), ops.SGDAttr{
		Momentum: o.Momentum, Dampening: o.Dampening, WeightDecay: o.WeightDecay, Nesterov: o.Nesterov,
	}}
}

// Step updates the parameters that have a gradient.
func (o *SGD) Step(s *ops.Scope) {
	o.run(s, func(lr, step *ops.Tensor, lists [][]*ops.Tensor) {
		var momenta []*ops.Tensor
		if len(lists) > 2 {
			momenta = lists[2]
		}
		ops.SGDStep(s, o.attr, lr, step, lists[0], lists[1], momenta)
	})
}

// option is the one options struct that a variadic parameter may hold.
func option[T any](op ops.Op, opts []T) (o T) {
	if len(opts) > 1 {
		ops.Failf(op, nil, "wanted at most one options struct, got %d", len(opts))
	}
	if len(opts) == 1 {
		o = opts[0]
	}
	return o
}

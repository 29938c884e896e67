package layers

import "github.com/tuff-ml/tuff/ops"

// Reduction is what a loss does with the losses of single elements.
type Reduction uint8

// The reductions; torch's default is the mean.
const (
	ReduceMean Reduction = iota
	ReduceSum
	ReduceNone
)

func (r Reduction) String() string {
	if int(r) < 3 {
		return [...]string{"mean", "sum", "none"}[r]
	}
	return "unknown"
}

// of reduces the losses of single elements.
func (r Reduction) of(op ops.Op, loss *ops.Tensor) *ops.Tensor {
	switch r {
	case ReduceMean:
		return loss.Mean()
	case ReduceSum:
		return loss.Sum()
	case ReduceNone:
		return loss
	}
	ops.Failf(op, []*ops.Tensor{loss}, "wanted the reduction ReduceMean, ReduceSum or ReduceNone, got %d", r)
	return nil
}

// lossScope is the scope that a loss is computed in, the input's, and lends it
// to the tensors that have none. nil tensors stay nil.
func lossScope(op ops.Op, input *ops.Tensor, others ...**ops.Tensor) *ops.Scope {
	if input == nil {
		ops.Failf(op, nil, "wanted an input, got nil")
	}
	s := input.Scope()
	if s == nil {
		ops.Failf(op, []*ops.Tensor{input}, "wanted an input that has a scope; lend one with s.In")
	}
	for _, t := range others {
		if *t != nil && (*t).Scope() == nil {
			*t = s.In(*t)
		}
	}
	return s
}

// wantLike refuses a target whose dtype or shape is not the input's. Shapes do
// not broadcast: [N, 1] against [N] is nearly always a mistake.
func wantLike(op ops.Op, input, target *ops.Tensor) {
	if target == nil {
		ops.Failf(op, []*ops.Tensor{input}, "wanted a target, got nil")
	}
	if input.Spec() != target.Spec() {
		ops.Failf(op, []*ops.Tensor{input, target}, "wanted a target like the input, %v, got %v", input.Spec(), target.Spec())
	}
}

// wantBroadcast refuses an option tensor that does not broadcast to the input.
func wantBroadcast(op ops.Op, option string, input, t *ops.Tensor) {
	if t == nil {
		return
	}
	b, err := ops.BroadcastSpecs(input.Spec(), t.Spec())
	if err != nil || b != input.Spec() || t.DType() != input.DType() {
		ops.Failf(op, []*ops.Tensor{input, t}, "wanted a %s that broadcasts to the input %v, got %v", option, input.Spec(), t.Spec())
	}
}

// MSELoss is (x − y)²: torch.nn.MSELoss.
type MSELoss struct{ Reduction Reduction }

// Forward compares input and target of one shape and dtype (f32, f64). The
// mean is over all elements; NaN when there are none.
func (l MSELoss) Forward(input, target *ops.Tensor) *ops.Tensor {
	const op = "mse_loss"
	lossScope(op, input, &target)
	wantLike(op, input, target)
	return ops.Tidy(input, func() *ops.Tensor {
		return l.Reduction.of(op, input.Sub(target).Square())
	})
}

// MSE is MSELoss with its defaults.
func MSE(input, target *ops.Tensor) *ops.Tensor { return MSELoss{}.Forward(input, target) }

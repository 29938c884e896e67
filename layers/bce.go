package layers

import "github.com/tuff-ml/tuff/ops"

// BCELoss is −w·(y·ln x + (1−y)·ln(1−x)) for probabilities x, the logarithms
// not below −100: torch.nn.BCELoss.
type BCELoss struct {
	Weight    *ops.Tensor // w, broadcast to the input; nil: 1
	Reduction Reduction
}

// Where x(1−x) is below this, torch takes it as the denominator of the
// gradient (aten/native/Loss.cpp, EPSILON): 1e-12 as float32 has it.
const bceFlat = 9.999999960041972e-13

// Forward compares probabilities in [0, 1] with a target of the same shape and
// dtype (f32, f64). Outside of [0, 1] the loss is NaN, since looking at the
// values would wait for the device (torch fails there). The gradient is
// torch's, dx = (x−y)/max(x(1−x), 1e-12), also where x is 0 or 1; of second
// order it is 0 there.
func (l BCELoss) Forward(input, target *ops.Tensor) *ops.Tensor {
	const op = "bce_loss"
	w := l.Weight
	s := lossScope(op, input, &target, &w)
	wantLike(op, input, target)
	wantBroadcast(op, "weight", input, w)
	return ops.Tidy(input, func() *ops.Tensor {
		d := input.Detach()
		flat := d.Mul(d.RSubScalar(1)).LtScalar(bceFlat)
		loss := ops.Where(flat, bceFlatLoss(input, d, target), bceLoss(ops.Where(flat, ops.Full(s, input.DType(), 0.5), input), target))
		if w != nil {
			loss = loss.Mul(w)
		}
		return l.Reduction.of(op, loss)
	})
}

// bceLoss is the formula, for x that are neither 0 nor 1.
func bceLoss(x, y *ops.Tensor) *ops.Tensor {
	return y.Mul(x.Log()).Add(y.RSubScalar(1).Mul(x.RSubScalar(1).Log())).Neg()
}

// bceFlatLoss has the value with clamped logarithms, and by a term that is 0
// the gradient (x−y)/1e-12. d is x detached.
func bceFlatLoss(x, d, y *ops.Tensor) *ops.Tensor {
	a := d.Log().MaximumScalar(-100)
	b := d.RSubScalar(1).Log().MaximumScalar(-100)
	value := y.Mul(a).Add(y.RSubScalar(1).Mul(b)).Neg()
	return value.Add(x.Sub(d).Mul(d.Sub(y.Detach())).MulScalar(1 / bceFlat))
}

// BCE is BCELoss with its defaults.
func BCE(input, target *ops.Tensor) *ops.Tensor { return BCELoss{}.Forward(input, target) }

// BCEWithLogitsLoss is BCELoss of sigmoid(x), computed without overflow and
// without losing small probabilities: torch.nn.BCEWithLogitsLoss.
//
//	w·((1−y)·x + (1 + (p−1)·y)·ln(1 + e⁻ˣ))
type BCEWithLogitsLoss struct {
	Weight    *ops.Tensor // w, broadcast to the input; nil: 1
	PosWeight *ops.Tensor // p, the weight of positive examples, broadcast to the input; nil: 1
	Reduction Reduction
}

// From here on ln(1 + eˣ) is x to the last bit of float64.
const softplusLinear = 40

// Forward compares logits with a target of the same shape and dtype (f32, f64).
func (l BCEWithLogitsLoss) Forward(input, target *ops.Tensor) *ops.Tensor {
	const op = "bce_with_logits_loss"
	w, p := l.Weight, l.PosWeight
	lossScope(op, input, &target, &w, &p)
	wantLike(op, input, target)
	wantBroadcast(op, "weight", input, w)
	wantBroadcast(op, "pos_weight", input, p)
	return ops.Tidy(input, func() *ops.Tensor {
		tail := input.Neg().Softplus(1, softplusLinear)
		if p != nil {
			tail = tail.Mul(target.Mul(p.SubScalar(1)).AddScalar(1))
		}
		loss := target.RSubScalar(1).Mul(input).Add(tail)
		if w != nil {
			loss = loss.Mul(w)
		}
		return l.Reduction.of(op, loss)
	})
}

// BCEWithLogits is BCEWithLogitsLoss with its defaults.
func BCEWithLogits(input, target *ops.Tensor) *ops.Tensor {
	return BCEWithLogitsLoss{}.Forward(input, target)
}

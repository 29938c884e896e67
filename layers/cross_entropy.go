package layers

import "github.com/tuff-ml/tuff/ops"

// CrossEntropyLoss is −ln softmax(x) at the target's class:
// torch.nn.CrossEntropyLoss.
type CrossEntropyLoss struct {
	// Weight [C] weighs the classes, and the mean with them; nil: 1.
	Weight *ops.Tensor
	// IgnoreIndex is the target that counts for nothing, in the mean neither;
	// nil: −100. It has no meaning with soft targets.
	IgnoreIndex *int
	// LabelSmoothing in [0, 1] is the share of the target that is spread over
	// all classes (Szegedy et al. 2016).
	LabelSmoothing float64
	Reduction      Reduction
}

// Forward takes logits [N, C], [N, C, d…] or [C] (f32, f64) and the target:
// either class numbers, i64 [N], [N, d…] or [], or probabilities of the
// logits' shape and dtype. The result of ReduceNone has the shape of class
// numbers, 0 where they are ignored. The mean is weighted; it is NaN where
// nothing counts. A class number outside [0, C), other than IgnoreIndex, is an
// *ops.IndexError at read-back or the scope's end.
func (l CrossEntropyLoss) Forward(logits, target *ops.Tensor) *ops.Tensor {
	const op = "cross_entropy"
	w := l.Weight
	s := lossScope(op, logits, &target, &w)
	l.check(op, logits, target, w)
	return ops.Tidy(logits, func() *ops.Tensor {
		alone := logits.Rank() == 1
		if alone {
			logits = logits.Unsqueeze(0)
			target = target.Unsqueeze(0)
		}
		lp := logits.LogSoftmax(1)
		var loss *ops.Tensor
		if target.DType() == ops.I64 {
			loss = l.ofClasses(s, lp, target, w)
		} else {
			loss = l.ofShares(lp, target, w)
		}
		if alone && l.Reduction == ReduceNone {
			loss = loss.Squeeze(0)
		}
		return loss
	})
}

// CrossEntropy is CrossEntropyLoss with its defaults.
func CrossEntropy(logits, target *ops.Tensor) *ops.Tensor {
	return CrossEntropyLoss{}.Forward(logits, target)
}

func (l CrossEntropyLoss) check(op ops.Op, logits, target, w *ops.Tensor) {
	if target == nil {
		ops.Failf(op, []*ops.Tensor{logits}, "wanted a target, got nil")
	}
	both := []*ops.Tensor{logits, target}
	if logits.Rank() == 0 {
		ops.Failf(op, both, "wanted logits [N, C], [N, C, d…] or [C], got shape []")
	}
	if !(l.LabelSmoothing >= 0 && l.LabelSmoothing <= 1) {
		ops.Failf(op, both, "wanted label smoothing in [0, 1], got %v", l.LabelSmoothing)
	}
	if l.Reduction > ReduceNone {
		ops.Failf(op, both, "wanted the reduction ReduceMean, ReduceSum or ReduceNone, got %d", l.Reduction)
	}
	at := classDim(logits)
	classes := logits.Dim(at)
	if w != nil && w.Spec() != ops.NewSpec(logits.DType(), classes) {
		ops.Failf(op, []*ops.Tensor{logits, target, w}, "wanted class weights %v, got %v", ops.NewSpec(logits.DType(), classes), w.Spec())
	}
	if target.DType() != ops.I64 {
		if target.Spec() != logits.Spec() {
			ops.Failf(op, both, "wanted class numbers of i64, or probabilities like the logits, %v, got %v", logits.Spec(), target.Spec())
		}
		return
	}
	shape := logits.Shape()
	want := ops.NewSpec(ops.I64, append(shape[:at:at], shape[at+1:]...)...)
	if target.Spec() != want {
		ops.Failf(op, both, "wanted class numbers %v for logits %v, got %v", want, logits.Spec(), target.Spec())
	}
}

func classDim(logits *ops.Tensor) int {
	if logits.Rank() == 1 {
		return 0
	}
	return 1
}

// ofClasses is the loss for class numbers; lp [N, C, d…], target [N, d…].
func (l CrossEntropyLoss) ofClasses(s *ops.Scope, lp, target, w *ops.Tensor) *ops.Tensor {
	ignore := -100
	if l.IgnoreIndex != nil {
		ignore = *l.IgnoreIndex
	}
	dt := lp.DType()
	counts := target.NeScalar(float64(ignore))
	target = ops.Where(counts, target, ops.Zeros(s, ops.I64))
	zero := ops.Zeros(s, dt)

	share := counts.Cast(dt) // what each element weighs in the mean
	loss := lp.Gather(1, target.Unsqueeze(1)).Squeeze(1).Neg()
	if w != nil {
		each := w.Gather(0, target.Reshape(-1)).Reshape(target.Shape()...)
		share = share.Mul(each)
		loss = loss.Mul(each)
	}
	if e := l.LabelSmoothing; e > 0 {
		spread := weighed(lp, w).Sum(1).Neg()
		loss = loss.MulScalar(1 - e).Add(spread.MulScalar(e / float64(lp.Dim(1))))
	}
	loss = ops.Where(counts, loss, zero)
	if l.Reduction == ReduceMean {
		return loss.Sum().Div(share.Sum())
	}
	return l.Reduction.of("cross_entropy", loss)
}

// ofShares is the loss for probabilities, −Σ_c w_c·y_c·lp_c; the mean is over
// all but the classes.
func (l CrossEntropyLoss) ofShares(lp, target, w *ops.Tensor) *ops.Tensor {
	if e := l.LabelSmoothing; e > 0 {
		target = target.MulScalar(1 - e).AddScalar(e / float64(lp.Dim(1)))
	}
	loss := weighed(lp, w).Mul(target).Sum(1).Neg()
	return l.Reduction.of("cross_entropy", loss)
}

// weighed is lp [N, C, d…] times w [C].
func weighed(lp, w *ops.Tensor) *ops.Tensor {
	if w == nil {
		return lp
	}
	shape := make([]int, lp.Rank()-1)
	for i := range shape {
		shape[i] = 1
	}
	shape[0] = lp.Dim(1)
	return lp.Mul(w.Reshape(shape...))
}

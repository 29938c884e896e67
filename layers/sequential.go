package layers

import "github.com/tuff-ml/tuff/ops"

// Sequential applies layers one after another. Its parameters are called
// "0.weight", "2.bias" and so on.
type Sequential []Layer

// NewSequential is Sequential{…}.
func NewSequential(layers ...Layer) Sequential { return layers }

// Forward gives x to the first layer, its result to the second, and so on. A
// result is freed as soon as the next layer is done, unless the gradient needs
// it.
func (q Sequential) Forward(x *ops.Tensor) *ops.Tensor {
	if len(q) == 0 {
		return x
	}
	last := len(q) - 1
	if q[last] == nil {
		ops.Failf("sequential", []*ops.Tensor{x}, "wanted a layer at position %d, got nil", last)
	}
	return ops.Tidy(x, func() *ops.Tensor { return q[last].Forward(q[:last].Forward(x)) })
}

// Identity returns its input.
type Identity struct{}

// Forward returns x.
func (Identity) Forward(x *ops.Tensor) *ops.Tensor { return x }

// Flatten merges dimensions StartDim to EndDim, both included. The zero value
// is torch's default: from dimension 1 to the last, so that the batch stays.
// Negative dimensions count from the end; with StartDim −rank all are merged.
type Flatten struct {
	StartDim int // 0: 1
	EndDim   int // 0: −1
}

// Forward takes [N, a, b, …] to [N, a·b·…] for the zero value. A tensor of
// one dimension is returned as it is, which is an error in torch 1.13.
func (f Flatten) Forward(x *ops.Tensor) *ops.Tensor {
	if f.StartDim == 0 {
		f.StartDim = 1
		if x.Rank() == 1 {
			return x
		}
	}
	if f.EndDim == 0 {
		f.EndDim = -1
	}
	return x.Flatten(f.StartDim, f.EndDim)
}

// Dropout zeroes elements with probability P and scales the others by
// 1/(1−P), in Train scopes, which need a generator. In Infer scopes it passes
// its input on.
//
// P has no default: with the zero value nothing is dropped, so that a rate
// that a program computes or sweeps through 0 means what it says. torch's
// nn.Dropout() is Dropout{P: 0.5}.
type Dropout struct{ P float64 }

// Forward drops. Shapes: any. dtypes: f32, f64.
func (d Dropout) Forward(x *ops.Tensor) *ops.Tensor { return x.Dropout(d.P) }

package layers

import "github.com/tuff-ml/tuff/ops"

// Activations as modules. Shapes: any, kept. dtypes: f32, f64. The formulas
// and gradients are those of the ops of the same name.

// ReLU is max(x, 0).
type ReLU struct{}

// Forward computes it.
func (ReLU) Forward(x *ops.Tensor) *ops.Tensor { return x.ReLU() }

// LeakyReLU is x where x > 0 and NegativeSlope·x elsewhere.
type LeakyReLU struct {
	NegativeSlope float64 // 0: 0.01; for none use ReLU
}

// Forward computes it.
func (l LeakyReLU) Forward(x *ops.Tensor) *ops.Tensor {
	return x.LeakyReLU(orDefault(l.NegativeSlope, 0.01))
}

// GELU is x·Φ(x), exact: torch's approximate="none".
type GELU struct{}

// Forward computes it.
func (GELU) Forward(x *ops.Tensor) *ops.Tensor { return x.GELU() }

// SiLU is x·sigmoid(x).
type SiLU struct{}

// Forward computes it.
func (SiLU) Forward(x *ops.Tensor) *ops.Tensor { return x.SiLU() }

// Sigmoid is 1/(1+e⁻ˣ).
type Sigmoid struct{}

// Forward computes it.
func (Sigmoid) Forward(x *ops.Tensor) *ops.Tensor { return x.Sigmoid() }

// Tanh is the hyperbolic tangent.
type Tanh struct{}

// Forward computes it.
func (Tanh) Forward(x *ops.Tensor) *ops.Tensor { return x.Tanh() }

// Softmax is e^x/Σe^x along Dim, which torch requires too; negative ones count
// from the end.
type Softmax struct{ Dim int }

// Forward computes it.
func (l Softmax) Forward(x *ops.Tensor) *ops.Tensor { return x.Softmax(l.Dim) }

// LogSoftmax is ln(Softmax) along Dim.
type LogSoftmax struct{ Dim int }

// Forward computes it.
func (l LogSoftmax) Forward(x *ops.Tensor) *ops.Tensor { return x.LogSoftmax(l.Dim) }

// Softplus is ln(1+e^(Beta·x))/Beta, and x where Beta·x > Threshold.
type Softplus struct {
	Beta      float64 // 0: 1
	Threshold float64 // 0: 20
}

// Forward computes it.
func (l Softplus) Forward(x *ops.Tensor) *ops.Tensor {
	return x.Softplus(orDefault(l.Beta, 1), orDefault(l.Threshold, 20))
}

func orDefault(v, d float64) float64 {
	if v == 0 {
		return d
	}
	return v
}

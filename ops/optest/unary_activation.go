package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// activationOps are further activations of the unary family.
var activationOps = map[ops.Op]unaryOp{
	"elu": {f: elu, class: Elementary, values: normal(0, 3), smooth: awayFrom(normal(0, 2), 0.1, 0), anyZero: true, consts: [][2]float64{{1}, {0.25}, {0}, {-2}}},
	"clamp": {f: clamp, values: normal(0, 3), smooth: awayFrom(normal(0, 3), 0.05, -1, 2, -0.5, 0.5, 1, 3), anyZero: true, ints: true, bytes: true, step: true,
		consts: [][2]float64{{-1, 2}, {math.Inf(-1), 0.5}, {-0.5, math.Inf(1)}, {3, 1}, {200, 1e30}}},
	// The formula cancels near −3, where the result itself is small.
	"hardswish": {f: plain(hardswish), class: Quotient, values: normal(0, 3), smooth: awayFrom(normal(0, 3), 0.05, -3, 3), anyZero: true},
	"mish":      {f: plain(mish), class: Product, values: normal(0, 10), smooth: normal(0, 2)},
	// As gelu: errors are relative to x.
	"gelu_tanh": {f: plain(geluTanh), class: Elementary, values: normal(0, 3), smooth: normal(0, 2),
		scale: func(x float64) float64 { return math.Abs(x) / 2 }},
}

func elu(x float64, c [2]float64) float64 {
	if x > 0 {
		return x
	}
	return c[0] * math.Expm1(x)
}

func clamp(x float64, c [2]float64) float64 {
	if x < c[0] {
		x = c[0]
	}
	if x > c[1] {
		x = c[1]
	}
	return x
}

func hardswish(x float64) float64 {
	switch {
	case x < -3:
		return 0
	case x > 3:
		return x
	}
	return x * (x + 3) / 6
}

// mish is x·tanh(ln(1+eˣ)) as it is defined; the logarithm is of 1 + eˣ for all
// x at which it does not overflow, and x beyond.
func mish(x float64) float64 {
	if x > 700 {
		return x
	}
	return x * math.Tanh(math.Log1p(math.Exp(x)))
}

// geluTanh has ½·(1 + tanh z) as 1/(1+e^(−2z)), which keeps its digits.
func geluTanh(x float64) float64 {
	z := math.Sqrt(2/math.Pi) * (x + 0.044715*x*x*x)
	return x / (1 + math.Exp(-2*z))
}

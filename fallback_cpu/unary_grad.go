package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// The gradients of activations: z[i] = dy[i]·f′, where a is the activation's
// output for relu, tanh and sigmoid, and its input for the others.
type unaryGradOp uint8

const (
	gReLU unaryGradOp = iota
	gLeakyReLU
	gTanh
	gSigmoid
	gGELU
	gSiLU
	gSoftplus
	gELU
	gClamp
	gHardswish
	gMish
	gGELUTanh
)

func init() {
	for op, g := range map[ops.Op]unaryGradOp{
		"relu_grad": gReLU, "leaky_relu_grad": gLeakyReLU, "tanh_grad": gTanh, "sigmoid_grad": gSigmoid,
		"gelu_grad": gGELU, "silu_grad": gSiLU, "softplus_grad": gSoftplus,
		"elu_grad": gELU, "clamp_grad": gClamp, "hardswish_grad": gHardswish, "mish_grad": gMish, "gelu_tanh_grad": gGELUTanh,
	} {
		Register(op, Kernel{Plan: func(c *ops.Call) (Run, int, error) { return planUnaryGrad(g, c) }})
	}
}

func planUnaryGrad(g unaryGradOp, c *ops.Call) (Run, int, error) {
	grain := mathGrain
	if g < gGELU || g == gClamp || g == gHardswish {
		grain = cheapGrain
	}
	n := c.Out[0].Len()
	w := newWalk(&c.Out[0], &c.In[0], &c.In[1])
	switch c.Out[0].DType {
	case ops.F32:
		return parallelRun(n, grain, zipBody(w, func(z, dy, a []float32, k [2]float64) { unaryGrad(g, z, dy, a, k) }))
	case ops.F64:
		return parallelRun(n, grain, zipBody(w, func(z, dy, a []float64, k [2]float64) { unaryGrad(g, z, dy, a, k) }))
	}
	return unsupported(c.Out[0].DType)
}

func unaryGrad[T float](g unaryGradOp, z, dy, a []T, k [2]float64) {
	dy, a = dy[:len(z)], a[:len(z)]
	switch g {
	case gReLU:
		for i := range z {
			if z[i] = dy[i]; !(a[i] > 0) {
				z[i] = 0
			}
		}
	case gLeakyReLU:
		for i, slope := 0, T(k[0]); i < len(z); i++ {
			if z[i] = dy[i]; !(a[i] > 0) {
				z[i] = slope * dy[i]
			}
		}
	case gTanh:
		for i := range z {
			z[i] = dy[i] * (1 - a[i]*a[i])
		}
	case gSigmoid:
		for i := range z {
			z[i] = dy[i] * (a[i] * (1 - a[i]))
		}
	case gClamp:
		for i, lo, hi := 0, T(k[0]), T(k[1]); i < len(z); i++ {
			if z[i] = dy[i]; !(lo <= a[i] && a[i] <= hi) {
				z[i] = 0
			}
		}
	default:
		var buf [mathBlock]float64
		short := shorter[T]()
		k[0], k[1] = rounded[T](k[0]), rounded[T](k[1])
		for i := 0; i < len(z); i += mathBlock {
			t := buf[:min(mathBlock, len(z)-i)]
			widen(t, a[i:], 1)
			slopes(g, t, k, short)
			for j, f := range t {
				z[i+j] = T(float64(dy[i+j]) * f)
			}
		}
	}
}

// slopes replaces the inputs in t by the activation's slopes there.
func slopes(g unaryGradOp, t []float64, k [2]float64, short bool) {
	switch g {
	case gGELU: // Φ(x) + x·φ(x)
		for i, x := range t {
			t[i] = normalCDF(x) + x*normalPDF(x)
		}
	case gSiLU: // s·(1 + x·(1−s)), s = sigmoid(x)
		var x [mathBlock]float64
		copy(x[:], t)
		sigmoidAll(t, short)
		for i, s := range t {
			t[i] = s * (1 + x[i]*(1-s))
		}
	case gSoftplus:
		beta, threshold := k[0], k[1]
		var linear [mathBlock]bool
		for i, x := range t {
			t[i] = beta * x
			linear[i] = t[i] > threshold
		}
		sigmoidAll(t, short)
		for i := range t {
			if linear[i] {
				t[i] = 1
			}
		}
	case gELU:
		for i, x := range t {
			if t[i] = 1; !(x > 0) {
				t[i] = k[0] * math.Exp(x)
			}
		}
	case gHardswish:
		for i, x := range t {
			switch {
			case x > 3:
				t[i] = 1
			case x < -3:
				t[i] = 0
			default:
				t[i] = x/3 + 0.5
			}
		}
	case gMish:
		var x [mathBlock]float64
		copy(x[:], t)
		expAll(t, short)
		for i, u := range t {
			t[i] = mishSlope(x[i], u)
		}
	case gGELUTanh:
		var x [mathBlock]float64
		copy(x[:], t)
		for i, v := range x[:len(t)] {
			t[i] = -math.Abs(geluTanhArgument(v))
		}
		expAll(t, short)
		for i, e := range t {
			t[i] = geluTanhSlope(x[i], e)
		}
	}
}

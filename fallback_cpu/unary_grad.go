package cpu

import (
	"math"
	"unsafe"

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
)

func init() {
	for op, g := range map[ops.Op]unaryGradOp{
		"relu_grad": gReLU, "leaky_relu_grad": gLeakyReLU, "tanh_grad": gTanh, "sigmoid_grad": gSigmoid,
		"gelu_grad": gGELU, "silu_grad": gSiLU, "softplus_grad": gSoftplus,
	} {
		Register(op, Kernel{Plan: func(c *ops.Call) (Run, int, error) { return planUnaryGrad(g, c) }})
	}
}

func planUnaryGrad(g unaryGradOp, c *ops.Call) (Run, int, error) {
	grain := mathGrain
	if g < gGELU {
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
	case gGELU:
		for i := range z {
			x := float64(a[i])
			z[i] = T(float64(dy[i]) * (normalCDF(x) + x*normalPDF(x)))
		}
	case gSiLU:
		for i := range z {
			x := float64(a[i])
			s := sigmoidFor[T](x)
			z[i] = T(float64(dy[i]) * (s * (1 + x*(1-s))))
		}
	case gSoftplus:
		beta, threshold := rounded[T](k[0]), rounded[T](k[1])
		for i := range z {
			if t := beta * float64(a[i]); t > threshold {
				z[i] = dy[i]
			} else {
				z[i] = T(float64(dy[i]) * sigmoidFor[T](t))
			}
		}
	}
}

// sigmoidFor is 1/(1+e⁻ˣ) with T's accuracy.
func sigmoidFor[T float](x float64) float64 {
	var t T
	if unsafe.Sizeof(t) == 4 {
		return sigmoid32(x)
	}
	return sigmoid64(x)
}

// expFor is eˣ with T's accuracy.
func expFor[T float](x float64) float64 {
	var t T
	if unsafe.Sizeof(t) == 4 {
		return exp32(x)
	}
	return math.Exp(x)
}

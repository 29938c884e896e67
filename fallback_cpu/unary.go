package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// The unary family: y[i] = f(x[i]).
type unaryOp uint8

const (
	uNeg unaryOp = iota
	uAbs
	uSquare
	uExp
	uLog
	uSqrt
	uRsqrt
	uReciprocal
	uTanh
	uSigmoid
	uReLU
	uLeakyReLU
	uGELU
	uSiLU
	uSoftplus
	uExpm1
	uLog1p
	uSin
	uCos
	uErf
	uSign
	uFloor
	uCeil
	uRound
	uTrunc
	uELU
	uClamp
	uHardswish
	uMish
	uGELUTanh
)

func init() {
	for op, u := range map[ops.Op]unaryOp{
		"neg": uNeg, "abs": uAbs, "square": uSquare, "exp": uExp, "log": uLog, "sqrt": uSqrt, "rsqrt": uRsqrt,
		"reciprocal": uReciprocal, "tanh": uTanh, "sigmoid": uSigmoid, "relu": uReLU, "leaky_relu": uLeakyReLU,
		"gelu": uGELU, "silu": uSiLU, "softplus": uSoftplus,
		"expm1": uExpm1, "log1p": uLog1p, "sin": uSin, "cos": uCos, "erf": uErf, "sign": uSign, "floor": uFloor,
		"ceil": uCeil, "round": uRound, "trunc": uTrunc, "elu": uELU, "clamp": uClamp, "hardswish": uHardswish,
		"mish": uMish, "gelu_tanh": uGELUTanh,
	} {
		Register(op, Kernel{Plan: func(c *ops.Call) (Run, int, error) { return planUnary(u, c) }})
	}
}

func planUnary(u unaryOp, c *ops.Call) (Run, int, error) {
	grain := mathGrain
	switch u {
	case uNeg, uAbs, uSquare, uReLU, uLeakyReLU, uSign, uFloor, uCeil, uRound, uTrunc, uClamp, uHardswish:
		grain = cheapGrain
	}
	n := c.Out[0].Len()
	w := newWalk(&c.Out[0], &c.In[0])
	switch c.Out[0].DType {
	case ops.F32:
		return parallelRun(n, grain, mapBody(w, func(z, x []float32, k [2]float64) { unaryFloat(u, z, x, k) }))
	case ops.F64:
		return parallelRun(n, grain, mapBody(w, func(z, x []float64, k [2]float64) { unaryFloat(u, z, x, k) }))
	case ops.I32:
		return parallelRun(n, grain, mapBody(w, func(z, x []int32, k [2]float64) { unaryInt(u, z, x, k) }))
	case ops.I64:
		return parallelRun(n, grain, mapBody(w, func(z, x []int64, k [2]float64) { unaryInt(u, z, x, k) }))
	case ops.U8:
		return parallelRun(n, grain, mapBody(w, func(z, x []uint8, k [2]float64) { unaryInt(u, z, x, k) }))
	}
	return unsupported(c.Out[0].DType)
}

func unaryInt[T int32 | int64 | uint8](u unaryOp, z, x []T, k [2]float64) {
	x = x[:len(z)]
	switch u {
	case uNeg:
		for i := range z {
			z[i] = -x[i]
		}
	case uAbs: // the smallest integer stays as it is, as two's complement has it
		for i := range z {
			z[i] = max(x[i], -x[i])
		}
	case uSquare:
		for i := range z {
			z[i] = x[i] * x[i]
		}
	case uSign:
		for i := range z {
			z[i] = signOf(x[i])
		}
	case uClamp:
		for i, lo, hi := 0, constant[T](k[0]), constant[T](k[1]); i < len(z); i++ {
			z[i] = min(max(x[i], lo), hi)
		}
	}
}

func unaryFloat[T float](u unaryOp, z, x []T, k [2]float64) {
	x = x[:len(z)]
	switch u {
	case uNeg:
		for i := range z {
			z[i] = -x[i]
		}
	case uAbs:
		for i := range z {
			z[i] = T(math.Abs(float64(x[i])))
		}
	case uSquare:
		for i := range z {
			z[i] = x[i] * x[i]
		}
	case uSqrt:
		for i := range z {
			z[i] = T(math.Sqrt(float64(x[i])))
		}
	case uRsqrt:
		for i := range z {
			z[i] = T(1 / math.Sqrt(float64(x[i])))
		}
	case uReciprocal:
		for i := range z {
			z[i] = 1 / x[i]
		}
	case uReLU:
		for i := range z {
			if z[i] = x[i]; x[i] <= 0 {
				z[i] = 0
			}
		}
	case uLeakyReLU:
		for i, slope := 0, T(k[0]); i < len(z); i++ {
			if z[i] = x[i]; !(x[i] > 0) {
				z[i] = slope * x[i]
			}
		}
	case uSign:
		for i := range z {
			z[i] = signOf(x[i])
		}
	case uClamp:
		for i, lo, hi := 0, T(k[0]), T(k[1]); i < len(z); i++ {
			z[i] = clampTo(x[i], lo, hi)
		}
	case uFloor, uCeil, uRound, uTrunc:
		roundAll(u, z, x)
	default:
		var buf [mathBlock]float64
		short := shorter[T]()
		k[0], k[1] = rounded[T](k[0]), rounded[T](k[1])
		for i := 0; i < len(z); i += mathBlock {
			t := buf[:min(mathBlock, len(z)-i)]
			widen(t, x[i:], 1)
			mathFunction(u, t, k, short)
			narrow(z[i:], t)
		}
	}
}

// mathFunction replaces the values in t; short: f32 accuracy is enough.
func mathFunction(u unaryOp, t []float64, k [2]float64, short bool) {
	switch u {
	case uExp:
		expAll(t, short)
	case uLog:
		each(t, log64)
	case uTanh:
		tanhAll(t, short)
	case uSigmoid:
		sigmoidAll(t, short)
	case uGELU:
		for i, x := range t {
			t[i] = x * normalCDF(x)
		}
	case uSiLU:
		var x [mathBlock]float64
		copy(x[:], t)
		sigmoidAll(t, short)
		for i := range t {
			t[i] *= x[i]
		}
	case uSoftplus:
		beta, threshold := k[0], k[1]
		for i, x := range t {
			if bx := beta * x; !(bx > threshold) {
				t[i] = softplus64(bx) / beta
			}
		}
	default:
		moreFunctions(u, t, k, short)
	}
}

package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// The binary family: z[i] = f(x[i], y[i]), broadcast, or with a constant for x
// or y.
type binaryOp uint8

const (
	bAdd binaryOp = iota
	bSub
	bMul
	bMaximum
	bMinimum
	bDiv
	bPow
	bRemainder
	bFmod
	bFloorDivide
	bAtan2
)

// Comparisons give bool.
type compareOp uint8

const (
	cEq compareOp = iota
	cNe
	cLt
	cLe
	cGt
	cGe
	cAnd
	cOr
	cXor
)

func init() {
	for op, b := range map[ops.Op]binaryOp{
		"add": bAdd, "sub": bSub, "mul": bMul, "div": bDiv, "pow": bPow, "maximum": bMaximum, "minimum": bMinimum,
		"remainder": bRemainder, "fmod": bFmod, "floor_divide": bFloorDivide, "atan2": bAtan2,
	} {
		Register(op, Kernel{Plan: func(c *ops.Call) (Run, int, error) { return planBinary(b, c) }})
	}
	for op, p := range map[ops.Op]compareOp{
		"eq": cEq, "ne": cNe, "lt": cLt, "le": cLe, "gt": cGt, "ge": cGe,
		"logical_and": cAnd, "logical_or": cOr, "logical_xor": cXor,
	} {
		Register(op, Kernel{Plan: func(c *ops.Call) (Run, int, error) { return planCompare(p, c) }})
	}
}

func planBinary(b binaryOp, c *ops.Call) (Run, int, error) {
	grain := cheapGrain
	if b >= bPow {
		grain = mathGrain
	}
	var body Body
	switch c.In[0].DType {
	case ops.F32:
		body = binaryBody(c, b, binaryFloat[float32], binaryFloatRight[float32], binaryFloatLeft[float32])
	case ops.F64:
		body = binaryBody(c, b, binaryFloat[float64], binaryFloatRight[float64], binaryFloatLeft[float64])
	case ops.I32:
		body = binaryBody(c, b, binaryInt[int32], binaryIntRight[int32], binaryIntLeft[int32])
	case ops.I64:
		body = binaryBody(c, b, binaryInt[int64], binaryIntRight[int64], binaryIntLeft[int64])
	default:
		return unsupported(c.In[0].DType)
	}
	return parallelRun(c.Out[0].Len(), grain, body)
}

func planCompare(p compareOp, c *ops.Call) (Run, int, error) {
	var body Body
	switch c.In[0].DType {
	case ops.F32:
		body = compareBody[float32](c, p)
	case ops.F64:
		body = compareBody[float64](c, p)
	case ops.I32:
		body = compareBody[int32](c, p)
	case ops.I64:
		body = compareBody[int64](c, p)
	case ops.U8, ops.Bool:
		body = compareBody[uint8](c, p)
	default:
		return unsupported(c.In[0].DType)
	}
	return parallelRun(c.Out[0].Len(), cheapGrain, body)
}

func compareBody[T scalar](c *ops.Call, p compareOp) Body {
	return binaryBody(c, p, compare[T], compareRight[T], compareLeft[T])
}

// binaryBody picks the loop for two tensors, for a constant on the right, or
// for one on the left.
func binaryBody[O any, Z any, T scalar](c *ops.Call, op O, two func(op O, z []Z, x, y []T), right func(op O, z []Z, x []T, y T), left func(op O, z []Z, x T, y []T)) Body {
	switch c.Attr.(ops.BinaryAttr).Scalar {
	case ops.ScalarRight:
		return mapBody(newWalk(&c.Out[0], &c.In[0]), func(z []Z, x []T, k [2]float64) { right(op, z, x, constant[T](k[0])) })
	case ops.ScalarLeft:
		return mapBody(newWalk(&c.Out[0], &c.In[0]), func(z []Z, y []T, k [2]float64) { left(op, z, constant[T](k[0]), y) })
	}
	return zipBody(newWalk(&c.Out[0], &c.In[0], &c.In[1]), func(z []Z, x, y []T, _ [2]float64) { two(op, z, x, y) })
}

func arithmetic[T number](b binaryOp, z, x, y []T) {
	x, y = x[:len(z)], y[:len(z)]
	switch b {
	case bAdd:
		for i := range z {
			z[i] = x[i] + y[i]
		}
	case bSub:
		for i := range z {
			z[i] = x[i] - y[i]
		}
	case bMul:
		for i := range z {
			z[i] = x[i] * y[i]
		}
	case bMaximum:
		for i := range z {
			z[i] = larger(x[i], y[i])
		}
	case bMinimum:
		for i := range z {
			z[i] = smaller(x[i], y[i])
		}
	}
}

func arithmeticRight[T number](b binaryOp, z, x []T, y T) {
	x = x[:len(z)]
	switch b {
	case bAdd:
		for i := range z {
			z[i] = x[i] + y
		}
	case bSub:
		for i := range z {
			z[i] = x[i] - y
		}
	case bMul:
		for i := range z {
			z[i] = x[i] * y
		}
	case bMaximum:
		for i := range z {
			z[i] = larger(x[i], y)
		}
	case bMinimum:
		for i := range z {
			z[i] = smaller(x[i], y)
		}
	}
}

func arithmeticLeft[T number](b binaryOp, z []T, x T, y []T) {
	if b != bSub {
		arithmeticRight(b, z, y, x)
		return
	}
	y = y[:len(z)]
	for i := range z {
		z[i] = x - y[i]
	}
}

// larger is the maximum, NaN if either is NaN.
func larger[T number](x, y T) T {
	if x > y || x != x {
		return x
	}
	return y
}

// smaller is the minimum, NaN if either is NaN.
func smaller[T number](x, y T) T {
	if x < y || x != x {
		return x
	}
	return y
}

func binaryFloat[T float](b binaryOp, z, x, y []T) {
	x, y = x[:len(z)], y[:len(z)]
	switch b {
	case bDiv:
		for i := range z {
			z[i] = x[i] / y[i]
		}
	case bPow:
		for i := range z {
			z[i] = T(math.Pow(float64(x[i]), float64(y[i])))
		}
	case bRemainder, bFmod, bFloorDivide, bAtan2:
		pairs(z, x, y, floatPair[T](b))
	default:
		arithmetic(b, z, x, y)
	}
}

func binaryFloatRight[T float](b binaryOp, z, x []T, y T) {
	x = x[:len(z)]
	switch b {
	case bDiv:
		for i := range z {
			z[i] = x[i] / y
		}
	case bPow:
		powRight(z, x, y)
	case bRemainder, bFmod, bFloorDivide, bAtan2:
		pairsRight(z, x, y, floatPair[T](b))
	default:
		arithmeticRight(b, z, x, y)
	}
}

// powRight has short cuts for the exponents that gradients and norms use.
func powRight[T float](z, x []T, y T) {
	switch y {
	case 1:
		copy(z, x)
	case 2:
		for i := range z {
			z[i] = x[i] * x[i]
		}
	case 3:
		for i := range z {
			v := float64(x[i])
			z[i] = T(v * v * v)
		}
	default:
		for i := range z {
			z[i] = T(math.Pow(float64(x[i]), float64(y)))
		}
	}
}

func binaryFloatLeft[T float](b binaryOp, z []T, x T, y []T) {
	y = y[:len(z)]
	switch b {
	case bDiv:
		for i := range z {
			z[i] = x / y[i]
		}
	case bPow:
		for i := range z {
			z[i] = T(math.Pow(float64(x), float64(y[i])))
		}
	case bRemainder, bFmod, bFloorDivide, bAtan2:
		pairsLeft(z, x, y, floatPair[T](b))
	default:
		arithmeticLeft(b, z, x, y)
	}
}

func compare[T scalar](p compareOp, z []uint8, x, y []T) {
	x, y = x[:len(z)], y[:len(z)]
	switch p {
	case cEq:
		for i := range z {
			z[i] = truth(x[i] == y[i])
		}
	case cNe:
		for i := range z {
			z[i] = truth(x[i] != y[i])
		}
	case cLt:
		for i := range z {
			z[i] = truth(x[i] < y[i])
		}
	case cLe:
		for i := range z {
			z[i] = truth(x[i] <= y[i])
		}
	case cGt:
		for i := range z {
			z[i] = truth(x[i] > y[i])
		}
	case cGe:
		for i := range z {
			z[i] = truth(x[i] >= y[i])
		}
	case cAnd:
		for i := range z {
			z[i] = truth(x[i] != 0 && y[i] != 0)
		}
	case cOr:
		for i := range z {
			z[i] = truth(x[i] != 0 || y[i] != 0)
		}
	case cXor:
		for i := range z {
			z[i] = truth((x[i] != 0) != (y[i] != 0))
		}
	}
}

func compareRight[T scalar](p compareOp, z []uint8, x []T, y T) {
	x = x[:len(z)]
	switch p {
	case cEq:
		for i := range z {
			z[i] = truth(x[i] == y)
		}
	case cNe:
		for i := range z {
			z[i] = truth(x[i] != y)
		}
	case cLt:
		for i := range z {
			z[i] = truth(x[i] < y)
		}
	case cLe:
		for i := range z {
			z[i] = truth(x[i] <= y)
		}
	case cGt:
		for i := range z {
			z[i] = truth(x[i] > y)
		}
	case cGe:
		for i := range z {
			z[i] = truth(x[i] >= y)
		}
	case cAnd:
		for i := range z {
			z[i] = truth(x[i] != 0 && y != 0)
		}
	case cOr:
		for i := range z {
			z[i] = truth(x[i] != 0 || y != 0)
		}
	case cXor:
		for i := range z {
			z[i] = truth((x[i] != 0) != (y != 0))
		}
	}
}

// compareLeft turns c < y into y > c, and so on.
func compareLeft[T scalar](p compareOp, z []uint8, x T, y []T) {
	mirror := [...]compareOp{cEq: cEq, cNe: cNe, cLt: cGt, cLe: cGe, cGt: cLt, cGe: cLe, cAnd: cAnd, cOr: cOr, cXor: cXor}
	compareRight(mirror[p], z, y, x)
}

func truth(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

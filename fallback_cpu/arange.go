package cpu

import "github.com/tuff-ml/tuff/ops"

func init() { Register("arange", Kernel{Plan: planArange}) }

func planArange(c *ops.Call) (Run, int, error) {
	var body Body
	switch c.Out[0].DType {
	case ops.F32:
		body = arangeFloat[float32]
	case ops.F64:
		body = arangeFloat[float64]
	case ops.I32:
		body = arangeInt[int32]
	case ops.I64:
		body = arangeInt[int64]
	default:
		return unsupported(c.Out[0].DType)
	}
	return parallelRun(c.Out[0].Len(), cheapGrain, body)
}

// arangeFloat computes each element by itself in float64: steps do not add up.
func arangeFloat[T float](c *ops.Call, lo, hi int) {
	z, start, step := Data[T](&c.Out[0]), rounded[T](c.Const[0]), rounded[T](c.Const[1])
	for i := lo; i < hi; i++ {
		z[i] = T(start + float64(i)*step)
	}
}

func arangeInt[T int32 | int64](c *ops.Call, lo, hi int) {
	z, start, step := Data[T](&c.Out[0]), constant[T](c.Const[0]), constant[T](c.Const[1])
	for i := lo; i < hi; i++ {
		z[i] = start + T(i)*step
	}
}

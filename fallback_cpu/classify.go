package cpu

import "github.com/tuff-ml/tuff/ops"

// Classification of floats, by their bits: without the sign, what is above the
// infinity is NaN and what is below is finite.
type classOp uint8

const (
	kNaN classOp = iota
	kInf
	kFinite
)

func init() {
	for op, k := range map[ops.Op]classOp{"isnan": kNaN, "isinf": kInf, "isfinite": kFinite} {
		Register(op, Kernel{Plan: func(c *ops.Call) (Run, int, error) { return planClassify(k, c) }})
	}
}

func planClassify(k classOp, c *ops.Call) (Run, int, error) {
	var body Body
	switch c.In[0].DType {
	case ops.F32:
		body = classBody[uint32](c, k, 0x7f800000)
	case ops.F64:
		body = classBody[uint64](c, k, 0x7ff<<52)
	case ops.F16:
		body = classBody[uint16](c, k, 0x7c00)
	case ops.BF16:
		body = classBody[uint16](c, k, 0x7f80)
	default:
		return unsupported(c.In[0].DType)
	}
	return parallelRun(c.Out[0].Len(), cheapGrain, body)
}

func classBody[T uint16 | uint32 | uint64](c *ops.Call, k classOp, inf T) Body {
	return mapBody(newWalk(&c.Out[0], &c.In[0]), func(z []uint8, x []T, _ [2]float64) { classifyAll(k, z, x, inf) })
}

func classifyAll[T uint16 | uint32 | uint64](k classOp, z []uint8, x []T, inf T) {
	x = x[:len(z)]
	size := ^T(0) >> 1 // without the sign
	switch k {
	case kNaN:
		for i := range z {
			z[i] = truth(x[i]&size > inf)
		}
	case kInf:
		for i := range z {
			z[i] = truth(x[i]&size == inf)
		}
	case kFinite:
		for i := range z {
			z[i] = truth(x[i]&size < inf)
		}
	}
}

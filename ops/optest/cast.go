package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

func castRef(c *Case, in []Array, out []ops.Spec) []Array {
	x, y := in[0], NewArray(out[0])
	from, to := x.DType, y.DType
	for i := range x.Len() {
		switch {
		case from.IsFloat() && to.IsFloat():
			y.F[i] = Round(to, x.F[i])
		case from.IsFloat():
			y.I[i] = floatToInteger(to, x.F[i])
		case to == ops.Bool:
			y.I[i] = truth(x.I[i] != 0)
		case to.IsFloat():
			y.F[i] = integerToFloat(to, x.I[i])
		default:
			y.I[i] = wrap(to, x.I[i])
		}
	}
	return []Array{y}
}

// floatToInteger rounds toward zero and saturates; NaN is 0, as a bool true.
func floatToInteger(to ops.DType, x float64) int64 {
	if to == ops.Bool {
		return truth(x != 0)
	}
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	switch to {
	case ops.I32:
		lo, hi = math.MinInt32, math.MaxInt32
	case ops.U8:
		lo, hi = 0, 255
	}
	switch x = math.Trunc(x); {
	case math.IsNaN(x):
		return 0
	case x <= float64(lo):
		return lo
	case x >= float64(hi): // 2⁶³ for i64: the first value out of range
		return hi
	}
	return int64(x)
}

// integerToFloat rounds to nearest even, once.
func integerToFloat(to ops.DType, x int64) float64 {
	if x > -1<<53 && x < 1<<53 {
		return Round(to, float64(x))
	}
	// Longer than float64: keep 32 leading bits, and whether anything is lost
	// below them, which decides a tie for every narrower dtype.
	switch to {
	case ops.F64:
		return float64(x)
	case ops.F32:
		return float64(float32(x))
	}
	top := x >> 30
	if x&(1<<30-1) != 0 {
		top = top<<1 | 1
	} else {
		top <<= 1
	}
	return Round(to, math.Ldexp(float64(top), 29))
}

func init() {
	add := func(from, to ops.DType, in Input, label string) {
		l := in.Layout.Name
		if l == "" {
			l = "dense"
		}
		Add(Case{
			Name: name("cast", "shape", dims(in.Dims()), "view", l, "dtype", from, "to", to, "values", label),
			Op:   "cast", Attr: ops.CastAttr{To: to}, In: []Input{in}, Ref: castRef, Flush: from.IsFloat(),
		})
	}
	for _, from := range ops.DTypes() {
		for _, to := range ops.DTypes() {
			for _, l := range []Layout{dense, stepped} {
				add(from, to, input(from, l, anyValue(from), viewShape...), "plain")
			}
			add(from, to, castEdges(from), "special")
		}
	}
	for _, p := range [][2]ops.DType{{ops.F32, ops.I32}, {ops.I64, ops.F32}, {ops.F32, ops.F16}, {ops.BF16, ops.F32}, {ops.Bool, ops.F32}} {
		for _, shape := range sizes {
			add(p[0], p[1], input(p[0], dense, anyValue(p[0]), shape...), "size")
		}
		for _, l := range []Layout{transposed, padded, offset, broadcastFirst} {
			add(p[0], p[1], input(p[0], l, anyValue(p[0]), 13, 127), "view")
		}
		add(p[0], p[1], input(p[0], reversed, anyValue(p[0]), deepShape...), "view")
	}
	castGradients()
}

// castEdges are the values at which a conversion can go wrong.
func castEdges(from ops.DType) Input {
	if !from.IsFloat() {
		edges := integerEdges(from)
		if from == ops.I64 {
			edges = append(edges, 1<<24+1, 1<<24+3, 1<<53+3, 1<<60+1<<36, 1<<60+1<<36+1, 256, -255, 1<<32+5, 2049, 65519, 65520)
		}
		if from == ops.I32 {
			edges = append(edges, 1<<24+1, 1<<24+3, 256, -255, 300, 2049, 2051, 65519, 65520)
		}
		return Input{Spec: ops.NewSpec(from, len(edges)), Ints: edges}
	}
	values := append([]float64{
		0.5, 1.5, 2.5, -0.5, -1.5, 0.999, 254.5, 255, 255.5, 256, 300, -0.9, -1, 2147483520, 2147483647, 2147483648, -2147483648, -2147483904,
		9.2233720368547758e18, -9.2233720368547758e18, 9.2e18, 1e20, -1e20,
		65504, 65519.99, 65520, 65536, 0x1p-14, 0x1p-15, 0x1p-24, 0x1p-25, 0x1.000002p-25, 3 * 0x1p-26, 1 + 0x1p-11, 1 + 3*0x1p-11, 1 + 0x1p-8, 1 + 3*0x1p-8,
	}, specials(from)...)
	if from == ops.F64 { // rounding by way of float32 would round twice
		values = append(values, 1+0x1p-11+0x1p-40, 1+3*0x1p-11-0x1p-40, 1+0x1p-8+0x1p-40, 1+0x1p-24+0x1p-50, 3.4028235677973366e38, 2147483647.5)
	}
	return input(from, dense, cycle(values...), len(values))
}

// castGradients: the gradient is dy in the input's dtype; finite differences
// would measure the rounding.
func castGradients() {
	for _, from := range []ops.DType{ops.F32, ops.F64, ops.F16, ops.BF16} {
		for _, to := range []ops.DType{ops.F32, ops.F64, ops.F16, ops.BF16} {
			if from == to {
				continue // Tensor.Cast returns its argument
			}
			Add(Case{
				Name: name("cast", "shape", "13x127", "view", "dense", "dtype", from, "to", to, "grad", 1),
				Op:   "cast", Attr: ops.CastAttr{To: to}, In: []Input{input(from, dense, normal(0, 3), 13, 127)}, Ref: castRef,
				RefGrad: func(_ *Case, in, w []Array) []Array { return []Array{w[0].as(in[0].DType)} },
			})
		}
	}
}

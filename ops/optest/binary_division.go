package optest

import (
	"math"
	"math/rand/v2"

	"github.com/tuff-ml/tuff/ops"
)

// nearTwo is 2 or −2 and a little, betweenMultiples far from multiples of 2 and
// of 1.76, the constant of gradient cases.
func nearTwo(r *rand.Rand, i int) float64 {
	return float64(2-4*(i%2)) * (1 + 0.02*(r.Float64()-0.5))
}

func betweenMultiples(r *rand.Rand, _ int) float64 {
	for {
		x := 2 * (float64(r.IntN(7)-3) + 0.25 + 0.5*r.Float64())
		if math.Abs(math.Remainder(x, 1.76)) > 0.1 {
			return x
		}
	}
}

// remainder has the divisor's sign.
func remainder(x, y float64) float64 {
	m := math.Mod(x, y)
	if m != 0 && (m < 0) != (y < 0) {
		m += y
	}
	return m
}

// floorDivide is ⌊x/y⌋ for the exact quotient: x without its remainder is a
// multiple of y, so that the quotient is whole but for rounding.
func floorDivide(x, y float64) float64 {
	if y == 0 {
		return x / y
	}
	m := math.Mod(x, y)
	q := math.Round((x - m) / y)
	if m != 0 && (m < 0) != (y < 0) {
		q--
	}
	if q == 0 {
		return math.Copysign(0, x) * math.Copysign(1, y)
	}
	return q
}

// atan2 has the sign of y. Go's own has not where y/x underflows: it gives π for
// the point (−1.7e308, −2⁻¹⁰²²).
func atan2(y, x float64) float64 { return math.Copysign(math.Atan2(y, x), y) }

// quotient is x/y toward zero, 0 by 0; −2⁶³/−1 wraps.
func quotient(x, y int64) int64 {
	if y == 0 {
		return 0
	}
	return x / y
}

// floorQuotient is ⌊x/y⌋, 0 by 0.
func floorQuotient(x, y int64) int64 {
	q := quotient(x, y)
	if y != 0 && x != q*y && (x < 0) != (y < 0) {
		q--
	}
	return q
}

func fmodInt(x, y int64) int64 {
	if y == 0 {
		return 0
	}
	return x - y*quotient(x, y)
}

func remainderInt(x, y int64) int64 {
	if y == 0 {
		return 0
	}
	return x - y*floorQuotient(x, y)
}

func logicalNotRef(_ *Case, in []Array, out []ops.Spec) []Array {
	y := NewArray(out[0])
	for i := range y.I {
		y.I[i] = truth(in[0].Float(i) == 0)
	}
	return []Array{y}
}

func init() {
	for _, d := range []ops.DType{ops.F32, ops.F64, ops.I32, ops.I64, ops.U8, ops.Bool} {
		g := integers(0, 2)
		if d == ops.Bool {
			g = integers(0, 1)
		}
		for _, shape := range fewSizes {
			Add(Case{
				Name: name("logical_not", "shape", dims(shape), "view", "dense", "dtype", d), Op: "logical_not",
				In: []Input{input(d, dense, g, shape...)}, Ref: logicalNotRef,
			})
		}
		Add(Case{
			Name: name("logical_not", "shape", dims(viewShape), "view", "transposed", "dtype", d), Op: "logical_not",
			In: []Input{input(d, transposed, g, viewShape...)}, Ref: logicalNotRef,
		})
	}
	for _, shape := range [][]int{{}, {0}, {3, 0, 5}} {
		Add(Case{
			Name: name("logical_not", "shape", dims(shape), "view", "dense", "dtype", ops.Bool), Op: "logical_not",
			In: []Input{input(ops.Bool, dense, integers(0, 1), shape...)}, Ref: logicalNotRef,
		})
	}
	Add(Case{
		Name: name("logical_not", "shape", len(specials32), "view", "dense", "dtype", ops.F32, "values", "special"), Op: "logical_not",
		In: []Input{input(ops.F32, dense, cycle(specials32...), len(specials32))}, Ref: logicalNotRef, Flush: true,
	})
}

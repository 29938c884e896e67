package optest

import (
	"math"
	"math/rand/v2"

	"github.com/tuff-ml/tuff/ops"
)

func plain(f func(float64) float64) func(float64, [2]float64) float64 {
	return func(x float64, _ [2]float64) float64 { return f(x) }
}

// mathOps are the elementary functions and roundings of the unary family.
var mathOps = map[ops.Op]unaryOp{
	"expm1": {f: plain(math.Expm1), class: Elementary, values: normal(0, 10), smooth: normal(0, 1)},
	"log1p": {f: plain(math.Log1p), class: Elementary, values: uniform(-0.999, 5), smooth: uniform(-0.5, 4)},
	"sin":   {f: plain(math.Sin), class: Elementary, values: uniform(-100, 100), smooth: normal(0, 3)},
	"cos":   {f: plain(math.Cos), class: Elementary, values: uniform(-100, 100), smooth: normal(0, 3)},
	"erf":   {f: plain(math.Erf), class: Elementary, values: normal(0, 2), smooth: normal(0, 1)},
	"sign":  {f: plain(sign), values: normal(0, 3), smooth: awayFrom(normal(0, 3), 0.1, 0), anyZero: true, ints: true, bytes: true, step: true},
	"floor": {f: plain(math.Floor), values: halves, smooth: betweenHalves, step: true},
	"ceil":  {f: plain(math.Ceil), values: halves, smooth: betweenHalves, step: true},
	"round": {f: plain(math.RoundToEven), values: halves, smooth: betweenHalves, step: true},
	"trunc": {f: plain(math.Trunc), values: halves, smooth: betweenHalves, step: true},
}

// halves are multiples of ½, where roundings differ, and numbers beside them.
func halves(r *rand.Rand, i int) float64 {
	x := float64(r.IntN(4001)-2000) / 2
	if i%3 == 0 {
		x += r.NormFloat64()
	}
	return x
}

// betweenHalves stays an eighth away from every multiple of ½.
func betweenHalves(r *rand.Rand, _ int) float64 {
	return float64(r.IntN(41)-20)/2 + 0.125 + 0.25*r.Float64()
}

// sign is 0 for NaN, as torch has it.
func sign(x float64) float64 { return step(x > 0) - step(x < 0) }

// whole is Go constant i as integer ops use it: rounded toward zero, and the
// nearest number that the dtype holds.
func (c *Case) whole(i int, d ops.DType) int64 {
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	switch d {
	case ops.I32:
		lo, hi = math.MinInt32, math.MaxInt32
	case ops.U8:
		lo, hi = 0, 255
	}
	switch x := math.Trunc(c.Const[i]); {
	case x <= float64(lo):
		return lo
	case x >= float64(hi):
		return hi
	default:
		return int64(x)
	}
}

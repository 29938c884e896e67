package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// composedOps are the functions of the unary family that are made of others,
// whose errors add up.
var composedOps = map[ops.Op]unaryOp{
	"exp2":  {f: plain(math.Exp2), class: Powered, values: uniform(-100, 100), smooth: normal(0, 1)},
	"log2":  {f: plain(func(x float64) float64 { return logarithm(x) / math.Ln2 }), class: Elementary, values: logUniform(1e-30, 1e30), smooth: uniform(0.5, 4)},
	"log10": {f: plain(func(x float64) float64 { return logarithm(x) / math.Ln10 }), class: Elementary, values: logUniform(1e-30, 1e30), smooth: uniform(0.5, 4)},
	"tan":   {f: plain(tangent), class: Product, values: uniform(-100, 100), smooth: uniform(-1, 1)},
	"asin":  {f: plain(arcsine), class: Product, values: uniform(-1, 1), smooth: uniform(-0.8, 0.8)},
	"acos":  {f: plain(arccosine), class: Product, values: uniform(-1, 1), smooth: uniform(-0.8, 0.8)},
}

// logarithm is math.Log for subnormal numbers too, whose exponent Go's own takes
// for that of the smallest normal number on amd64. Its Log2 and Log10 lose
// digits beside 1.
func logarithm(x float64) float64 {
	if x > 0 && x < 0x1p-1022 {
		return math.Log(x*0x1p54) - 54*math.Ln2
	}
	return math.Log(x)
}

// tangent by definition: Go's own loses digits beside its poles.
func tangent(x float64) float64 { return math.Sin(x) / math.Cos(x) }

// arcsine keeps its digits near ±1, where Go's own cancels.
func arcsine(x float64) float64 { return math.Atan2(x, math.Sqrt((1-x)*(1+x))) }

// arccosine is accurate near 1 too, where π/2 − asin x is not.
func arccosine(x float64) float64 { return 2 * math.Atan2(math.Sqrt(1-x), math.Sqrt(1+x)) }

package cpu

import "math"

// Functions for f32 results, computed in float64 with just the accuracy that
// f32 needs. Their relative error is stated before the final rounding, whose
// half ULP of f32 is 6·10⁻⁸.

const (
	log2e  = 1.4426950408889634
	ln2    = 0.6931471805599453
	shift  = 0x1.8p52 // adding it rounds to an integer, which is then in the low bits
	expMin = -708.0   // below, e^x is no normal float64
	expMax = 709.0
)

// exp32 is e^x with a relative error below 3·10⁻¹⁰; below expMin it is 0 and
// above expMax infinite. x = k·ln 2 + r with |r| ≤ ln 2/2; e^r is its Taylor
// polynomial of degree 8, whose remainder is r⁹/9! < 2·10⁻¹⁰.
func exp32(x float64) float64 {
	if !(x > expMin && x < expMax) {
		switch {
		case x != x:
			return x
		case x < 0:
			return 0
		}
		return math.Inf(1)
	}
	t := x*log2e + shift
	r := x - (t-shift)*ln2
	r2 := r * r
	p := (1 + r) + r2*((1.0/2+r*(1.0/6))+r2*((1.0/24+r*(1.0/120))+r2*((1.0/720+r*(1.0/5040))+r2*(1.0/40320))))
	return p * math.Float64frombits((math.Float64bits(t)+1023)<<52)
}

// sigmoid32 is 1/(1+e⁻ˣ).
func sigmoid32(x float64) float64 { return 1 / (1 + exp32(-x)) }

// tanh32 is tanh x with a relative error below 10⁻⁹. Away from 0 it is
// 1 − 2/(e²ˣ+1); near 0, where that cancels, the continued fraction of tanh
// cut after five terms.
func tanh32(x float64) float64 {
	if x > -0.5 && x < 0.5 {
		q := x * x
		return x * (945 + q*(105+q)) / (945 + q*(420+q*15))
	}
	return 1 - 2/(exp32(2*x)+1)
}

// sigmoid64 is 1/(1+e⁻ˣ) without overflow or loss on either side.
func sigmoid64(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

// softplus64 is ln(1+e^t) without overflow.
func softplus64(t float64) float64 {
	if t > 0 {
		return t + math.Log1p(math.Exp(-t))
	}
	return math.Log1p(math.Exp(t))
}

// normalCDF is Φ(x), accurate in the left tail too.
func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x*(1/math.Sqrt2)) }

// normalPDF is φ(x).
func normalPDF(x float64) float64 {
	const invSqrt2Pi = 0.3989422804014326779
	return invSqrt2Pi * math.Exp(-0.5*x*x)
}

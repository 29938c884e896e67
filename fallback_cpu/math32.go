package cpu

import (
	"math"
	"unsafe"
)

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

// Blocks: a function is applied to a block of float64 values, after a pass that
// widens f32 values and before one that rounds them. In one loop the conversion
// instruction, which keeps half of its target register, would make each element
// wait for the one before, and a function take three times as long.
const mathBlock = 128

// widen sets t to the values x[0], x[stride], ….
func widen[T float](t []float64, x []T, stride int) {
	if stride == 1 {
		x = x[:len(t)]
		for i := range t {
			t[i] = float64(x[i])
		}
		return
	}
	at := 0
	for i := range t {
		t[i] = float64(x[at])
		at += stride
	}
}

// narrow rounds t to z.
func narrow[T float](z []T, t []float64) {
	z = z[:len(t)]
	for i := range t {
		z[i] = T(t[i])
	}
}

// shorter says whether f32 accuracy is enough for T.
func shorter[T float]() bool {
	var t T
	return unsafe.Sizeof(t) == 4
}

// expAll replaces t by e^t.
func expAll(t []float64, short bool) {
	if short {
		for i := range t {
			t[i] = exp32(t[i])
		}
		return
	}
	for i := range t {
		t[i] = math.Exp(t[i])
	}
}

func sigmoidAll(t []float64, short bool) {
	if short {
		for i := range t {
			t[i] = 1 / (1 + exp32(-t[i]))
		}
		return
	}
	for i := range t {
		t[i] = sigmoid64(t[i])
	}
}

func tanhAll(t []float64, short bool) {
	if short {
		for i := range t {
			t[i] = tanh32(t[i])
		}
		return
	}
	for i := range t {
		t[i] = math.Tanh(t[i])
	}
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

package cpu

import "math"

// signOf is 1, −1 or 0, which NaN gives too.
func signOf[T scalar](x T) T {
	switch {
	case x > 0:
		return 1
	case x < 0:
		var zero T
		return zero - 1
	}
	return 0
}

// clampTo is min(max(x, lo), hi); NaN stays.
func clampTo[T float](x, lo, hi T) T {
	if x < lo {
		x = lo
	}
	if x > hi {
		x = hi
	}
	return x
}

// roundAll rounds to whole numbers, which float64 does exactly for f32 too.
func roundAll[T float](u unaryOp, z, x []T) {
	x = x[:len(z)]
	switch u {
	case uFloor:
		for i := range z {
			z[i] = T(math.Floor(float64(x[i])))
		}
	case uCeil:
		for i := range z {
			z[i] = T(math.Ceil(float64(x[i])))
		}
	case uRound:
		for i := range z {
			z[i] = T(math.RoundToEven(float64(x[i])))
		}
	case uTrunc:
		for i := range z {
			z[i] = T(math.Trunc(float64(x[i])))
		}
	}
}

// moreFunctions is mathFunction for the rest of the family.
func moreFunctions(u unaryOp, t []float64, k [2]float64, short bool) {
	switch u {
	case uExpm1:
		each(t, math.Expm1)
	case uLog1p:
		each(t, math.Log1p)
	case uSin:
		each(t, math.Sin)
	case uCos:
		each(t, math.Cos)
	case uErf:
		each(t, math.Erf)
	case uELU:
		for i, x := range t {
			if !(x > 0) {
				t[i] = k[0] * math.Expm1(x)
			}
		}
	case uHardswish:
		each(t, hardswish64)
	case uMish:
		var x [mathBlock]float64
		copy(x[:], t)
		expAll(t, short)
		for i, u := range t {
			if t[i] = x[i]; !(x[i] > mishFar) {
				n := u * (u + 2)
				t[i] = x[i] * (n / (n + 2))
			}
		}
	case uGELUTanh:
		var x [mathBlock]float64
		copy(x[:], t)
		for i, v := range x[:len(t)] {
			t[i] = geluTanhArgument(v)
		}
		sigmoidAll(t, short)
		for i := range t {
			t[i] *= x[i]
		}
	}
}

func each(t []float64, f func(float64) float64) {
	for i, x := range t {
		t[i] = f(x)
	}
}

// log64 is ln x. Go's own takes subnormal numbers for larger ones on amd64: it
// gives −709.1 for 2⁻¹⁰⁷⁴, which is −744.4.
func log64(x float64) float64 {
	if x > 0 && x < 0x1p-1022 {
		return math.Log(x*0x1p54) - 54*math.Ln2
	}
	return math.Log(x)
}

// hardswish64 is 0 up to −3, −inf included, and x from 3 on.
func hardswish64(x float64) float64 {
	switch {
	case x > 3:
		return x
	case x < -3:
		return 0
	}
	return x * (x + 3) / 6
}

// mish and its slope, with u = eˣ: tanh(ln(1+u)) = n/(n+2), n = u·(u+2), which
// cancels nowhere. Beyond mishFar it is 1 in float64, before u² can overflow.
const mishFar = 40.0

// mishSlope is t + x·t′, t = n/(n+2), t′ = 4u(u+1)/(n+2)².
func mishSlope(x, u float64) float64 {
	switch {
	case x > mishFar:
		return 1
	case u == 0: // x·t′ is 0 at −inf
		return 0
	}
	n := u * (u + 2)
	d := n + 2
	return n/d + x*(4*u*(u+1)/(d*d))
}

const (
	geluTanhScale = 2 * 0.7978845608028654 // 2·√(2/π)
	geluTanhCube  = 0.044715
)

// geluTanhArgument is what the sigmoid of the tanh form of gelu is taken of:
// (1 + tanh z)/2 = sigmoid(2z).
func geluTanhArgument(x float64) float64 {
	return geluTanhScale * (x + geluTanhCube*x*x*x)
}

// geluTanhSlope is s + x·s(1−s)·z′ for s = sigmoid(z), z = geluTanhArgument(x),
// from e = e^(−|z|): s(1−s) = e/(1+e)² does not cancel where s is near 1.
func geluTanhSlope(x, e float64) float64 {
	s := 1 / (1 + e)
	w := e * s * s
	if x < 0 {
		s *= e
	}
	if w > 0 { // or else the rest is 0, at the infinities too
		s += x * w * (geluTanhScale * (1 + 3*geluTanhCube*x*x))
	}
	return s
}

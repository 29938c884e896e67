package cpu

import "math"

// floatPair is the function of an op that has no loop of its own. float64 has
// room for what f32 needs: fmod is exact, and the sum of two f32 numbers is
// rounded twice without harm.
func floatPair[T float](b binaryOp) func(x, y T) T {
	var f func(x, y float64) float64
	switch b {
	case bRemainder:
		f = remainder64
	case bFmod:
		f = math.Mod
	case bFloorDivide:
		f = floorDivide64
	case bAtan2:
		f = angle64
	}
	return func(x, y T) T { return T(f(float64(x), float64(y))) }
}

// remainder64 has y's sign; beside an infinite y of the other sign it is y.
func remainder64(x, y float64) float64 {
	m := math.Mod(x, y)
	if m != 0 && (m < 0) != (y < 0) {
		m += y
	}
	return m
}

// floorDivide64 is ⌊x/y⌋. Without its remainder x is a multiple of y, so the
// quotient is a whole number but for rounding.
func floorDivide64(x, y float64) float64 {
	if y == 0 {
		return x / y
	}
	m := math.Mod(x, y)
	q := math.Round((x - m) / y)
	if m != 0 && (m < 0) != (y < 0) {
		q--
	}
	if q == 0 {
		return math.Copysign(0, math.Copysign(1, x)*math.Copysign(1, y))
	}
	return q
}

// angle64 has the sign of y, which math.Atan2 loses where y/x underflows.
func angle64(y, x float64) float64 { return math.Copysign(math.Atan2(y, x), y) }

type signed interface{ int32 | int64 }

// intPair divides integers; by 0 they give 0.
func intPair[T signed](b binaryOp) func(x, y T) T {
	switch b {
	case bRemainder:
		return remainderInt[T]
	case bFmod:
		return func(x, y T) T {
			if y == 0 {
				return 0
			}
			return x % y
		}
	}
	return func(x, y T) T {
		if y == 0 {
			return 0
		}
		q := x / y
		if remainderInt(x, y) != x%y {
			q--
		}
		return q
	}
}

func remainderInt[T signed](x, y T) T {
	if y == 0 {
		return 0
	}
	r := x % y
	if r != 0 && (r < 0) != (y < 0) {
		r += y
	}
	return r
}

func divides(b binaryOp) bool { return b == bRemainder || b == bFmod || b == bFloorDivide }

func binaryInt[T signed](b binaryOp, z, x, y []T) {
	if divides(b) {
		pairs(z, x, y, intPair[T](b))
		return
	}
	arithmetic(b, z, x, y)
}

func binaryIntRight[T signed](b binaryOp, z, x []T, y T) {
	if divides(b) {
		pairsRight(z, x, y, intPair[T](b))
		return
	}
	arithmeticRight(b, z, x, y)
}

func binaryIntLeft[T signed](b binaryOp, z []T, x T, y []T) {
	if divides(b) {
		pairsLeft(z, x, y, intPair[T](b))
		return
	}
	arithmeticLeft(b, z, x, y)
}

func pairs[T number](z, x, y []T, f func(x, y T) T) {
	for i := range z {
		z[i] = f(x[i], y[i])
	}
}

func pairsRight[T number](z, x []T, y T, f func(x, y T) T) {
	for i := range z {
		z[i] = f(x[i], y)
	}
}

func pairsLeft[T number](z []T, x T, y []T, f func(x, y T) T) {
	for i := range z {
		z[i] = f(x, y[i])
	}
}

package kernels

import "math"

// bits24 is ⌈p·2²⁴⌉: a 24-bit draw v has v·2⁻²⁴ < p exactly where v < bits24(p).
func bits24(p float64) uint32 { return uint32(math.Ceil(min(max(p, 0), 1) * (1 << 24))) }

// words are the low and high 32 bits of x.
func words(x uint64) [2]uint32 { return [2]uint32{uint32(x), uint32(x >> 32)} }

// floatPair is x as a float32 and the float32 of what it lacks.
func floatPair(x float64) [2]uint32 {
	hi := float32(x)
	lo := float32(x - float64(hi))
	if math.IsInf(float64(hi), 0) || hi != hi {
		lo = 0
	}
	return [2]uint32{math.Float32bits(hi), math.Float32bits(lo)}
}

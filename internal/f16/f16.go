// Package f16 converts between float32 and the two 16-bit float formats:
// IEEE 754 binary16 (half) and bfloat16. It does no arithmetic on them.
//
// Conversions to 16 bits round to the nearest value, ties to even; values
// beyond the largest finite one become infinite, subnormals are kept, and NaN
// stays NaN.
package f16

import "math"

// FromFloat32 rounds f to binary16.
func FromFloat32(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000: // NaN: keep the top payload bits, and make it quiet
		return sign | 0x7e00 | uint16(b>>13&0x3ff)
	case b >= 0x47800000: // 2¹⁶ and above, infinity included
		return sign | 0x7c00
	case b < 0x38800000: // below 2⁻¹⁴: subnormal or zero
		// Adding ½ makes the unit in the last place of the sum 2⁻²⁴, which is
		// binary16's smallest subnormal: the addition rounds for us.
		h := math.Float32frombits(b) + 0.5
		return sign | uint16(math.Float32bits(h)-0x3f000000)
	}
	// Change the exponent's bias from 127 to 15 and round away 13 bits; a carry
	// runs into the exponent, and beyond 65519 to infinity, as it should.
	b += 0xc8000fff + b>>13&1
	return sign | uint16(b>>13)
}

// ToFloat32 is exact.
func ToFloat32(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	b := uint32(h & 0x7fff)
	switch {
	case b >= 0x7c00: // infinity, NaN
		return math.Float32frombits(sign | 0x7f800000 | b<<13)
	case b < 0x0400: // subnormal or zero: b·2⁻²⁴
		return math.Float32frombits(sign | math.Float32bits(float32(b)*0x1p-24))
	}
	return math.Float32frombits(sign | (b<<13 + 112<<23))
}

// FromFloat64 rounds f to binary16 once: going through float32 would round
// twice, and wrongly where the first rounding hits a tie.
func FromFloat64(f float64) uint16 { return FromFloat32(toOdd(f)) }

// BFromFloat32 rounds f to bfloat16.
func BFromFloat32(f float32) uint16 {
	b := math.Float32bits(f)
	if b&0x7fffffff > 0x7f800000 {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// BToFloat32 is exact.
func BToFloat32(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

// BFromFloat64 rounds f to bfloat16 once.
func BFromFloat64(f float64) uint16 { return BFromFloat32(toOdd(f)) }

// toOdd rounds to float32 by truncation, and sets the last bit where anything
// was cut off. A later rounding to fewer bits (two or more) then sees on which
// side of a tie the value lay (Boldo and Melquiond 2008).
func toOdd(f float64) float32 {
	r := float32(f)
	if float64(r) == f || r != r {
		return r
	}
	b := math.Float32bits(r)
	if math.Abs(float64(r)) > math.Abs(f) {
		b-- // toward zero
	}
	return math.Float32frombits(b | 1)
}

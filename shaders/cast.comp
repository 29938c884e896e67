// cast: y = x in another dtype, elementwise.
//
// Floats become integers by rounding toward zero; values outside the range saturate, NaN becomes 0. Integers become
// floats, and floats narrower floats, by one rounding to nearest even. Integers become narrower ones by wrapping.
// To bool: 1 where x is not 0 (NaN is not).
//
// x: elements of FROM (bool is u8), y: of TO, any shape, walked as elem.glsl says; operands 0 x, 1 y.
// Specialization: as elem.glsl.
//
// variant: f32_to_f64 FROM=f32 TO=f64 needs float64
// variant: f32_to_f16 FROM=f32 TO=f16
// variant: f32_to_bf16 FROM=f32 TO=bf16
// variant: f32_to_i32 FROM=f32 TO=i32
// variant: f32_to_i64 FROM=f32 TO=i64 needs int64
// variant: f32_to_u8 FROM=f32 TO=u8
// variant: f32_to_bool FROM=f32 TO=u8 TO_BOOL
// variant: f64_to_f32 FROM=f64 TO=f32 needs float64
// variant: f64_to_f16 FROM=f64 TO=f16 needs float64
// variant: f64_to_bf16 FROM=f64 TO=bf16 needs float64
// variant: f64_to_i32 FROM=f64 TO=i32 needs float64
// variant: f64_to_i64 FROM=f64 TO=i64 needs float64,int64
// variant: f64_to_u8 FROM=f64 TO=u8 needs float64
// variant: f64_to_bool FROM=f64 TO=u8 TO_BOOL needs float64
// variant: f16_to_f32 FROM=f16 TO=f32
// variant: f16_to_f64 FROM=f16 TO=f64 needs float64
// variant: f16_to_bf16 FROM=f16 TO=bf16
// variant: f16_to_i32 FROM=f16 TO=i32
// variant: f16_to_i64 FROM=f16 TO=i64 needs int64
// variant: f16_to_u8 FROM=f16 TO=u8
// variant: f16_to_bool FROM=f16 TO=u8 TO_BOOL
// variant: bf16_to_f32 FROM=bf16 TO=f32
// variant: bf16_to_f64 FROM=bf16 TO=f64 needs float64
// variant: bf16_to_f16 FROM=bf16 TO=f16
// variant: bf16_to_i32 FROM=bf16 TO=i32
// variant: bf16_to_i64 FROM=bf16 TO=i64 needs int64
// variant: bf16_to_u8 FROM=bf16 TO=u8
// variant: bf16_to_bool FROM=bf16 TO=u8 TO_BOOL
// variant: i32_to_f32 FROM=i32 TO=f32
// variant: i32_to_f64 FROM=i32 TO=f64 needs float64
// variant: i32_to_f16 FROM=i32 TO=f16
// variant: i32_to_bf16 FROM=i32 TO=bf16
// variant: i32_to_i64 FROM=i32 TO=i64 needs int64
// variant: i32_to_u8 FROM=i32 TO=u8
// variant: i32_to_bool FROM=i32 TO=u8 TO_BOOL
// variant: i64_to_f32 FROM=i64 TO=f32 needs int64
// variant: i64_to_f64 FROM=i64 TO=f64 needs float64,int64
// variant: i64_to_f16 FROM=i64 TO=f16 needs int64
// variant: i64_to_bf16 FROM=i64 TO=bf16 needs int64
// variant: i64_to_i32 FROM=i64 TO=i32 needs int64
// variant: i64_to_u8 FROM=i64 TO=u8 needs int64
// variant: i64_to_bool FROM=i64 TO=u8 TO_BOOL needs int64
// variant: u8_to_f32 FROM=u8 TO=f32
// variant: u8_to_f64 FROM=u8 TO=f64 needs float64
// variant: u8_to_f16 FROM=u8 TO=f16
// variant: u8_to_bf16 FROM=u8 TO=bf16
// variant: u8_to_i32 FROM=u8 TO=i32
// variant: u8_to_i64 FROM=u8 TO=i64 needs int64
// variant: u8_to_bool FROM=u8 TO=u8 TO_BOOL
#version 460
#include "buf.glsl"

layout(push_constant) uniform Push {
	BUF_RO(STORED(FROM)) x;
	BUF(STORED(TO)) y;
	uint n;
	uint shape[4];
	uint stride[8];
} p;

#include "elem.glsl"

#define A ARITH(FROM)
#define B ARITH(TO)

#if defined(FROM_f32) || defined(FROM_f16) || defined(FROM_bf16)
#define FROM_FLOAT
#endif

// To the half types there is a float between, rounded to odd, so that rounding twice is rounding once (Boldo and
// Melquiond, "When double rounding is odd", 2005).
#if defined(TO_f16) || defined(TO_bf16)
#define ODD
#endif

#if !defined(TO_BOOL) && (defined(TO_f32) || defined(ODD))
#ifdef FROM_f64
float narrow(double x) {
#ifdef ODD
	// On bits: a compiler may take double(float(x)) for x.
	uvec2 u = unpackDouble2x32(x);
	uint sign = u.y & 0x80000000u, e = (u.y >> 20) & 0x7ffu;
	uint m = (u.y & 0xfffffu) << 3 | u.x >> 29, rest = (u.x & 0x1fffffffu) != 0u ? 1u : 0u;
	if (e == 0x7ffu) return uintBitsToFloat(sign | 0x7f800000u | m | rest);
	if (e > 1150u) return uintBitsToFloat(sign | 0x7f7fffffu);
	if (e > 896u) return uintBitsToFloat(sign | (e - 896u) << 23 | m | rest);
	m |= 0x800000u; // subnormal in float
	uint shift = 897u - e;
	if (e < 872u) return uintBitsToFloat(sign | (x == 0.0lf ? 0u : 1u));
	if ((m & ((1u << shift) - 1u)) != 0u) rest = 1u;
	return uintBitsToFloat(sign | m >> shift | rest);
#else
	return float(x);
#endif
}
#elif defined(FROM_i32) || defined(FROM_i64)
#ifdef FROM_i64
#define WIDE_UINT uint64_t
#else
#define WIDE_UINT uint
#endif
float narrow(A x) {
	WIDE_UINT a = x < 0 ? WIDE_UINT(0) - WIDE_UINT(x) : WIDE_UINT(x);
#ifdef FROM_i64
	uint high = uint(a >> 32);
	int top = high != 0u ? 32 + findMSB(high) : findMSB(uint(a));
#else
	int top = findMSB(a);
#endif
	if (top <= 23) return x < 0 ? -float(uint(a)) : float(uint(a));
	int shift = top - 23;
	uint q = uint(a >> shift);
	WIDE_UINT rest = a & ((WIDE_UINT(1) << shift) - WIDE_UINT(1));
#ifdef ODD
	if (rest != WIDE_UINT(0)) q |= 1u;
#else
	WIDE_UINT tie = WIDE_UINT(1) << (shift - 1);
	if (rest > tie || (rest == tie && (q & 1u) == 1u)) q++;
#endif
	float r = float(q) * uintBitsToFloat(uint(shift + 127) << 23);
	return x < 0 ? -r : r;
}
#else
float narrow(A x) { return float(x); }
#endif
#endif

B convert(A x) {
#if defined(TO_BOOL)
	return x == A(0) ? 0 : 1;
#elif defined(TO_f32) || defined(ODD)
	return narrow(x);
#elif defined(TO_f64)
	return double(x);
#elif defined(FROM_FLOAT) || defined(FROM_f64)
	if (x != x) return B(0);
#if defined(TO_i32)
	if (x >= A(2147483648.0)) return 2147483647;
	if (x <= A(-2147483648.0)) return int(0x80000000);
	return int(x);
#elif defined(TO_i64)
	if (x >= A(9223372036854775808.0)) return 0x7fffffffffffffffL;
	if (x <= A(-9223372036854775808.0)) return -0x7fffffffffffffffL - 1L;
	return int64_t(x);
#else
	if (x >= A(255.0)) return 255;
	return x <= A(0.0) ? 0 : int(x);
#endif
#else
	return B(x); // integers; storing u8 keeps the low bits
#endif
}

void one(uint i, uint j) { STORE(TO, p.y, j, convert(LOAD(FROM, p.x, i))); }

void four(uint i, uint j) {
	VEC(FROM) x = GET4(0, FROM, p.x, i);
	VEC(TO) r;
	EACH(r, convert(x[e]));
	PUT4(TO, p.y, j, r);
}

WALK2

// division.glsl: divisions with a remainder, for the type T that is defined before: float or double (with math.glsl
// or math64.glsl), int or int64_t.
//
// Offers
//   t_fmod(x, y)          x − y·trunc(x/y), exactly; x's sign
//   t_remainder(x, y)     x − y·⌊x/y⌋; y's sign
//   t_floor_divide(x, y)  ⌊x/y⌋
// By 0 integers give 0, fmod and remainder of floats NaN.

#ifndef TUFF_DIVISION_GLSL
#define TUFF_DIVISION_GLSL

#if DT_FLOAT
#ifdef DT_f64
#define IS_MINUS(x) (int(t_high(x)) < 0)

// Long division: from the largest y·2^k that is not above x down. Every step is exact. The loops are bounded by the
// range of exponents, whatever a device does to subnormal numbers.
T t_fmod(T x, T y) {
	if (t_isnan(x) || t_isnan(y) || t_isinf(x) || y == T(0)) return T_NAN64;
	precise T a = abs(x);
	T b = abs(y);
	if (t_isinf(y) || a < b) return x;
	precise T t = b;
	for (int i = 0; i < 2100 && t <= a - t; i++) t = t + t;
	for (int i = 0; i < 2100 && t >= b; i++) {
		if (a >= t) a = a - t;
		t = t * T(0.5);
	}
	return t_copysign(a, x);
}
#else
#define IS_MINUS(x) (floatBitsToInt(x) < 0)

// Long division of the significands, eight bits at a time, in integers: subnormal numbers count.
T t_fmod(T x, T y) {
	uint sign = floatBitsToUint(x) & 0x80000000u;
	uint a = floatBitsToUint(x) & 0x7fffffffu, b = floatBitsToUint(y) & 0x7fffffffu;
	if (a >= 0x7f800000u || b > 0x7f800000u || b == 0u) return T_NAN;
	if (a < b) return x;
	int ea = max(int(a >> 23), 1), eb = max(int(b >> 23), 1);
	uint ma = a & 0x7fffffu, mb = b & 0x7fffffu;
	if (a >= 0x800000u) ma |= 0x800000u;
	if (b >= 0x800000u) mb |= 0x800000u;
	uint r = ma % mb;
	for (int n = ea - eb; n > 0; n -= 8) r = (r << min(n, 8)) % mb;
	if (r == 0u) return uintBitsToFloat(sign);
	int up = min(23 - findMSB(r), eb - 1); // to a leading one in bit 23, or as far as the exponent goes
	r <<= up;
	eb -= up;
	if (r >= 0x800000u) r = (r & 0x7fffffu) | uint(eb) << 23;
	return uintBitsToFloat(sign | r);
}
#endif

T t_remainder(T x, T y) {
	precise T m = t_fmod(x, y);
	if (m != T(0) && (m < T(0)) != (y < T(0))) m = m + y;
	return m;
}

// x without its remainder is a multiple of y, so the quotient is whole but for rounding.
T t_floor_divide(T x, T y) {
	precise T plain = x / y;
	if (y == T(0)) return plain;
	T m = t_fmod(x, y);
	precise T q = t_div(x - m, y);
	precise T f = floor(q);
	if (q - f > T(0.5)) f = f + T(1);
	if (m != T(0) && (m < T(0)) != (y < T(0))) f = f - T(1);
	if (f == T(0)) return IS_MINUS(x) != IS_MINUS(y) ? T(-0.0) : T(0);
	return f;
}
#else
#ifdef DT_i64
#define WORD uint64_t
#else
#define WORD uint
#endif

// The quotient of the sizes, in unsigned numbers: the signed % of GLSL is not defined below 0, and the smallest
// number's size has no signed form.
WORD size_quotient(T x, T y, out WORD rest) {
	WORD a = x < T(0) ? WORD(0) - WORD(x) : WORD(x);
	WORD b = y < T(0) ? WORD(0) - WORD(y) : WORD(y);
	WORD q = a / max(b, WORD(1));
	rest = a - q * b;
	return q;
}

T t_fmod(T x, T y) {
	WORD rest;
	size_quotient(x, y, rest);
	if (y == T(0)) return T(0);
	return x < T(0) ? -T(rest) : T(rest);
}

T t_remainder(T x, T y) {
	T r = t_fmod(x, y);
	return r != T(0) && (r < T(0)) != (y < T(0)) ? r + y : r;
}

T t_floor_divide(T x, T y) {
	WORD rest;
	WORD q = size_quotient(x, y, rest);
	if (y == T(0)) return T(0);
	if ((x < T(0)) == (y < T(0))) return T(q);
	return -T(q) - (rest != WORD(0) ? T(1) : T(0));
}
#endif

#endif

// binary: z = f(x, y), elementwise with broadcasting.
//
//   0 add  1 sub  2 mul  3 div  4 pow (C's)  5 maximum  6 minimum (NaN wins; among zeros +0 is the larger)
//   7 eq  8 ne  9 lt  10 le  11 gt  12 ge   (to bool: 0 or 1)
//   13 logical_and  14 logical_or  15 logical_xor, of what is not 0 (to bool)
//   16 remainder x − y·⌊x/y⌋  17 fmod x − y·trunc(x/y)  18 floor_divide ⌊x/y⌋  19 atan2 (C's)
//
// Integers wrap, and give 0 for 16 to 18 by 0. Instead of one operand the constant in c may stand: SCALAR 1: y = c, 2: x = c.
//
// x, y: elements of DT, z: of OUT, any shape, walked as elem.glsl says; operands 0 x, 1 y, 2 z. With a constant
// x is the tensor and y is not read. c holds the constant in DT's bits, low word first.
// Specialization: as elem.glsl; 4 OP, 5 SCALAR.
//
// variant: f32 DT=f32 OUT=f32
// variant: f64 DT=f64 OUT=f64 needs float64
// variant: i32 DT=i32 OUT=i32
// variant: i64 DT=i64 OUT=i64 needs int64
// variant: f32_bool DT=f32 OUT=u8
// variant: f64_bool DT=f64 OUT=u8 needs float64
// variant: i32_bool DT=i32 OUT=u8
// variant: i64_bool DT=i64 OUT=u8 needs int64
// variant: u8_bool DT=u8 OUT=u8
#version 460
#include "buf.glsl"
#if DT_FLOAT
#ifdef DT_f64
#include "math64.glsl"
#else
#include "math.glsl"
#endif
#endif

layout(push_constant) uniform Push {
	BUF_RO(STORED(DT)) x;
	BUF_RO(STORED(DT)) y;
	BUF(STORED(OUT)) z;
	uint c[2];
	uint n;
	uint shape[4];
	uint stride[12];
} p;

#include "elem.glsl"

layout(constant_id = 4) const uint OP = 0;
layout(constant_id = 5) const uint SCALAR = 0;

#define T ARITH(DT)

#if defined(DT_f32)
T constant() { return uintBitsToFloat(p.c[0]); }
#elif defined(DT_f64)
T constant() { return packDouble2x32(uvec2(p.c[0], p.c[1])); }
#elif defined(DT_i64)
T constant() { return int64_t(uint64_t(p.c[0]) | uint64_t(p.c[1]) << 32); }
#else
T constant() { return int(p.c[0]); }
#endif

#if defined(OUT_u8)
int apply(T a, T b) {
	bool r = false;
	switch (OP) {
	case 7u: r = a == b; break;
	case 8u: r = !(a == b); break;
	case 9u: r = a < b; break;
	case 10u: r = a <= b; break;
	case 11u: r = a > b; break;
	case 12u: r = a >= b; break;
	case 13u: r = a != T(0) && b != T(0); break;
	case 14u: r = a != T(0) || b != T(0); break;
	case 15u: r = (a != T(0)) != (b != T(0)); break;
	}
	return r ? 1 : 0;
}
#else
#include "division.glsl"
#if DT_FLOAT
#include "angle.glsl"
#endif
#if defined(DT_f32)
bool minus(T a) { return floatBitsToInt(a) < 0; }
#elif defined(DT_f64)
bool minus(T a) { return int(unpackDouble2x32(a).y) < 0; }
#endif

T larger(T a, T b) {
#if DT_FLOAT
	if (a != a) return a;
	if (b != b) return b;
	if (a == b) return minus(a) ? b : a;
#endif
	return a > b ? a : b;
}

T smaller(T a, T b) {
#if DT_FLOAT
	if (a != a) return a;
	if (b != b) return b;
	if (a == b) return minus(a) ? a : b;
#endif
	return a < b ? a : b;
}

T apply(T a, T b) {
	precise T r = a;
	switch (OP) {
	case 0u: r = a + b; break;
	case 1u: r = a - b; break;
	case 2u: r = a * b; break;
#if DT_FLOAT
	case 3u: r = t_div(a, b); break;
	case 4u: r = t_pow(a, b); break;
#endif
	case 5u: r = larger(a, b); break;
	case 6u: r = smaller(a, b); break;
	case 16u: r = t_remainder(a, b); break;
	case 17u: r = t_fmod(a, b); break;
	case 18u: r = t_floor_divide(a, b); break;
#if DT_FLOAT
	case 19u: r = t_atan2(a, b); break;
#endif
	}
	return r;
}
#endif

void one(uint i, uint j, uint k) {
	T a = LOAD(DT, p.x, i), b = constant();
	if (SCALAR == 0u) b = LOAD(DT, p.y, j);
	STORE(OUT, p.z, k, apply(SCALAR == 2u ? b : a, SCALAR == 2u ? a : b));
}

void four(uint i, uint j, uint k) {
	VEC(DT) a = GET4(0, DT, p.x, i), b = VEC(DT)(constant());
	if (SCALAR == 0u) b = GET4(1, DT, p.y, j);
	VEC(OUT) r;
	EACH(r, apply(SCALAR == 2u ? b[e] : a[e], SCALAR == 2u ? a[e] : b[e]));
	PUT4(OUT, p.z, k, r);
}

WALK3

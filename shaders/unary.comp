// unary: y = f(x), elementwise.
//
//   0 neg  1 abs  2 exp  3 log  4 sqrt  5 rsqrt  6 square  7 reciprocal  8 tanh  9 sigmoid 1/(1+e⁻ˣ)
//   10 relu max(x, 0), NaN stays  11 leaky_relu x > 0 ? x : c0·x  12 gelu x·Φ(x)  13 silu x·sigmoid(x)
//   14 softplus ln(1+e^(c0·x))/c0, x where c0·x > c1
//
// Integers know 0, 1 and 6, and wrap.
//
// x, y: elements of DT, any shape, walked as elem.glsl says; operands 0 x, 1 y. c holds c0 and c1 in DT's bits,
// low word first. Specialization: as elem.glsl; 4 OP.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
// variant: i32 DT=i32
// variant: i64 DT=i64 needs int64
#version 460
#include "buf.glsl"
#ifdef DT_f64
#include "math64.glsl"
#elif defined(DT_f32)
#include "math.glsl"
#endif

layout(push_constant) uniform Push {
	BUF_RO(STORED(DT)) x;
	BUF(STORED(DT)) y;
	uint c[4];
	uint n;
	uint shape[4];
	uint stride[8];
} p;

#include "elem.glsl"

layout(constant_id = 4) const uint OP = 0;

#define T ARITH(DT)

#if DT_FLOAT
#ifdef DT_f64
T c0() { return packDouble2x32(uvec2(p.c[0], p.c[1])); }
T c1() { return packDouble2x32(uvec2(p.c[2], p.c[3])); }
T absolute(T x) { return t_abs(x); }
T negative(T x) { return -x; }
#else
T c0() { return uintBitsToFloat(p.c[0]); }
T c1() { return uintBitsToFloat(p.c[2]); }
T absolute(T x) { return uintBitsToFloat(floatBitsToUint(x) & 0x7fffffffu); }
T negative(T x) { return uintBitsToFloat(floatBitsToUint(x) ^ 0x80000000u); }
#endif

T softplus(T x) {
	precise T b = c0() * x;
	if (b > c1()) return x;
	precise T r = t_div(t_softplus(b), c0());
	return r;
}
#else
T absolute(T x) { return x < 0 ? -x : x; }
T negative(T x) { return -x; }
#endif

T apply(T x) {
	precise T r = x;
	switch (OP) {
	case 0u: r = negative(x); break;
	case 1u: r = absolute(x); break;
	case 6u: r = x * x; break;
#if DT_FLOAT
	case 2u: r = t_exp(x); break;
	case 3u: r = t_log(x); break;
	case 4u: r = t_sqrt(x); break;
	case 5u: r = t_rsqrt(x); break;
	case 7u: r = t_div(T(1), x); break;
	case 8u: r = t_tanh(x); break;
	case 9u: r = t_sigmoid(x); break;
	case 10u: r = x > T(0) || x != x ? x : T(0); break;
	case 11u: r = x > T(0) ? x : c0() * x; break;
	case 12u: r = t_gelu(x); break;
	case 13u: r = x * t_sigmoid(x); break;
	case 14u: r = softplus(x); break;
#endif
	}
	return r;
}

void one(uint i, uint j) { STORE(DT, p.y, j, apply(LOAD(DT, p.x, i))); }

void four(uint i, uint j) {
	VEC(DT) x = GET4(0, DT, p.x, i), r;
	EACH(r, apply(x[e]));
	PUT4(DT, p.y, j, r);
}

WALK2

// unary: y = f(x), elementwise.
//
//   0 neg  1 abs  2 exp  3 log  4 sqrt  5 rsqrt  6 square  7 reciprocal  8 tanh  9 sigmoid 1/(1+e⁻ˣ)
//   10 relu max(x, 0), NaN stays  11 leaky_relu x > 0 ? x : c0·x  12 gelu x·Φ(x)  13 silu x·sigmoid(x)
//   14 softplus ln(1+e^(c0·x))/c0, x where c0·x > c1
//   15 expm1  16 log1p  17 sin  18 cos  19 erf  20 sign, 0 for NaN  21 floor  22 ceil  23 round, ties to even
//   24 trunc  25 elu x > 0 ? x : c0·(eˣ−1)  26 clamp min(max(x, c0), c1), NaN stays
//   27 hardswish x·min(max(x+3, 0), 6)/6  28 mish x·tanh(ln(1+eˣ))  29 gelu_tanh, as in math.glsl
//
// Integers know 0, 1, 6, 20 and 26, and wrap.
//
// x, y: elements of DT, any shape, walked as elem.glsl says; operands 0 x, 1 y. c holds c0 and c1 in DT's bits,
// low word first. Specialization: as elem.glsl; 4 OP.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
// variant: i32 DT=i32
// variant: i64 DT=i64 needs int64
// variant: u8 DT=u8
#version 460
#include "buf.glsl"
#ifdef DT_f64
#include "math64.glsl"
#include "trig64.glsl"
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

// Ties go to the even neighbour. Not roundEven: lavapipe of Mesa 26.1 rounds doubles half up in vectors of 1024 bits.
T nearest(T x) {
	precise T f = floor(x);
	precise T d = x - f;
	precise T h = floor(f * T(0.5)) * T(2);
	if (d > T(0.5) || (d == T(0.5) && h != f)) f += T(1);
	return f;
}

// Roundings keep the sign of a zero, whatever the device does.
T whole(T x) {
	T r = x;
	switch (OP) {
	case 21u: r = floor(x); break;
	case 22u: r = ceil(x); break;
	case 23u: r = nearest(x); break;
	case 24u: r = trunc(x); break;
	}
	return t_isnan(x) ? x : t_copysign(r, x);
}

T hardswish(T x) {
	if (x > T(3)) return x;
	if (x < T(-3)) return T(0);
	precise T y = x + T(3);
	precise T z = x * y;
	return t_div(z, T(6));
}

// tanh(ln(1+u)) = n/(n+2), n = u·(u+2); beyond 40 it is 1 in both types, and n still finite before.
T mish(T x) {
	if (x > T(40)) return x;
	precise T u = t_exp(x);
	precise T n = u * (u + T(2));
	if (u < T(1e-18)) n = u;
	else n = t_div(n, n + T(2));
	precise T r = x * n;
	return r;
}

#ifdef DT_f64
T t_gelu_tanh(T x) {
	precise T z = 1.5957691216057307118lf * (x + 0.044715lf * (x * x * x));
	precise T r = x * t_sigmoid(z);
	return r;
}
#endif

T softplus(T x) {
	precise T b = c0() * x;
	if (b > c1()) return x;
	precise T r = t_div(t_softplus(b), c0());
	return r;
}
#else
#ifdef DT_i64
T c0() { return int64_t(uint64_t(p.c[0]) | uint64_t(p.c[1]) << 32); }
T c1() { return int64_t(uint64_t(p.c[2]) | uint64_t(p.c[3]) << 32); }
#else
T c0() { return int(p.c[0]); }
T c1() { return int(p.c[2]); }
#endif
T absolute(T x) { return x < 0 ? -x : x; }
T negative(T x) { return -x; }
#endif

T limited(T x) {
	T lo = c0(), hi = c1();
	if (x < lo) x = lo;
	return x > hi ? hi : x;
}

T apply(T x) {
	precise T r = x;
	switch (OP) {
	case 0u: r = negative(x); break;
	case 1u: r = absolute(x); break;
	case 6u: r = x * x; break;
	case 20u: r = x > T(0) ? T(1) : x < T(0) ? T(-1) : T(0); break;
	case 26u: r = limited(x); break;
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
	case 15u: r = t_expm1(x); break;
	case 16u: r = t_log1p(x); break;
	case 17u: r = t_sin(x); break;
	case 18u: r = t_cos(x); break;
	case 19u: r = t_erf(x); break;
	case 21u:
	case 22u:
	case 23u:
	case 24u: r = whole(x); break;
	case 25u: r = x > T(0) ? x : c0() * t_expm1(x); break;
	case 27u: r = hardswish(x); break;
	case 28u: r = mish(x); break;
	case 29u: r = t_gelu_tanh(x); break;
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

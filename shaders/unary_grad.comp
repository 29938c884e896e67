// unary_grad: dx = dy·f′, elementwise, with a the activation's output y (0, 2, 3) or its input x (the others).
//
//   0 relu dy where y > 0, else 0  1 leaky_relu dy where x > 0, else c0·dy  2 tanh dy·(1−y²)
//   3 sigmoid dy·y·(1−y)  4 gelu dy·(Φ(x) + x·φ(x))  5 silu dy·s·(1 + x·(1−s)), s = sigmoid(x)
//   6 softplus dy·sigmoid(c0·x), dy where c0·x > c1  7 elu dy where x > 0, else dy·c0·eˣ
//   8 clamp dy where c0 ≤ x ≤ c1, else 0  9 hardswish 0 where x < −3, dy where x > 3, else dy·(x/3 + 1/2)
//   10 mish dy·(t + x·t′), t = tanh(ln(1+eˣ))  11 gelu_tanh dy·(s + x·s′), s = (1 + tanh(√(2/π)·(x + 0.044715·x³)))/2
//
// dy, a, dx: elements of DT, any shape, walked as elem.glsl says; operands 0 dy, 1 a, 2 dx. c holds c0 and c1
// in DT's bits, low word first. Specialization: as elem.glsl; 4 OP.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
#version 460
#include "buf.glsl"
#ifdef DT_f64
#include "math64.glsl"
#else
#include "math.glsl"
#endif

layout(push_constant) uniform Push {
	BUF_RO(STORED(DT)) dy;
	BUF_RO(STORED(DT)) a;
	BUF(STORED(DT)) dx;
	uint c[4];
	uint n;
	uint shape[4];
	uint stride[12];
} p;

#include "elem.glsl"

layout(constant_id = 4) const uint OP = 0;

#define T ARITH(DT)

#ifdef DT_f64
T c0() { return packDouble2x32(uvec2(p.c[0], p.c[1])); }
T c1() { return packDouble2x32(uvec2(p.c[2], p.c[3])); }
#else
T c0() { return uintBitsToFloat(p.c[0]); }
T c1() { return uintBitsToFloat(p.c[2]); }
#endif

T gelu(T dy, T x) {
	// x·φ(x) is 0 at the infinities.
	precise T tail = t_isinf(x) ? T(0) : x * t_normal_pdf(x);
	precise T r = dy * (t_normal_cdf(x) + tail);
	return r;
}

T silu(T dy, T x) {
	T s = t_sigmoid(x);
	precise T r = dy * (s * (T(1) + x * (T(1) - s)));
	return r;
}

T softplus(T dy, T x) {
	precise T b = c0() * x;
	precise T r = b > c1() ? dy : dy * t_sigmoid(b);
	return r;
}

T hardswish(T dy, T x) {
	if (x > T(3)) return dy;
	if (x < T(-3)) return T(0);
	precise T r = dy * (t_div(x, T(3)) + T(0.5));
	return r;
}

// With u = eˣ, n = u·(u+2) and d = n + 2: t = n/d, t′ = 4u·(u+1)/d².
T mish(T dy, T x) {
	if (x > T(20)) return dy; // the terms are 1 and 0 to 15 digits
	T u = t_exp(x);
	if (u == T(0)) return T(0);
	precise T n = u * (u + T(2));
	precise T d = n + T(2);
	precise T r = dy * (t_div(n, d) + x * t_div(T(4) * u * (u + T(1)), d * d));
	return r;
}

// s = sigmoid(z), s′ = s·(1−s)·z′, z = 2·√(2/π)·(x + 0.044715·x³); at the infinities s′ is 0.
T gelu_tanh(T dy, T x) {
#ifdef DT_f64
	const T k = 1.5957691216057307118lf, c = 0.044715lf;
#else
	const T k = 1.59576917, c = 0.044715;
#endif
	precise T z = k * (x + c * (x * x * x));
	T s = t_sigmoid(z);
	precise T w = s * t_sigmoid(-z);
	precise T r = s;
	if (w > T(0)) r = s + x * w * (k * (T(1) + T(3) * c * (x * x)));
	r = dy * r;
	return r;
}

T apply(T dy, T a) {
	precise T r = T(0);
	switch (OP) {
	case 0u: r = a > T(0) ? dy : T(0); break;
	case 1u: r = a > T(0) ? dy : c0() * dy; break;
	case 2u: r = dy * (T(1) - a * a); break;
	case 3u: r = dy * (a * (T(1) - a)); break;
	case 4u: r = gelu(dy, a); break;
	case 5u: r = silu(dy, a); break;
	case 6u: r = softplus(dy, a); break;
	case 7u: r = a > T(0) ? dy : dy * (c0() * t_exp(a)); break;
	case 8u: r = a >= c0() && a <= c1() ? dy : T(0); break;
	case 9u: r = hardswish(dy, a); break;
	case 10u: r = mish(dy, a); break;
	case 11u: r = gelu_tanh(dy, a); break;
	}
	return r;
}

void one(uint i, uint j, uint k) { STORE(DT, p.dx, k, apply(LOAD(DT, p.dy, i), LOAD(DT, p.a, j))); }

void four(uint i, uint j, uint k) {
	VEC(DT) d = GET4(0, DT, p.dy, i), a = GET4(1, DT, p.a, j), r;
	EACH(r, apply(d[e], a[e]));
	PUT4(DT, p.dx, k, r);
}

WALK3

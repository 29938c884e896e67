// random: fills y with draws from a generator's state; element i uses word i mod 4 of block i/4 (draw.glsl).
//
// With u = (w >> 8)·2^-24 for the word w:
//   uniform    y = lo + range·u, and where rounding reaches the upper end the number before it
//   normal     y = mean + std·r·(cos t, sin t) for two words, by Box and Muller (1958): r = √(−2 ln(u₀ + 2^-24)),
//              t = 2π·u₁, reduced to an eighth of a turn exactly, on the integer
//   bernoulli  y = 1 where (w >> 8) < below, else 0
// state: i64[2] as words; y: [count] of DT, a piece of the tensor that begins at block first. An invocation makes one
// block. Numbers are pairs of words: f64 the bits, f32 a float and the float of what it lacks (the second 0 in normal).
// Push constants: see the block. Specialization: 0 workgroup size.
//
// variant: uniform_f32 OP=uniform DT=f32
// variant: uniform_f64 OP=uniform DT=f64 needs float64
// variant: normal_f32 OP=normal DT=f32
// variant: normal_f64 OP=normal DT=f64 needs float64
// variant: bernoulli_f32 OP=bernoulli DT=f32
// variant: bernoulli_f64 OP=bernoulli DT=f64 needs float64
// variant: bernoulli_u8 OP=bernoulli DT=u8
#version 460
#include "buf.glsl"
#ifdef DT_f64
#include "math64.glsl"
#else
#include "math.glsl"
#endif
#include "philox.glsl"
#include "draw.glsl"

layout(local_size_x_id = 0) in;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF_RO(uint) state;
	BUF(T) y;
	uint first_low;
	uint first_high;
	uint count;
	uint below;
	uint base[2];  // lo or mean
	uint scale[2]; // range or std
	uint most[2];  // largest result of uniform
} p;

#ifdef DT_f64
double number(uint n[2]) { return packDouble2x32(uvec2(n[0], n[1])); }

double uniform_of(uint w) {
	precise double y = number(p.base) + number(p.scale) * (double(w >> 8) * 5.9604644775390625e-8lf);
	return min(y, number(p.most));
}
#else
// lo + range·u, rounded nearly once: lo, range and u are split so that all products are exact, and what the sums
// lose is added at the end.
float uniform_of(uint w) {
	float u = uniform01(w);
	vec2 product = t_two_prod(uintBitsToFloat(p.scale[0]), u);
	precise vec2 a = t_two_sum(uintBitsToFloat(p.base[0]), product.x);
	precise vec2 b = t_two_sum(a.x, product.y);
	precise float lost = (a.y + b.y) + (uintBitsToFloat(p.base[1]) + uintBitsToFloat(p.scale[1]) * u);
	precise float y = b.x + lost;
	return min(y, uintBitsToFloat(p.most[0]));
}
#endif

// Two normals from two words.
#ifdef DT_f64
#define T2 dvec2
#define TURN 3.745070282923929e-7lf // 2π·2^-24
double open_of(uint w) { return double((w >> 8) + 1u) * 5.9604644775390625e-8lf; }

// Taylor's series, for |x| ≤ π/4.
double sin_of(double x) {
	precise double z = x * x, s = 1.0lf;
	for (int i = 18; i >= 2; i -= 2) s = 1.0lf - z * s / double(i * (i + 1));
	precise double r = x * s;
	return r;
}
double cos_of(double x) {
	precise double z = x * x, s = 1.0lf;
	for (int i = 19; i >= 1; i -= 2) s = 1.0lf - z * s / double(i * (i + 1));
	return s;
}
#else
#define T2 vec2
#define TURN 3.7450702829e-7
#define open_of uniform01_open
#define sin_of t_sin
#define cos_of t_cos
#endif
T2 normals(uint a, uint b) {
#ifdef OP_normal
	uint v = b >> 8, quadrant = (v + 0x200000u) >> 22;
	precise T t = T(int(v) - int(quadrant << 22)) * TURN;
	precise T r = t_sqrt(T(-2) * t_log(open_of(a))), s = sin_of(t), c = cos_of(t);
	T2 x = quadrant == 1u ? T2(-s, c) : quadrant == 2u ? T2(-c, -s) : quadrant == 3u ? T2(s, -c) : T2(c, s);
#ifdef DT_f64
	precise T2 y = number(p.base) + number(p.scale) * (r * x);
#else
	precise T2 y = uintBitsToFloat(p.base[0]) + uintBitsToFloat(p.scale[0]) * (r * x);
#endif
	return y;
#else
	return T2(0);
#endif
}

void main() {
	uint e = thread_index(), carry;
	if (e >= (p.count + 3u) / 4u) return;
	uint low = uaddCarry(p.first_low, e, carry);
	uvec4 w = draw_block(p.state, low, p.first_high + carry);
#if defined(OP_normal)
	T2 a = normals(w.x, w.y), b = normals(w.z, w.w);
	T y[4] = T[4](a.x, a.y, b.x, b.y);
#elif defined(OP_uniform)
	T y[4] = T[4](uniform_of(w.x), uniform_of(w.y), uniform_of(w.z), uniform_of(w.w));
#else
	bvec4 hit = lessThan(w >> 8, uvec4(p.below));
	#define A ARITH(DT)
	A y[4] = A[4](A(hit.x), A(hit.y), A(hit.z), A(hit.w));
#endif
	[[unroll]] for (uint j = 0; j < 4u; j++)
		if (e * 4u + j < p.count) STORE(DT, p.y, e * 4u + j, y[j]);
}

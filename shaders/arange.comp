// arange: y[i] = c0 + (first+i)·c1.
//
// y: [n] of DT, dense. c: c0 and c1, each 8 bytes: for f32 as the sum of two floats, for the others in DT's bits, low
// word first. f32 is computed in two floats, so it is the value in exact arithmetic rounded about once; integers wrap.
// Specialization: 0 workgroup size.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
// variant: i32 DT=i32
// variant: i64 DT=i64 needs int64
#version 460
#include "buf.glsl"
#ifdef DT_f32
#include "math.glsl"
#endif

layout(local_size_x_id = 0) in;
layout(push_constant) uniform Push {
	BUF(STORED(DT)) y;
	uint c[4];
	uint first;
	uint n;
} p;

#ifdef DT_f32
float value(uint i) {
	vec2 c0 = vec2(uintBitsToFloat(p.c[0]), uintBitsToFloat(p.c[1]));
	vec2 c1 = vec2(uintBitsToFloat(p.c[2]), uintBitsToFloat(p.c[3]));
	precise float high = float(i >> 12) * 4096.0, low = float(i & 4095u);
	precise float plain = c0.x + (high + low) * c1.x;
	if (t_isinf(plain) || t_isnan(plain) || abs(c1.x) > 1e30) return plain;
	precise vec2 a = t_two_prod(high, c1.x), b = t_two_prod(low, c1.x);
	precise vec2 s = t_two_sum(a.x, b.x), t = t_two_sum(c0.x, s.x);
	precise float rest = ((t.y + s.y) + (a.y + b.y)) + (c0.y + (high + low) * c1.y);
	precise float r = t.x + rest;
	return r;
}
#elif defined(DT_f64)
double value(uint i) {
	precise double r = packDouble2x32(uvec2(p.c[0], p.c[1])) + double(i) * packDouble2x32(uvec2(p.c[2], p.c[3]));
	return r;
}
#elif defined(DT_i64)
int64_t value(uint i) {
	int64_t c0 = int64_t(uint64_t(p.c[0]) | uint64_t(p.c[1]) << 32);
	int64_t c1 = int64_t(uint64_t(p.c[2]) | uint64_t(p.c[3]) << 32);
	return c0 + int64_t(uint64_t(i)) * c1;
}
#else
int value(uint i) { return int(p.c[0] + i * p.c[2]); }
#endif

void main() {
	uint i = thread_index();
	if (i < p.n) p.y.v[i] = value(p.first + i);
}

// quad.glsl: four neighbouring elements at once. Needs buf.glsl before.
//
//   VEC(D)              four of ARITH(D)
//   LOAD4(D, b, i)      elements i … i+3 of b; i is a multiple of 4 and b aligned to 16 bytes
//   STORE4(D, b, i, x)  the other way, rounding as STORE does

#ifndef TUFF_QUAD_GLSL
#define TUFF_QUAD_GLSL

#define VEC_f32 vec4
#define VEC_f64 dvec4
#define VEC_f16 vec4
#define VEC_bf16 vec4
#define VEC_i32 ivec4
#define VEC_i64 i64vec4
#define VEC_u8 ivec4
#define VEC_(D) VEC_##D
#define VEC(D) VEC_(D)

layout(buffer_reference, std430, buffer_reference_align = 16) buffer Quad_f32 { vec4 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Quad_i32 { ivec4 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Pair_f64 { dvec2 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Pair_i64 { i64vec2 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Quad_16 { uvec2 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Quad_8 { uint v[]; };

#define LOAD4_f32(b, i) Quad_f32(b).v[(i) >> 2]
#define LOAD4_i32(b, i) Quad_i32(b).v[(i) >> 2]
#define LOAD4_f64(b, i) dvec4(Pair_f64(b).v[(i) >> 1], Pair_f64(b).v[((i) >> 1) + 1u])
#define LOAD4_i64(b, i) i64vec4(Pair_i64(b).v[(i) >> 1], Pair_i64(b).v[((i) >> 1) + 1u])
#define LOAD4_f16(b, i) halves(Quad_16(b).v[(i) >> 2])
#define LOAD4_bf16(b, i) brains(Quad_16(b).v[(i) >> 2])
#define LOAD4_u8(b, i) octets(Quad_8(b).v[(i) >> 2])
#define LOAD4_(D, b, i) LOAD4_##D(b, i)
#define LOAD4(D, b, i) LOAD4_(D, b, i)

#define STORE4_f32(b, i, x) Quad_f32(b).v[(i) >> 2] = (x)
#define STORE4_i32(b, i, x) Quad_i32(b).v[(i) >> 2] = (x)
#define STORE4_f64(b, i, x) { Pair_f64(b).v[(i) >> 1] = (x).xy; Pair_f64(b).v[((i) >> 1) + 1u] = (x).zw; }
#define STORE4_i64(b, i, x) { Pair_i64(b).v[(i) >> 1] = (x).xy; Pair_i64(b).v[((i) >> 1) + 1u] = (x).zw; }
#define STORE4_f16(b, i, x) Quad_16(b).v[(i) >> 2] = to_halves(x)
#define STORE4_bf16(b, i, x) Quad_16(b).v[(i) >> 2] = to_brains(x)
#define STORE4_u8(b, i, x) Quad_8(b).v[(i) >> 2] = to_octets(x)
#define STORE4_(D, b, i, x) STORE4_##D(b, i, x)
#define STORE4(D, b, i, x) STORE4_(D, b, i, x)

vec4 halves(uvec2 u) {
	return vec4(f16_to_f32(u.x & 0xffffu), f16_to_f32(u.x >> 16), f16_to_f32(u.y & 0xffffu), f16_to_f32(u.y >> 16));
}

vec4 brains(uvec2 u) {
	return uintBitsToFloat(uvec4(u.x << 16, u.x & 0xffff0000u, u.y << 16, u.y & 0xffff0000u));
}

ivec4 octets(uint u) { return ivec4(u & 255u, (u >> 8) & 255u, (u >> 16) & 255u, u >> 24); }

uvec2 to_halves(vec4 v) {
	return uvec2(f32_to_f16(v.x) | f32_to_f16(v.y) << 16, f32_to_f16(v.z) | f32_to_f16(v.w) << 16);
}

uvec2 to_brains(vec4 v) {
	return uvec2(f32_to_bf16(v.x) | f32_to_bf16(v.y) << 16, f32_to_bf16(v.z) | f32_to_bf16(v.w) << 16);
}

uint to_octets(ivec4 v) {
	uvec4 u = uvec4(v) & 255u;
	return u.x | u.y << 8 | u.z << 16 | u.w << 24;
}

#endif

// elem.glsl: the walk of elementwise kernels. Include it after buf.glsl and after the push block, which is
// named p and ends in
//
//   uint n;              elements of the output
//   uint shape[4];       merged dimensions, innermost last, leading ones 1; in MODE_ROWS the last counts quads
//   uint stride[4 * K];  of K operands, in elements, each like shape
//
// Specialization: 0 workgroup size, 1 MODE, 2 DIMS (dimensions in use), 3 WIDE.
//
//   MODE_DENSE    each thread takes four elements at one linear index; operands in WIDE are dense, the
//                 others one element
//   MODE_ROWS     each thread takes four neighbours along the innermost dimension, whose size is a
//                 multiple of 4; operands in WIDE have stride 1 there, the others 0
//   MODE_STRIDED  one element a thread, any strides
//
// In the first two, operands in WIDE are aligned to 16 bytes, at every row.
//
// A kernel defines one(i, j, …), which computes the output element from the operands' element offsets, and
// four(i, j, …), which does so for four neighbours, and calls WALK1 … WALK4 as its main. For four:
//   VEC(D)               four of ARITH(D)
//   GET4(k, D, b, i)     four elements of operand k from offset i
//   PUT4(D, b, i, v)     stores them

#ifndef TUFF_ELEM_GLSL
#define TUFF_ELEM_GLSL

const uint MODE_DENSE = 0u, MODE_ROWS = 1u, MODE_STRIDED = 2u;

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint MODE = 0;
layout(constant_id = 2) const uint DIMS = 4;
layout(constant_id = 3) const uint WIDE = 15;

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

#define IS_WIDE(k) ((WIDE >> k & 1u) != 0u)
#define GET4(k, D, b, i) (IS_WIDE(k) ? LOAD4(D, b, i) : VEC(D)(LOAD(D, b, i)))
#define PUT4(D, b, i, x) STORE4(D, b, i, x)

// The coordinates of element (in MODE_ROWS: quad) i.
uvec4 coords(uint i) {
	uvec4 c = uvec4(0, 0, 0, i);
	if (DIMS > 1u) {
		c.z = c.w / p.shape[3];
		c.w -= c.z * p.shape[3];
	}
	if (DIMS > 2u) {
		c.y = c.z / p.shape[2];
		c.z -= c.y * p.shape[2];
	}
	if (DIMS > 3u) {
		c.x = c.y / p.shape[1];
		c.y -= c.x * p.shape[1];
	}
	if (MODE == MODE_ROWS) c.w *= 4u;
	return c;
}

// The element offset of operand k at these coordinates.
uint place(uvec4 c, uint k) {
	uint i = c.w * p.stride[4u * k + 3u];
	if (DIMS > 1u) i += c.z * p.stride[4u * k + 2u];
	if (DIMS > 2u) i += c.y * p.stride[4u * k + 1u];
	if (DIMS > 3u) i += c.x * p.stride[4u * k];
	return i;
}

#define O1 o[0]
#define O2 o[0], o[1]
#define O3 o[0], o[1], o[2]
#define O4 o[0], o[1], o[2], o[3]

// one and four are called in one place each, because every call is inlined.
#define WALK(K)                                                                                      \
	void main() {                                                                                     \
		uint i = thread_index(), rest = 1u, o[K];                                                     \
		bool quad = MODE == MODE_ROWS;                                                                \
		if (MODE == MODE_DENSE) {                                                                     \
			i *= 4u;                                                                                  \
			if (i >= p.n) return;                                                                     \
			quad = i + 4u <= p.n;                                                                     \
			rest = p.n - i;                                                                           \
			[[unroll]] for (uint k = 0; k < K; k++) o[k] = IS_WIDE(k) ? i : 0u;                       \
		} else {                                                                                      \
			if (i >= (quad ? p.n >> 2 : p.n)) return;                                                 \
			uvec4 c = coords(i);                                                                      \
			[[unroll]] for (uint k = 0; k < K; k++) o[k] = place(c, k);                               \
		}                                                                                             \
		if (quad) {                                                                                   \
			four(O##K);                                                                               \
			return;                                                                                   \
		}                                                                                             \
		for (; rest > 0u; rest--) {                                                                   \
			one(O##K);                                                                                \
			[[unroll]] for (uint k = 0; k < K; k++) o[k] += IS_WIDE(k) ? 1u : 0u;                     \
		}                                                                                             \
	}

#define WALK1 WALK(1)
#define WALK2 WALK(2)
#define WALK3 WALK(3)
#define WALK4 WALK(4)

// Fills vector r by the expression for component e.
#define EACH(r, expression) [[unroll]] for (int e = 0; e < 4; e++) r[e] = expression

#endif

// elem.glsl: the walk of elementwise kernels. Include it after buf.glsl and after the push block, which is
// named p and ends in
//
//   uint n;              elements of the output
//   uint shape[4];       merged dimensions, innermost last, leading ones 1; in MODE_ROWS the last counts quads
//   uint stride[4 * K];  of K operands, in elements, each like shape
//
// Specialization: 0 workgroup size, 1 MODE, 2 DIMS (dimensions in use), 3 DENSE.
//
//   MODE_DENSE    each thread takes four elements at one linear index; operands in DENSE are dense, the
//                 others one element
//   MODE_ROWS     each thread takes four neighbours along the innermost dimension, whose size is a
//                 multiple of 4; operands in DENSE have stride 1 there, the others 0
//   MODE_STRIDED  one element a thread, any strides
//
// In the first two, operands in DENSE are aligned to 16 bytes, at every row.
//
// A kernel defines one(i, j, …), which computes the output element from the operands' element offsets, and
// four(i, j, …), which does so for four neighbours, and calls WALK1 … WALK4 as its main. For four:
//   VEC(D)               four of ARITH(D), see quad.glsl
//   GET4(k, D, b, i)     four elements of operand k from offset i
//   PUT4(D, b, i, v)     stores them

#ifndef TUFF_ELEM_GLSL
#define TUFF_ELEM_GLSL

const uint MODE_DENSE = 0u, MODE_ROWS = 1u, MODE_STRIDED = 2u;

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint MODE = 0;
layout(constant_id = 2) const uint DIMS = 4;
layout(constant_id = 3) const uint DENSE = 15;

#include "quad.glsl"

#define IS_DENSE(k) ((DENSE >> k & 1u) != 0u)
#define GET4(k, D, b, i) (IS_DENSE(k) ? LOAD4(D, b, i) : VEC(D)(LOAD(D, b, i)))
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
			[[unroll]] for (uint k = 0; k < K; k++) o[k] = IS_DENSE(k) ? i : 0u;                       \
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
			[[unroll]] for (uint k = 0; k < K; k++) o[k] += IS_DENSE(k) ? 1u : 0u;                     \
		}                                                                                             \
	}

#define WALK1 WALK(1)
#define WALK2 WALK(2)
#define WALK3 WALK(3)
#define WALK4 WALK(4)

// Fills vector r by the expression for component e. Not a loop: lavapipe of Mesa 26.1 forgets "precise" where it
// unrolls one, and then contracts or reorders what must not be.
#define EACH_(r, n, expression)                                                                      \
	{                                                                                                 \
		const int e = n;                                                                              \
		r[n] = expression;                                                                            \
	}
#define EACH(r, expression)                                                                          \
	EACH_(r, 0, expression)                                                                           \
	EACH_(r, 1, expression)                                                                           \
	EACH_(r, 2, expression)                                                                           \
	EACH_(r, 3, expression)

#endif

// scatter_add: y = x, then y[i, idx[i, j, k], k] += src[i, j, k], in the order of j.
//
// x, y: dense, a table of n rows along dim; idx (i64) and src: dense, rows of them along dim. A column is a place in
// the other dimensions, whose sizes are shape in x and index_shape in idx, no larger; the last inner_dims of them come
// after dim. An invocation owns the places [c, c + chunk) of one column: it copies them from x, walks the column of
// idx and adds what hits them. So no two invocations write one place, and the order of the sum is that of j.
// An index outside [0, n) is reported in fault and adds nothing.
// Push constants: see the block. Specialization: 0 workgroup size, RANK: of the other dimensions.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
// variant: i32 DT=i32
// variant: i64 DT=i64 needs int64
#version 460
#include "buf.glsl"
#include "addr.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint RANK = 7;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF_RO(T) x;
	BUF_RO(uvec2) idx;
	BUF_RO(T) src;
	BUF(T) y;
	Fault fault;
	uint code;
	uint n;
	uint rows;
	uint chunk;
	uint chunks;  // of a column
	uint threads; // chunks times columns
	uint inner_dims;
	uint shape[7];
	uint index_shape[7];
} p;

void main() {
	uint e = thread_index();
	if (e >= p.threads) return;
	// Without merging, neighbours in a workgroup are neighbours along the innermost dimension.
	uint inner = 1, index_inner = 1;
	[[unroll]] for (uint d = 0; d < RANK; d++)
		if (d + p.inner_dims >= RANK) {
			inner *= p.shape[d];
			index_inner *= p.index_shape[d];
		}
	uint rest = e, at_stride = 1, index_stride = 1;
	uvec2 x = uvec2(p.x), y = uvec2(p.y), idx = uvec2(p.idx), src = uvec2(p.src);
	bool hit = true;
	uint c0 = 0;
	[[unroll]] for (int d = int(RANK); d >= 0; d--) {
		if (uint(d) + p.inner_dims == RANK) { // between the inner and the outer dimensions stands dim
			c0 = rest % p.chunks * p.chunk;
			rest /= p.chunks;
			at_stride *= p.n;
			index_stride *= p.rows;
		}
		if (d == 0) break;
		uint i = rest % p.shape[d - 1];
		rest /= p.shape[d - 1];
		x = advance(x, i, at_stride, SHIFT_OF(DT));
		y = advance(y, i, at_stride, SHIFT_OF(DT));
		idx = advance(idx, i, index_stride, 3);
		src = advance(src, i, index_stride, SHIFT_OF(DT));
		if (i >= p.index_shape[d - 1]) hit = false;
		at_stride *= p.shape[d - 1];
		index_stride *= p.index_shape[d - 1];
	}
	uint c1 = min(c0 + p.chunk, p.n);
	if (p.chunk == 1u) {
		T v = BUF_RO(T)(advance(x, c0, inner, SHIFT_OF(DT))).v[0];
		if (hit)
			for (uint j = 0; j < p.rows; j++) {
				uvec2 k = BUF_RO(uvec2)(advance(idx, j, index_inner, 3)).v[0];
				if (k.x == c0 && k.y == 0u) v += BUF_RO(T)(advance(src, j, index_inner, SHIFT_OF(DT))).v[0];
				else if (c0 == 0u && !in_range(k, p.n)) fault_words(p.fault, p.code, p.n, k.x, k.y);
			}
		BUF(T)(advance(y, c0, inner, SHIFT_OF(DT))).v[0] = v;
		return;
	}
	for (uint c = c0; c < c1; c++)
		BUF(T)(advance(y, c, inner, SHIFT_OF(DT))).v[0] = BUF_RO(T)(advance(x, c, inner, SHIFT_OF(DT))).v[0];
	if (!hit) return;
	for (uint j = 0; j < p.rows; j++) {
		uvec2 k = BUF_RO(uvec2)(advance(idx, j, index_inner, 3)).v[0];
		if (k.y == 0u && k.x >= c0 && k.x < c1)
			BUF(T)(advance(y, k.x, inner, SHIFT_OF(DT))).v[0] += BUF_RO(T)(advance(src, j, index_inner, SHIFT_OF(DT))).v[0];
		else if (c0 == 0u && !in_range(k, p.n)) fault_words(p.fault, p.code, p.n, k.x, k.y);
	}
}

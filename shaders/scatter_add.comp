// scatter_add: y = x, then y[i, idx[i, j, k], k] += src[i, j, k], in the order of j.
//
// x, y: dense, a table of n rows along dim; idx (i64) and src: dense, rows of them along dim. A column is a place in
// the other dimensions, whose sizes are shape in x and index_shape in idx, no larger; the last inner_dims of them come
// after dim. A column is cut into chunks; an invocation owns one of them, the places [c, c + chunk): it copies them
// from x, walks the column of idx and adds what hits them. So no two invocations write one place, and the order of the
// sum is that of j. A dispatch takes the rows from first to last; that of row 0 also copies.
// An index outside [0, n) is reported in fault and adds nothing.
// Push constants: see the block. Specialization: 0 workgroup size, RANK: of the other dimensions, WIDE: see addr.glsl.
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
	uint first; // row to begin with
	uint last;  // row to end before
	uint chunk;
	uint chunks;
	uint inner_dims;
	uint shape[7];
	uint index_shape[7];
} p;

void main() {
	uint threads = p.chunks, inner = 1, index_inner = 1;
	[[unroll]] for (uint d = 0; d < RANK; d++) {
		threads *= p.shape[d];
		if (d + p.inner_dims >= RANK) {
			inner *= p.shape[d];
			index_inner *= p.index_shape[d];
		}
	}
	uint rest = thread_index();
	if (rest >= threads) return;
	// Neighbours in a workgroup are neighbours along the innermost dimension.
	uint stride = 1, index_stride = 1, c0 = 0;
	Place x = place(uvec2(p.x)), y = place(uvec2(p.y)), idx = place(uvec2(p.idx)), src = place(uvec2(p.src));
	bool hit = true;
	[[unroll]] for (int d = int(RANK); d >= 0; d--) {
		if (uint(d) + p.inner_dims == RANK) { // between the inner and the outer dimensions stands dim
			c0 = rest % p.chunks * p.chunk;
			rest /= p.chunks;
			stride *= p.n;
			index_stride *= p.rows;
		}
		if (d == 0) break;
		uint i = rest % p.shape[d - 1];
		rest /= p.shape[d - 1];
		x = moved(x, i, stride, DT);
		y = moved(y, i, stride, DT);
		idx = moved(idx, i, index_stride, i64);
		src = moved(src, i, index_stride, DT);
		hit = hit && i < p.index_shape[d - 1];
		stride *= p.shape[d - 1];
		index_stride *= p.index_shape[d - 1];
	}
	uint c1 = min(c0 + p.chunk, p.n);
	if (p.first == 0u)
		for (uint c = c0; c < c1; c++) {
			Place from = moved(x, c, inner, DT), to = moved(y, c, inner, DT);
			BUF(T)(to.at).v[to.i] = BUF_RO(T)(from.at).v[from.i];
		}
	if (!hit) return;
	for (uint j = p.first; j < p.last; j++) {
		Place at = moved(idx, j, index_inner, i64);
		uvec2 k = BUF_RO(uvec2)(at.at).v[at.i];
		if (k.y == 0u && k.x >= c0 && k.x < c1) {
			Place from = moved(src, j, index_inner, DT), to = moved(y, k.x, inner, DT);
			BUF(T)(to.at).v[to.i] += BUF_RO(T)(from.at).v[from.i];
		} else if (c0 == 0u && !in_range(k, p.n)) {
			fault_words(p.fault, p.code, p.n, k.x, k.y);
		}
	}
}

// gather: y[e] = x[place of e with its index along dim replaced by idx[e]], for e < count, row-major over idx.
//
// x: dense, elements of DT bytes; idx: i64, dense, of shape[RANK]; y: like idx, of x's elements. stride: how many
// elements of x a step along each dimension of idx goes, 0 along dim; a step of the index goes dim_stride. Dimensions
// that lie evenly in x are merged by the host. An index outside [0, n) is reported in fault and reads 0.
// Push constants: see the block. Specialization: 0 workgroup size, RANK, WIDE: 1 where an element may lie at 2^31 or
// beyond.
//
// variant: b1 DT=b1
// variant: b2 DT=b2
// variant: b4 DT=b4
// variant: b8 DT=b8
#version 460
#include "buf.glsl"
#include "addr.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint RANK = 8;
layout(constant_id = 2) const uint WIDE = 0;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF_RO(T) x;
	BUF_RO(uvec2) idx;
	BUF(T) y;
	Fault fault;
	uint code;
	uint n;
	uint dim_stride;
	uint count;
	uint shape[8];
	uint stride[8];
} p;

void main() {
	uint e = thread_index();
	if (e >= p.count) return;
	uvec2 k = WIDE != 0u ? BUF_RO(uvec2)(advance(uvec2(p.idx), e, 1, 3)).v[0] : p.idx.v[e];
	ARITH(DT) r = ARITH(DT)(0);
	if (!in_range(k, p.n)) {
		fault_words(p.fault, p.code, p.n, k.x, k.y);
	} else if (WIDE == 0u) {
		uint rest = e, at = k.x * p.dim_stride;
		[[unroll]] for (int d = int(RANK) - 1; d > 0; d--) {
			at += rest % p.shape[d] * p.stride[d];
			rest /= p.shape[d];
		}
		r = LOAD(DT, p.x, at + rest * p.stride[0]);
	} else {
		uint rest = e;
		uvec2 at = advance(uvec2(p.x), k.x, p.dim_stride, SHIFT_OF(DT));
		[[unroll]] for (int d = int(RANK) - 1; d > 0; d--) {
			at = advance(at, rest % p.shape[d], p.stride[d], SHIFT_OF(DT));
			rest /= p.shape[d];
		}
		r = LOAD(DT, BUF_RO(T)(advance(at, rest, p.stride[0], SHIFT_OF(DT))), 0);
	}
	if (WIDE != 0u) STORE(DT, BUF(T)(advance(uvec2(p.y), e, 1, SHIFT_OF(DT))), 0, r);
	else STORE(DT, p.y, e, r);
}

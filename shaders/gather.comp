// gather: y[e] = x[place of e with its index along dim replaced by idx[e]], for e < count, row-major over idx.
//
// x: dense, elements of DT bytes; idx: i64, dense, of shape[RANK]; y: like idx, of x's elements. stride: how many
// elements of x a step along each dimension of idx goes, 0 along dim; a step of the index goes dim_stride. Dimensions
// that lie evenly in x are merged by the host. An index outside [0, n) is reported in fault and reads 0.
// Push constants: see the block. Specialization: 0 workgroup size, RANK, WIDE: see addr.glsl.
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
	Place i = moved(place(uvec2(p.idx)), e, 1, i64), y = moved(place(uvec2(p.y)), e, 1, DT);
	uvec2 k = BUF_RO(uvec2)(i.at).v[i.i];
	ARITH(DT) r = ARITH(DT)(0);
	if (in_range(k, p.n)) {
		uint rest = e;
		Place x = moved(place(uvec2(p.x)), k.x, p.dim_stride, DT);
		[[unroll]] for (int d = int(RANK) - 1; d > 0; d--) {
			x = moved(x, rest % p.shape[d], p.stride[d], DT);
			rest /= p.shape[d];
		}
		x = moved(x, rest, p.stride[0], DT);
		r = LOAD(DT, BUF_RO(T)(x.at), x.i);
	} else {
		fault_words(p.fault, p.code, p.n, k.x, k.y);
	}
	STORE(DT, BUF(T)(y.at), y.i, r);
}

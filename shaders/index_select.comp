// index_select: y[i, j, k] = x[i, idx[j], k].
//
// x: dense [outer, n, inner], idx: i64 [rows], y: dense [outer, rows, inner], count units in all; inner counts units of
// DT bytes. An index outside [0, n) is reported in fault and gives zeros.
// Push constants: see the block. Specialization: 0 workgroup size, WIDE: see addr.glsl.
//
// variant: b1 DT=b1
// variant: b2 DT=b2
// variant: b4 DT=b4
// variant: b8 DT=b8
// variant: b16 DT=b16
#version 460
#include "buf.glsl"
#include "addr.glsl"

layout(local_size_x_id = 0) in;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF_RO(T) x;
	BUF_RO(uvec2) idx;
	BUF(T) y;
	Fault fault;
	uint code;
	uint n;
	uint rows;
	uint inner;
	uint count;
} p;

void main() {
	uint e = thread_index();
	if (e >= p.count) return;
	uint row = e / p.inner, c = e - row * p.inner, o = row / p.rows, j = row - o * p.rows;
	uvec2 k = p.idx.v[j];
	ARITH(DT) r = ARITH(DT)(0);
	if (in_range(k, p.n)) {
		Place x = moved(moved(place(uvec2(p.x)), o * p.inner, p.n, DT), k.x, p.inner, DT);
		x = moved(x, c, 1, DT);
		r = LOAD(DT, BUF_RO(T)(x.at), x.i);
	} else if (c == 0u) {
		fault_words(p.fault, p.code, p.n, k.x, k.y);
	}
	Place y = moved(place(uvec2(p.y)), e, 1, DT);
	STORE(DT, BUF(T)(y.at), y.i, r);
}

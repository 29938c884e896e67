// tril: y[…, i, j] = x[…, i, j] where j − i ≤ diagonal, else 0; triu with UPPER: where j − i ≥ diagonal.
//
// x, y: dense, matrices of rows × cols, elements of DT bytes, count in all.
// Push constants: see the block. Specialization: 0 workgroup size, UPPER, WIDE: see addr.glsl.
//
// variant: b1 DT=b1
// variant: b2 DT=b2
// variant: b4 DT=b4
// variant: b8 DT=b8
#version 460
#include "buf.glsl"
#include "addr.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint UPPER = 0;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF_RO(T) x;
	BUF(T) y;
	uint count;
	uint rows;
	uint cols;
	int diagonal;
} p;

void main() {
	uint e = thread_index();
	if (e >= p.count) return;
	Place x = moved(place(uvec2(p.x)), e, 1, DT), y = moved(place(uvec2(p.y)), e, 1, DT);
	uint row = e / p.cols;
	int off = int(e - row * p.cols) - int(row % p.rows);
	ARITH(DT) r = ARITH(DT)(0);
	if (UPPER == 0u ? off <= p.diagonal : off >= p.diagonal) r = LOAD(DT, BUF_RO(T)(x.at), x.i);
	STORE(DT, BUF(T)(y.at), y.i, r);
}

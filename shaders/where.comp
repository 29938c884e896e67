// where: z = x where cond, else y, elementwise with broadcasting.
//
// cond: bytes, 0 or 1; x, y, z: elements of DT, moved as bits (b1, b2, b4, b8: bytes of an element); any shape,
// walked as elem.glsl says; operands 0 cond, 1 x, 2 y, 3 z. Specialization: as elem.glsl.
//
// variant: b1 DT=b1
// variant: b2 DT=b2
// variant: b4 DT=b4
// variant: b8 DT=b8
#version 460
#include "buf.glsl"
#include "addr.glsl"
#include "bits.glsl"

layout(push_constant) uniform Push {
	BUF_RO(uint8_t) cond;
	BUF_RO(STORED(DT)) x;
	BUF_RO(STORED(DT)) y;
	BUF(STORED(DT)) z;
	uint n;
	uint shape[4];
	uint stride[16];
} p;

#include "elem.glsl"

#define T ARITH(DT)

void one(uint i, uint j, uint k, uint l) {
	T r = LOAD(DT, p.y, k);
	if (LOAD(u8, p.cond, i) != 0) r = LOAD(DT, p.x, j);
	STORE(DT, p.z, l, r);
}

void four(uint i, uint j, uint k, uint l) {
	ivec4 c = GET4(0, u8, p.cond, i);
	T x[4], y[4], r[4];
	if (IS_DENSE(1)) LOAD_BITS4(DT, p.x, j, x);
	else x[0] = x[1] = x[2] = x[3] = LOAD(DT, p.x, j);
	if (IS_DENSE(2)) LOAD_BITS4(DT, p.y, k, y);
	else y[0] = y[1] = y[2] = y[3] = LOAD(DT, p.y, k);
	[[unroll]] for (int e = 0; e < 4; e++) r[e] = c[e] != 0 ? x[e] : y[e];
	STORE_BITS4(DT, p.z, l, r);
}

WALK4

// classify: y = whether x is such a value, elementwise; 0 or 1.
//
//   0 isnan  1 isinf  2 isfinite
//
// x: elements of DT, y: of u8 (bool), any shape, walked as elem.glsl says; operands 0 x, 1 y.
// Decided on bits, which hold whatever a compiler assumes of NaNs. Specialization: as elem.glsl; 4 OP.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
// variant: f16 DT=f16
// variant: bf16 DT=bf16
#version 460
#include "buf.glsl"

layout(push_constant) uniform Push {
	BUF_RO(STORED(DT)) x;
	BUF(uint8_t) y;
	uint n;
	uint shape[4];
	uint stride[8];
} p;

#include "elem.glsl"

layout(constant_id = 4) const uint OP = 0;

// 0 finite, 1 infinite, 2 NaN.
#ifdef DT_f64
uint kind(double x) {
	uvec2 u = unpackDouble2x32(x);
	uint h = u.y & 0x7fffffffu;
	if (h < 0x7ff00000u) return 0u;
	return h == 0x7ff00000u && u.x == 0u ? 1u : 2u;
}
#else
uint kind(float x) {
	uint u = floatBitsToUint(x) & 0x7fffffffu;
	if (u < 0x7f800000u) return 0u;
	return u == 0x7f800000u ? 1u : 2u;
}
#endif

int apply(ARITH(DT) x) {
	uint k = kind(x);
	bool r = false;
	switch (OP) {
	case 0u: r = k == 2u; break;
	case 1u: r = k == 1u; break;
	case 2u: r = k == 0u; break;
	}
	return r ? 1 : 0;
}

void one(uint i, uint j) { STORE(u8, p.y, j, apply(LOAD(DT, p.x, i))); }

void four(uint i, uint j) {
	VEC(DT) x = GET4(0, DT, p.x, i);
	VEC(u8) r;
	EACH(r, apply(x[e]));
	PUT4(u8, p.y, j, r);
}

WALK2

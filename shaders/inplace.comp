// inplace: writes into x, elementwise, y broadcast to x.
//
//   0 add_ x = x + c·y  1 add_ of a constant x = x + c  2 lerp_ x = x + c·(y − x)  3 lerp_ with the weight w[0] for c
//
// copy_ is contiguous.comp with strides on both sides. Integers wrap.
//
// x, y: elements of DT, any shape, walked as elem.glsl says; operands 0 x, 1 y (unused by 1). w: one element. c holds
// the constant in DT's bits, low word first. Specialization: as elem.glsl; 4 OP.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
// variant: i32 DT=i32
// variant: i64 DT=i64 needs int64
#version 460
#include "buf.glsl"

layout(push_constant) uniform Push {
	BUF(STORED(DT)) x;
	BUF_RO(STORED(DT)) y;
	BUF_RO(STORED(DT)) w;
	uint c[2];
	uint n;
	uint shape[4];
	uint stride[8];
} p;

#include "elem.glsl"

layout(constant_id = 4) const uint OP = 0;

#define T ARITH(DT)

T constant() {
	if (OP == 3u) return LOAD(DT, p.w, 0);
#if defined(DT_f32)
	return uintBitsToFloat(p.c[0]);
#elif defined(DT_f64)
	return packDouble2x32(uvec2(p.c[0], p.c[1]));
#elif defined(DT_i64)
	return int64_t(uint64_t(p.c[0]) | uint64_t(p.c[1]) << 32);
#else
	return int(p.c[0]);
#endif
}

T apply(T x, T y, T c) {
	precise T r;
	switch (OP) {
	case 0u: r = x + c * y; break;
	case 1u: r = x + c; break;
	default: r = x + c * (y - x); break;
	}
	return r;
}

void one(uint i, uint j) {
	T y = T(0);
	if (OP != 1u) y = LOAD(DT, p.y, j);
	STORE(DT, p.x, i, apply(LOAD(DT, p.x, i), y, constant()));
}

void four(uint i, uint j) {
	T c = constant();
	VEC(DT) x = GET4(0, DT, p.x, i), y = VEC(DT)(0), r;
	if (OP != 1u) y = GET4(1, DT, p.y, j);
	EACH(r, apply(x[e], y[e], c));
	PUT4(DT, p.x, i, r);
}

WALK2

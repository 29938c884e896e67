// sgd: one step of stochastic gradient descent with momentum for one tensor, in place, as torch.optim.SGD:
//
//   g += decay·p;  m = g at step 1, else momentum·m + keep·g;  p −= rate·(m, or g + momentum·m with nesterov)
//
// p, m: [count] of DT, g likewise; rate, step: [1] of DT. Numbers are pairs of words: the bits of an f64, or of an f32
// in the first. keep = 1 − dampening.
// Push constants: see the block. Specialization: 0 workgroup size, MOMENTUM, NESTEROV, DECAY: 1 where in use, VEC: 1
// where all tensors begin at multiples of 16 bytes; then an invocation takes four elements.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
#version 460
#include "buf.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint MOMENTUM = 0;
layout(constant_id = 2) const uint NESTEROV = 0;
layout(constant_id = 3) const uint DECAY = 0;
layout(constant_id = 4) const uint VEC = 0;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF(T) p;
	BUF_RO(T) g;
	BUF(T) m;
	BUF_RO(T) rate;
	BUF_RO(T) step_;
	uint count;
	uint momentum[2];
	uint keep[2];
	uint decay[2];
} p;

#ifdef DT_f64
#define NUMBER(x) packDouble2x32(uvec2(x[0], x[1]))
#define T4 dvec4
#else
#define NUMBER(x) uintBitsToFloat(x[0])
#define T4 vec4
#endif

layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer QuadRO { T4 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Quad { T4 v[]; };

T4 update(T4 x, T4 g, inout T4 m) {
	precise T4 d = g;
	if (DECAY != 0u) d = g + NUMBER(p.decay) * x;
	if (MOMENTUM != 0u) {
		precise T4 old = NUMBER(p.momentum) * m;
		precise T4 mixed = old + NUMBER(p.keep) * d;
		m = p.step_.v[0] == T(1) ? d : mixed;
		precise T4 ahead = NUMBER(p.momentum) * m;
		if (NESTEROV != 0u) d = d + ahead;
		else d = m;
	}
	precise T4 r = x - p.rate.v[0] * d;
	return r;
}

void main() {
	uint i = thread_index();
	T4 m = T4(0);
	if (VEC != 0u && i * 4u + 4u <= p.count) {
		if (MOMENTUM != 0u) m = QuadRO(p.m).v[i];
		Quad(p.p).v[i] = update(QuadRO(p.p).v[i], QuadRO(p.g).v[i], m);
		if (MOMENTUM != 0u) Quad(p.m).v[i] = m;
		return;
	}
	for (uint j = i * 4u; j < min(i * 4u + 4u, p.count); j++) {
		if (MOMENTUM != 0u) m.x = p.m.v[j];
		p.p.v[j] = update(T4(p.p.v[j]), T4(p.g.v[j]), m).x;
		if (MOMENTUM != 0u) p.m.v[j] = m.x;
	}
}

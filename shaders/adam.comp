// adam: one step of Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015) or AdamW (Loshchilov and
// Hutter, "Decoupled weight decay regularization", 2019) for one tensor, in place, as torch.optim.Adam and AdamW:
//
//   DECAY 1: g += decay·p;  DECAY 2: p −= rate·decay·p
//   m += (1 − β₁)(g − m);  v = β₂·v + (1 − β₂)·g²
//   p −= rate/(1 − β₁ᵗ) · m/(√v/√(1 − β₂ᵗ) + ε)
//
// p, m, v: [count] of DT, g likewise; rate, t: [1] of DT. 1 − βᵗ = −expm1(t·ln β), with ln β from the host. Numbers are
// pairs of words: the bits of an f64, or of an f32 in the first.
// Push constants: see the block. Specialization: 0 workgroup size, DECAY, VEC: 1 where all tensors begin at multiples
// of 16 bytes; an invocation takes four elements.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
#version 460
#include "buf.glsl"
#ifdef DT_f64
#include "math64.glsl"
#else
#include "math.glsl"
#endif

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint DECAY = 0;
layout(constant_id = 2) const uint VEC = 0;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF(T) p;
	BUF_RO(T) g;
	BUF(T) m;
	BUF(T) v;
	BUF_RO(T) rate;
	BUF_RO(T) t;
	uint count;
	uint share_1[2]; // 1 − β₁
	uint beta_2[2];  // β₂
	uint share_2[2]; // 1 − β₂
	uint log_1[2];   // ln β₁
	uint log_2[2];
	uint eps[2];     // ε
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

shared T size, root; // rate/(1 − β₁ᵗ), √(1 − β₂ᵗ)

T update(T x, T g, inout T m, inout T v) {
	precise T d = g, y = x;
	if (DECAY == 1u) d = g + NUMBER(p.decay) * x;
	if (DECAY == 2u) y = x - p.rate.v[0] * NUMBER(p.decay) * x;
	precise T m2 = m + NUMBER(p.share_1) * (d - m);
	precise T v2 = NUMBER(p.beta_2) * v + NUMBER(p.share_2) * (d * d);
	precise T under = t_div(t_sqrt(v2), root) + NUMBER(p.eps);
	precise T r = y - size * t_div(m2, under);
	m = m2;
	v = v2;
	return r;
}

void main() {
	if (gl_LocalInvocationIndex == 0u) {
		T t = p.t.v[0];
		size = t_div(p.rate.v[0], -t_expm1(t * NUMBER(p.log_1)));
		root = t_sqrt(-t_expm1(t * NUMBER(p.log_2)));
	}
	barrier();
	uint i = thread_index();
	if (VEC != 0u && i * 4u + 4u <= p.count) {
		T4 x = QuadRO(p.p).v[i], g = QuadRO(p.g).v[i], m = QuadRO(p.m).v[i], v = QuadRO(p.v).v[i];
		[[unroll]] for (uint j = 0; j < 4u; j++) x[j] = update(x[j], g[j], m[j], v[j]);
		Quad(p.p).v[i] = x;
		Quad(p.m).v[i] = m;
		Quad(p.v).v[i] = v;
		return;
	}
	for (uint j = i * 4u; j < min(i * 4u + 4u, p.count); j++) {
		T m = p.m.v[j], v = p.v.v[j];
		p.p.v[j] = update(p.p.v[j], p.g.v[j], m, v);
		p.m.v[j] = m;
		p.v.v[j] = v;
	}
}

// dropout: y[i] = x[i]·scale where (w >> 8) ≥ below, else 0, w the word of element i (draw.glsl).
//
// x, y: [count] of DT, pieces of the tensors that begin at block first; state: i64[2] as words; scale: 1/(1 − p) as
// the bits of an f64 or f32, below = ⌈p·2^24⌉. An invocation makes four elements of one block.
// Push constants: see the block. Specialization: 0 workgroup size.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
#version 460
#include "buf.glsl"
#include "philox.glsl"
#include "draw.glsl"

layout(local_size_x_id = 0) in;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF_RO(T) x;
	BUF_RO(uint) state;
	BUF(T) y;
	uint first_low;
	uint first_high;
	uint count;
	uint below;
	uint scale[2];
} p;

void main() {
	uint e = thread_index(), carry;
	if (e >= (p.count + 3u) / 4u) return;
	uint low = uaddCarry(p.first_low, e, carry);
	uvec4 w = draw_block(p.state, low, p.first_high + carry);
#ifdef DT_f64
	T scale = packDouble2x32(uvec2(p.scale[0], p.scale[1]));
#else
	T scale = uintBitsToFloat(p.scale[0]);
#endif
	[[unroll]] for (uint j = 0; j < 4u; j++) {
		uint i = e * 4u + j;
		if (i >= p.count) break;
		precise T r = p.x.v[i] * scale;
		p.y.v[i] = w[j] >> 8 >= p.below ? r : T(0);
	}
}

// rand_reserve: old = state; then the counter in state's second number += blocks, modulo 2^64.
//
// state, old: i64[2] (seed, counter), as words, low first; one invocation.
// Push constants: see the block.
#version 460
#include "buf.glsl"

layout(local_size_x = 1) in;
layout(push_constant) uniform Push {
	BUF(uint) state;
	BUF(uint) old;
	uint blocks_low;
	uint blocks_high;
} p;

void main() {
	if (gl_GlobalInvocationID != uvec3(0)) return;
	uint low = p.state.v[2], high = p.state.v[3], carry;
	p.old.v[0] = p.state.v[0];
	p.old.v[1] = p.state.v[1];
	p.old.v[2] = low;
	p.old.v[3] = high;
	p.state.v[2] = uaddCarry(low, p.blocks_low, carry);
	p.state.v[3] = high + p.blocks_high + carry;
}

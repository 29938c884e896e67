// draw.glsl: the generator's stream as package ops lays it out (ops/random.go): block b of a state (seed, counter),
// both 64 bits, is Philox with the seed as key and counter + b in the counter's low 64 bits.
//
// Needs buf.glsl and philox.glsl before. Offers
//   uvec4 draw_block(BUF_RO(uint) state, uint low, uint high)   the four words of block high·2^32 + low

#ifndef TUFF_DRAW_GLSL
#define TUFF_DRAW_GLSL

uvec4 draw_block(BUF_RO(uint) state, uint low, uint high) {
	uint carry;
	uint c = uaddCarry(state.v[2], low, carry);
	return philox(uvec4(c, state.v[3] + high + carry, 0, 0), uvec2(state.v[0], state.v[1]));
}

#endif

// philox.glsl: Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3" (SC 2011), section 3.3. No state: the same key and counter give the same four
// words on every device and on the CPU.
//
// Offers
//   uvec4 philox(uvec4 counter, uvec2 key)
//       ten rounds; in each, with (h0,l0) = M0·c0 and (h1,l1) = M1·c2 as 64-bit products,
//       c = (h1^c1^k0, l1, h0^c3^k1, l0), then k += (W0, W1)
//   uvec4 philox_at(uvec4 base, uint i)   counter base + i, carried over 128 bits
//   float uniform01(uint u)      (u >> 8) · 2^-24, in [0, 1): exact in float32
//   float uniform01_open(uint u) ((u >> 8) + 1) · 2^-24, in (0, 1], for logarithms
//   vec2  box_muller(uint a, uint b)      two normals: r·(cos t, sin t), r = sqrt(-2 log(uniform01_open(a))),
//                                t = 2π·uniform01(b); only where math.glsl is included before

#ifndef TUFF_PHILOX_GLSL
#define TUFF_PHILOX_GLSL

uvec4 philox(uvec4 c, uvec2 k) {
	for (int round = 0; round < 10; round++) {
		uint h0, l0, h1, l1;
		umulExtended(0xD2511F53u, c.x, h0, l0);
		umulExtended(0xCD9E8D57u, c.z, h1, l1);
		c = uvec4(h1 ^ c.y ^ k.x, l1, h0 ^ c.w ^ k.y, l0);
		k += uvec2(0x9E3779B9u, 0xBB67AE85u);
	}
	return c;
}

uvec4 philox_at(uvec4 base, uint i) {
	uint carry;
	uvec4 c;
	c.x = uaddCarry(base.x, i, carry);
	c.y = uaddCarry(base.y, carry, carry);
	c.z = uaddCarry(base.z, carry, carry);
	c.w = base.w + carry;
	return c;
}

float uniform01(uint u) { return float(u >> 8) * 5.9604644775390625e-8; }

float uniform01_open(uint u) { return float((u >> 8) + 1u) * 5.9604644775390625e-8; }

#ifdef TUFF_MATH_GLSL
vec2 box_muller(uint a, uint b) {
	precise float r = t_sqrt(-2.0 * t_log(uniform01_open(a)));
	precise float t = 6.2831855 * uniform01(b);
	precise vec2 n = vec2(r * t_cos(t), r * t_sin(t));
	return n;
}
#endif

#endif

// bits.glsl: four neighbouring elements moved as bits. Needs buf.glsl and addr.glsl before, whose dtypes b1, b2, b4
// and b8 it takes.
//
//   LOAD_BITS4(D, b, i, x)    x[0..3] = elements i … i+3 of b; i is a multiple of 4, and b aligned to 16 bytes
//                             (b1: 4, b2: 8)
//   STORE_BITS4(D, b, i, x)   the other way

#ifndef TUFF_BITS_GLSL
#define TUFF_BITS_GLSL

layout(buffer_reference, std430, buffer_reference_align = 16) buffer Bits_16 { uvec4 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Bits_8 { uvec2 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Bits_4 { uint v[]; };

void load_b1(Bits_4 b, uint i, out uint x[4]) {
	uint u = b.v[i >> 2];
	x[0] = u & 255u;
	x[1] = (u >> 8) & 255u;
	x[2] = (u >> 16) & 255u;
	x[3] = u >> 24;
}

void load_b2(Bits_8 b, uint i, out uint x[4]) {
	uvec2 u = b.v[i >> 2];
	x[0] = u.x & 0xffffu;
	x[1] = u.x >> 16;
	x[2] = u.y & 0xffffu;
	x[3] = u.y >> 16;
}

void load_b4(Bits_16 b, uint i, out uint x[4]) {
	uvec4 u = b.v[i >> 2];
	x[0] = u.x;
	x[1] = u.y;
	x[2] = u.z;
	x[3] = u.w;
}

void load_b8(Bits_16 b, uint i, out uvec2 x[4]) {
	uvec4 u = b.v[i >> 1], w = b.v[(i >> 1) + 1u];
	x[0] = u.xy;
	x[1] = u.zw;
	x[2] = w.xy;
	x[3] = w.zw;
}

void store_b1(Bits_4 b, uint i, uint x[4]) { b.v[i >> 2] = x[0] | x[1] << 8 | x[2] << 16 | x[3] << 24; }
void store_b2(Bits_8 b, uint i, uint x[4]) { b.v[i >> 2] = uvec2(x[0] | x[1] << 16, x[2] | x[3] << 16); }
void store_b4(Bits_16 b, uint i, uint x[4]) { b.v[i >> 2] = uvec4(x[0], x[1], x[2], x[3]); }

void store_b8(Bits_16 b, uint i, uvec2 x[4]) {
	b.v[i >> 1] = uvec4(x[0], x[1]);
	b.v[(i >> 1) + 1u] = uvec4(x[2], x[3]);
}

#define QUAD_b1 Bits_4
#define QUAD_b2 Bits_8
#define QUAD_b4 Bits_16
#define QUAD_b8 Bits_16
#define QUAD_(D) QUAD_##D
#define QUAD(D) QUAD_(D)
#define LOAD_BITS4_(D, b, i, x) load_##D(QUAD(D)(b), i, x)
#define LOAD_BITS4(D, b, i, x) LOAD_BITS4_(D, b, i, x)
#define STORE_BITS4_(D, b, i, x) store_##D(QUAD(D)(b), i, x)
#define STORE_BITS4(D, b, i, x) STORE_BITS4_(D, b, i, x)

#endif

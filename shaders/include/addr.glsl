// addr.glsl: element addresses past 2^31 without 64-bit integers, and the words of 64-bit indices.
//
// Needs buf.glsl before. Offers
//   struct Place              an element: a buffer's address and an index
//   Place place(uvec2 at)     the first element of a buffer
//   Place moved(Place, uint i, uint stride, D)   i·stride elements of dtype D further. Where the constant WIDE is
//                             1, in the address and in 64 bits; else in the index, which stays below 2^31. Not always
//                             in the address, because Mesa 26.1's lavapipe, when its vectors have 512 bits or more,
//                             crashes on shaders that make 64 bits of two words
//   So element e of BUF(T) at Place p is BUF(T)(p.at).v[p.i + e].
//   BUF(uvec2), BUF(uvec4)    buffers of 8 and 16 bytes a unit, aligned as much
//   b1, b2, b4, b8, b16       dtypes of so many bytes, with STORED, ARITH, LOAD and STORE, to move elements by;
//                             SHIFT_OF(b4) is the binary logarithm of the size
//   bool in_range(uvec2 index, uint n)   whether the i64 index lies in [0, n)

#ifndef TUFF_ADDR_GLSL
#define TUFF_ADDR_GLSL

#extension GL_EXT_buffer_reference_uvec2 : require

BUF_TYPE_(uvec2, 8);
BUF_TYPE_(uvec4, 16);

#define STORED_b1 uint8_t
#define STORED_b2 uint16_t
#define STORED_b4 uint
#define STORED_b8 uvec2
#define STORED_b16 uvec4

#define ARITH_b1 uint
#define ARITH_b2 uint
#define ARITH_b4 uint
#define ARITH_b8 uvec2
#define ARITH_b16 uvec4
#define LOAD_b1(b, i) uint((b).v[i])
#define LOAD_b2(b, i) uint((b).v[i])
#define LOAD_b4(b, i) ((b).v[i])
#define LOAD_b8(b, i) ((b).v[i])
#define LOAD_b16(b, i) ((b).v[i])
#define STORE_b1(b, i, x) (b).v[i] = uint8_t(x)
#define STORE_b2(b, i, x) (b).v[i] = uint16_t(x)
#define STORE_b4(b, i, x) (b).v[i] = (x)
#define STORE_b8(b, i, x) (b).v[i] = (x)
#define STORE_b16(b, i, x) (b).v[i] = (x)

#define SHIFT_b1 0
#define SHIFT_b2 1
#define SHIFT_b4 2
#define SHIFT_b8 3
#define SHIFT_b16 4
#define SHIFT_f32 2
#define SHIFT_i32 2
#define SHIFT_f64 3
#define SHIFT_i64 3
#define SHIFT_OF_(D) SHIFT_##D
#define SHIFT_OF(D) SHIFT_OF_(D)

#ifndef WIDE_ID
#define WIDE_ID 90
#endif
layout(constant_id = WIDE_ID) const uint WIDE = 0; // 1 where an element may lie at 2^31 or beyond

struct Place {
	uvec2 at;
	uint i;
};

Place place(uvec2 at) { return Place(at, 0u); }

Place move_place(Place p, uint i, uint stride, uint shift) {
	if (WIDE == 0u) return Place(p.at, p.i + i * stride);
	uint hi, lo, carry;
	umulExtended(i, stride, hi, lo);
	if (shift != 0u) hi = hi << shift | lo >> (32u - shift);
	p.at.x = uaddCarry(p.at.x, lo << shift, carry);
	p.at.y += hi + carry;
	return p;
}

#define moved(p, i, stride, D) move_place(p, i, stride, SHIFT_OF(D))

bool in_range(uvec2 index, uint n) { return index.y == 0u && index.x < n; }

#endif

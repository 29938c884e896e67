// full: y = a constant everywhere, as bits: a pattern of 8 bytes repeated over n bytes.
//
// y: dense, aligned to 16 bytes. pattern: the bits of elements side by side, low word first. n: bytes.
// Specialization: 0 workgroup size.
#version 460
#include "buf.glsl"
#include "addr.glsl"

layout(local_size_x_id = 0) in;
layout(push_constant) uniform Push {
	BUF(uvec4) y;
	uint pattern[2];
	uint n;
} p;

void main() {
	uint i = thread_index();
	if (i >= (p.n + 15u) >> 4) return;
	if ((i + 1u) << 4 <= p.n) {
		p.y.v[i] = uvec4(p.pattern[0], p.pattern[1], p.pattern[0], p.pattern[1]);
		return;
	}
	Buf_uint8_t bytes = Buf_uint8_t(p.y);
	for (uint k = i << 4; k < p.n; k++) bytes.v[k] = uint8_t(p.pattern[(k >> 2) & 1u] >> (8u * (k & 3u)));
}

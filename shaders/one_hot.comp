// one_hot: y[i, c] = one where c = idx[i], else 0, for i·classes + c < count.
//
// idx: i64, dense; y: [.., classes] of DT bytes; one: the bits of 1, low word first. An index outside [0, classes) is
// reported in fault and gives zeros. Dispatches of one call begin at first, an element of y; y points there.
// Push constants: see the block. Specialization: 0 workgroup size.
//
// variant: b4 DT=b4
// variant: b8 DT=b8
#version 460
#include "buf.glsl"
#include "addr.glsl"

layout(local_size_x_id = 0) in;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF_RO(uvec2) idx;
	BUF(T) y;
	Fault fault;
	uint code;
	uint classes;
	uint count;
	uint one[2];
} p;

void main() {
	uint e = thread_index();
	if (e >= p.count) return;
	uint c = e % p.classes;
	uvec2 k = p.idx.v[e / p.classes];
	if (c == 0u && !in_range(k, p.classes)) fault_words(p.fault, p.code, p.classes, k.x, k.y);
	bool hit = k.y == 0u && k.x == c;
#ifdef DT_b8
	p.y.v[e] = hit ? uvec2(p.one[0], p.one[1]) : uvec2(0);
#else
	p.y.v[e] = hit ? p.one[0] : 0u;
#endif
}

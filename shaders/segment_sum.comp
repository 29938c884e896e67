// segment_sum: y[s, c] = the sum of src[j, c] over all j with ids[j] = s, in the order of j.
//
// src: [n, cols] of DT; ids: i64 [n]; y: [segments, cols] of DT. keys and order: what sort.comp left of ids: keys
// sorted by their low bits, the lower word of each being the id, and the places of the ids in that order. Kernels:
//   check   an id outside [0, segments) is reported in fault
//   sum     one invocation for each element of y finds its segment in keys by bisection, and adds the rows from
//           "first" to "last" of it; that of first = 0 begins with 0, others with y
// Push constants: see the block. Specialization: 0 workgroup size, WIDE: see addr.glsl.
//
// variant: check KERNEL=check DT=i32
// variant: f32 KERNEL=sum DT=f32
// variant: f64 KERNEL=sum DT=f64 needs float64
// variant: i32 KERNEL=sum DT=i32
// variant: i64 KERNEL=sum DT=i64 needs int64
#version 460
#include "buf.glsl"
#include "addr.glsl"

layout(local_size_x_id = 0) in;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF_RO(T) src;
	BUF_RO(uvec2) ids;
	BUF_RO(uvec2) keys;
	BUF_RO(uint) order;
	BUF(T) y;
	Fault fault;
	uint code;
	uint n;
	uint segments;
	uint cols;
	uint first;
	uint last;
} p;

#ifdef KERNEL_check

void main() {
	uint i = thread_index();
	if (i >= p.n) return;
	uvec2 k = p.ids.v[i];
	if (!in_range(k, p.segments)) fault_words(p.fault, p.code, p.segments, k.x, k.y);
}

#else

// How many keys lie below s.
uint below(uint s) {
	uint lo = 0u, hi = p.n;
	while (lo < hi) {
		uint mid = lo + (hi - lo) / 2u;
		if (p.keys.v[mid].x < s) lo = mid + 1u;
		else hi = mid;
	}
	return lo;
}

void main() {
	uint i = thread_index();
	uint s = i / p.cols, c = i - s * p.cols;
	if (s >= p.segments) return;
	uint start = below(s), end = below(s + 1u);
	Place to = moved(place(uvec2(p.y)), s, p.cols, DT);
	precise T sum = T(0);
	if (p.first != 0u) sum = BUF(T)(to.at).v[to.i + c];
	for (uint j = start + min(p.first, end - start); j < start + min(p.last, end - start); j++) {
		Place from = moved(place(uvec2(p.src)), p.order.v[j], p.cols, DT);
		sum += BUF_RO(T)(from.at).v[from.i + c];
	}
	BUF(T)(to.at).v[to.i + c] = sum;
}

#endif

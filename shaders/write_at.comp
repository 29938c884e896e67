// write_at: x[i, idx[j], k] = src[i, j, k] in place; of equal indices the last wins.
//
// x: dense [outer, n, inner], idx: i64 [rows], src: dense [outer, rows, inner]; inner counts units of DT bytes. An
// index outside [0, n) is reported in fault and writes nothing. Kernels:
//   scan   for few rows: a row that finds its index again further on does not write
//   clear  last[c] = −1 for c < n
//   mark   last[idx[j]] = the largest such j; the maximum does not depend on the order
//   copy   a row writes where it is the last
// Push constants: see the block. Specialization: 0 workgroup size, WIDE: see addr.glsl.
//
// variant: scan_b1 KERNEL=scan DT=b1
// variant: scan_b2 KERNEL=scan DT=b2
// variant: scan_b4 KERNEL=scan DT=b4
// variant: scan_b8 KERNEL=scan DT=b8
// variant: scan_b16 KERNEL=scan DT=b16
// variant: clear KERNEL=clear DT=b4
// variant: mark KERNEL=mark DT=b4
// variant: copy_b1 KERNEL=copy DT=b1
// variant: copy_b2 KERNEL=copy DT=b2
// variant: copy_b4 KERNEL=copy DT=b4
// variant: copy_b8 KERNEL=copy DT=b8
// variant: copy_b16 KERNEL=copy DT=b16
#version 460
#include "buf.glsl"
#include "addr.glsl"

layout(local_size_x_id = 0) in;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF(T) x;
	BUF_RO(uvec2) idx;
	BUF_RO(T) src;
	BUF(int) last;
	Fault fault;
	uint code;
	uint n;
	uint rows;
	uint inner;
	uint count; // invocations
} p;

bool wins(uint j, uvec2 k) {
#ifdef KERNEL_scan
	for (uint i = j + 1; i < p.rows; i++)
		if (p.idx.v[i] == k) return false;
	return true;
#else
	return p.last.v[k.x] == int(j);
#endif
}

void main() {
	uint e = thread_index();
	if (e >= p.count) return;
#if defined(KERNEL_clear)
	p.last.v[e] = -1;
#elif defined(KERNEL_mark)
	uvec2 k = p.idx.v[e];
	if (in_range(k, p.n)) atomicMax(p.last.v[k.x], int(e));
	else fault_words(p.fault, p.code, p.n, k.x, k.y);
#else
	uint in_row = e % p.inner, row = e / p.inner, j = row % p.rows, i = row / p.rows;
	uvec2 k = p.idx.v[j];
	if (!in_range(k, p.n)) {
#ifdef KERNEL_scan
		fault_words(p.fault, p.code, p.n, k.x, k.y);
#endif
		return;
	}
	if (!wins(j, k)) return;
	Place to = moved(moved(place(uvec2(p.x)), i * p.inner, p.n, DT), k.x, p.inner, DT), from = moved(place(uvec2(p.src)), e, 1, DT);
	STORE(DT, BUF(T)(to.at), to.i + in_row, LOAD(DT, BUF_RO(T)(from.at), from.i));
#endif
}

// index_add: y = x, then y[i, idx[j], k] += src[i, j, k], in the order of j; index_copy: = in place of +=.
//
// x, y: dense [outer, n, inner]; idx: i64 [rows]; src: dense [outer, rows, inner]. A column is a place (i, k), of which
// there are columns. It is cut into chunks; an invocation owns one of them, the places [c, c + chunk): it copies them
// from x, walks idx and writes what hits them. So no two invocations write one place, and the order is that of j. A
// dispatch takes the rows from first to last; that of row 0 also copies. An index of skip − 1 writes nothing (skip 0:
// none does so). An index outside [0, n) is reported in fault and writes nothing.
// Push constants: see the block. Specialization: 0 workgroup size, WIDE: see addr.glsl.
//
// variant: add_f32 KERNEL=add DT=f32
// variant: add_f64 KERNEL=add DT=f64 needs float64
// variant: add_i32 KERNEL=add DT=i32
// variant: add_i64 KERNEL=add DT=i64 needs int64
// variant: copy_b1 KERNEL=copy DT=b1
// variant: copy_b2 KERNEL=copy DT=b2
// variant: copy_b4 KERNEL=copy DT=b4
// variant: copy_b8 KERNEL=copy DT=b8
#version 460
#include "buf.glsl"
#include "addr.glsl"

layout(local_size_x_id = 0) in;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF_RO(T) x;
	BUF_RO(uvec2) idx;
	BUF_RO(T) src;
	BUF(T) y;
	Fault fault;
	uint code;
	uint n;
	uint rows;
	uint first; // row to begin with
	uint last;  // row to end before
	uint chunk;
	uint chunks;
	uint inner;
	uint columns;
	uint skip;
} p;

void main() {
	uint rest = thread_index();
	if (rest >= p.columns * p.chunks) return;
	// Neighbours in a workgroup are neighbours along inner.
	uint column = rest % p.inner;
	rest /= p.inner;
	uint c0 = rest % p.chunks * p.chunk, i = rest / p.chunks;
	uint c1 = min(c0 + p.chunk, p.n);
	Place x = moved(moved(place(uvec2(p.x)), i * p.inner, p.n, DT), column, 1, DT);
	Place y = moved(moved(place(uvec2(p.y)), i * p.inner, p.n, DT), column, 1, DT);
	Place src = moved(moved(place(uvec2(p.src)), i * p.inner, p.rows, DT), column, 1, DT);
	if (p.first == 0u)
		for (uint c = c0; c < c1; c++) {
			Place from = moved(x, c, p.inner, DT), to = moved(y, c, p.inner, DT);
			BUF(T)(to.at).v[to.i] = BUF_RO(T)(from.at).v[from.i];
		}
	for (uint j = p.first; j < p.last; j++) {
		uvec2 k = p.idx.v[j];
		if (k.y == 0u && k.x >= c0 && k.x < c1) {
			if (k.x + 1u == p.skip) continue;
			Place from = moved(src, j, p.inner, DT), to = moved(y, k.x, p.inner, DT);
#ifdef KERNEL_add
			BUF(T)(to.at).v[to.i] += BUF_RO(T)(from.at).v[from.i];
#else
			BUF(T)(to.at).v[to.i] = BUF_RO(T)(from.at).v[from.i];
#endif
		} else if (c0 == 0u && !in_range(k, p.n)) {
			fault_words(p.fault, p.code, p.n, k.x, k.y);
		}
	}
}

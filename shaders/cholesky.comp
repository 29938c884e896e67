// cholesky: the lower triangular L with A = L·Lᵀ, column by column: as soon as a column is known, its outer product is
// taken off what remains (Golub and Van Loan, "Matrix computations", 4th edition, section 4.2.5).
//
// a: [groups, d, d] of DT, of which the lower triangle is read; l: the same shape. A workgroup factors one matrix. Where
// a pivot is not positive, the lower triangle is NaN from its row on. Each element is changed by one thread at a time,
// in the order of the columns, so that the result depends on nothing else. Push constants: see the block.
// Specialization: 0 workgroup size, a multiple of 16; COLUMN: d, the size of the column in shared memory; HELD:
// d·(d+1)/2 where the lower triangle is held in shared memory, row after row; 0 where it stays in l itself.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
#version 460
#include "buf.glsl"
#ifdef DT_f64
#include "math64.glsl"
#define ALIGNMENT 8
#define NOT_A_NUMBER T_NAN64
#else
#include "math.glsl"
#define ALIGNMENT 4
#define NOT_A_NUMBER T_NAN
#endif

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint COLUMN = 1;
layout(constant_id = 2) const uint HELD = 0;
const uint HELD_SIZE = HELD > 0u ? HELD : 1u;

#define T STORED(DT)
// What one thread writes, others of its workgroup read.
layout(buffer_reference, std430, buffer_reference_align = ALIGNMENT) coherent buffer Work { T v[]; };

layout(push_constant) uniform Push {
	BUF_RO(T) a;
	BUF(T) l;
	uint d;
	uint groups;
} p;

shared T held[HELD_SIZE];
shared T column[COLUMN];

void together() {
	if (HELD == 0u) memoryBarrierBuffer();
	barrier();
}

void main() {
	uint g = group_index();
	if (g >= p.groups) return;
	uint d = p.d, first = g * d * d;
	uint n = gl_WorkGroupSize.x, thread = gl_LocalInvocationIndex;
	uint tj = thread % 16u, ti = thread / 16u, rows = n / 16u; // threads lie in rows of 16
	Work w = Work(p.l);
#define GET(i, j) (HELD > 0u ? held[(i) * ((i) + 1u) / 2u + (j)] : w.v[first + (i) * d + (j)])
#define PUT(i, j, value)                                                                             \
	if (HELD > 0u) held[(i) * ((i) + 1u) / 2u + (j)] = value;                                         \
	else w.v[first + (i) * d + (j)] = value;

	for (uint i = ti; i < d; i += rows) {
		for (uint j = tj; j <= i; j += 16u) {
			T v = p.a.v[first + i * d + j];
			PUT(i, j, v)
		}
	}
	together();
	uint known = 0u; // columns, and rows that are not NaN
	for (; known < d; known++) {
		uint k = known;
		T pivot = GET(k, k); // becomes its root at the end, since all threads read it here
		if (!(pivot > T(0))) break;
		T root = t_sqrt(pivot);
		for (uint i = k + 1u + thread; i < d; i += n) {
			T v = t_div(GET(i, k), root);
			column[i] = v;
			PUT(i, k, v)
		}
		together();
		for (uint i = k + 1u + ti; i < d; i += rows) {
			for (uint j = k + 1u + tj; j <= i; j += 16u) {
				precise T v = GET(i, j) - column[i] * column[j];
				PUT(i, j, v)
			}
		}
		together();
	}
	for (uint i = ti; i < d; i += rows) {
		for (uint j = tj; j < d; j += 16u) {
			T v = T(0);
			if (j <= i) v = i < known ? GET(i, j) : T(NOT_A_NUMBER);
			if (j == i && i < known) v = t_sqrt(v);
			w.v[first + i * d + j] = v;
		}
	}
}

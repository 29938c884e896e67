// solve_triangular: x = A⁻¹·b, or A⁻ᵀ·b with TRANSPOSE, by substitution, column by column of A: as soon as an element
// of x is known, what it contributes is taken off all those to come (Golub and Van Loan, "Matrix computations", 4th
// edition, algorithms 3.1.3 and 3.1.4).
//
// a: [batch, d, d] of DT, of which one triangle is read; b, x: [batch, d, n] of DT. A workgroup solves for COLS
// neighbouring columns of one matrix; "blocks" workgroups serve a matrix and "groups" stand over all. Its threads lie
// in rows of COLS. Each element is changed by one thread at a time, in the order of the columns of A, so that the result
// depends on nothing else. Push constants: see the block. Specialization: 0 workgroup size, a multiple of COLS; UPPER:
// the upper triangle is read; UNIT: its diagonal counts as ones; TRANSPOSE; COLS; HELD: d·COLS where the block of x is
// held in shared memory, 0 where it stays in x itself.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
#version 460
#include "buf.glsl"
#ifdef DT_f64
#include "math64.glsl"
#define ALIGNMENT 8
#else
#include "math.glsl"
#define ALIGNMENT 4
#endif

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint UPPER = 0;
layout(constant_id = 2) const uint UNIT = 0;
layout(constant_id = 3) const uint TRANSPOSE = 0;
layout(constant_id = 4) const uint COLS = 1;
layout(constant_id = 5) const uint HELD = 0;
const uint HELD_SIZE = HELD > 0u ? HELD : 1u;

#define T STORED(DT)
// What one thread writes, others of its workgroup read.
layout(buffer_reference, std430, buffer_reference_align = ALIGNMENT) coherent buffer Work { T v[]; };

layout(push_constant) uniform Push {
	BUF_RO(T) a;
	BUF_RO(T) b;
	BUF(T) x;
	uint d;
	uint n;
	uint blocks;
	uint groups;
} p;

shared T held[HELD_SIZE];

void together() {
	if (HELD == 0u) memoryBarrierBuffer();
	barrier();
}

void main() {
	uint g = group_index();
	if (g >= p.groups) return;
	uint m = g / p.blocks, d = p.d;
	uint c = gl_LocalInvocationIndex % COLS, lane = gl_LocalInvocationIndex / COLS, lanes = gl_WorkGroupSize.x / COLS;
	uint column = (g - m * p.blocks) * COLS + c;
	bool mine = column < p.n;
	uint a0 = m * d * d, x0 = m * d * p.n + column;
	uint down = TRANSPOSE == 0u ? d : 1u, right = TRANSPOSE == 0u ? 1u : d; // strides of the matrix that is solved
	bool forward = UPPER == TRANSPOSE;
	Work w = Work(p.x);
#define GET(i) (HELD > 0u ? held[(i) * COLS + c] : w.v[x0 + (i) * p.n])
#define PUT(i, value)                                                                                \
	if (HELD > 0u) held[(i) * COLS + c] = value;                                                      \
	else w.v[x0 + (i) * p.n] = value;

	if (mine) {
		for (uint i = lane; i < d; i += lanes) {
			T v = p.b.v[x0 + i * p.n];
			PUT(i, v)
		}
	}
	together();
	for (uint s = 0u; s < d; s++) {
		uint k = forward ? s : d - 1u - s;
		if (mine) {
			T x = GET(k);
			if (UNIT == 0u) x = t_div(x, p.a.v[a0 + k * (d + 1u)]);
			for (uint r = s + 1u + lane; r < d; r += lanes) {
				uint i = forward ? r : d - 1u - r;
				precise T v = GET(i) - p.a.v[a0 + i * down + k * right] * x;
				PUT(i, v)
			}
		}
		together();
	}
	if (mine) {
		for (uint i = lane; i < d; i += lanes) {
			T x = GET(i);
			if (UNIT == 0u) x = t_div(x, p.a.v[a0 + i * (d + 1u)]);
			w.v[x0 + i * p.n] = x;
		}
	}
}

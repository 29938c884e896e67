// qr: A = Q·R by Householder's reflections 1 − τ·v·vᵀ with v's first element 1 (Golub and Van Loan, "Matrix
// computations", 4th edition, sections 5.1 and 5.2): first A's columns are reflected one after another, then Q is formed
// from the vectors v, the last one first, in the memory where they lie.
//
// a, q: [groups, m, n] of DT, m ≥ n; r: [groups, n, n]. A workgroup factors one matrix. Its threads lie in teams of 16,
// and a team reflects a column, its sums added in a fixed order, so that the result depends on nothing but the
// numbers. Push constants: see the block. Specialization: 0 workgroup size, a multiple of 16; COLUMNS: n; HELD: m·n where
// the matrix is held in shared memory, 0 where it stays in q itself.
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
layout(constant_id = 1) const uint COLUMNS = 1;
layout(constant_id = 2) const uint HELD = 0;
const uint HELD_SIZE = HELD > 0u ? HELD : 1u;
const uint TEAM = 16u;

#define T STORED(DT)
// What one thread writes, others of its workgroup read.
layout(buffer_reference, std430, buffer_reference_align = ALIGNMENT) coherent buffer Work { T v[]; };

layout(push_constant) uniform Push {
	BUF_RO(T) a;
	BUF(T) q;
	BUF(T) r;
	uint m;
	uint n;
	uint groups;
} p;

shared T held[HELD_SIZE];
shared T taus[COLUMNS];
shared T parts[gl_WorkGroupSize.x];

void together() {
	if (HELD == 0u) memoryBarrierBuffer();
	barrier();
}

uint first; // of the matrix in q

#define GET(i, j) (HELD > 0u ? held[(i) * p.n + (j)] : Work(p.q).v[first + (i) * p.n + (j)])
#define PUT(i, j, value)                                                                             \
	{                                                                                                 \
		if (HELD > 0u) held[(i) * p.n + (j)] = value;                                                 \
		else Work(p.q).v[first + (i) * p.n + (j)] = value;                                            \
	}

// The sum over a team. All threads call it, and all before have written what they will.
T team_sum(T v) {
	together();
	parts[gl_LocalInvocationIndex] = v;
	barrier();
	uint from = gl_LocalInvocationIndex / TEAM * TEAM;
	precise T sum = T(0);
	for (uint i = 0u; i < TEAM; i++) sum += parts[from + i];
	return sum;
}

// Applies reflection k to the columns behind k; with "fresh" their elements in row k count as 0.
void reflect_columns(uint k, T tau, bool fresh) {
	uint lane = gl_LocalInvocationIndex % TEAM, team = gl_LocalInvocationIndex / TEAM, teams = gl_WorkGroupSize.x / TEAM;
	for (uint from = k + 1u; from < p.n; from += teams) {
		uint j = from + team;
		bool mine = j < p.n;
		precise T sum = T(0);
		T top = T(0);
		if (mine) {
			if (lane == 0u && !fresh) top = GET(k, j);
			sum = top;
			for (uint i = k + 1u + lane; i < p.m; i += TEAM) sum += GET(i, k) * GET(i, j);
		}
		precise T all = team_sum(sum) * tau;
		if (mine) {
			if (lane == 0u) {
				precise T v = top - all;
				PUT(k, j, v)
			}
			for (uint i = k + 1u + lane; i < p.m; i += TEAM) {
				precise T v = GET(i, j) - all * GET(i, k);
				PUT(i, j, v)
			}
		}
	}
	together();
}

// Makes reflection k of column k.
void reflection(uint k) {
	uint thread = gl_LocalInvocationIndex;
	precise T part = T(0);
	for (uint i = k + 1u + thread % TEAM; i < p.m; i += TEAM) part += GET(i, k) * GET(i, k);
	T below = team_sum(part); // every team has the same
	T alpha = GET(k, k);
	together();
	if (below == T(0)) {
		if (thread == 0u) taus[k] = T(0);
	} else {
		precise T size = alpha * alpha + below;
		T beta = -t_copysign(t_sqrt(size), alpha);
		precise T lead = alpha - beta;
		for (uint i = k + 1u + thread; i < p.m; i += gl_WorkGroupSize.x) PUT(i, k, t_div(GET(i, k), lead))
		if (thread == 0u) {
			PUT(k, k, beta)
			taus[k] = t_div(-lead, beta);
		}
	}
	together();
}

// Writes row k of R and turns v in column k into a column of Q.
void form(uint k, uint r0) {
	uint thread = gl_LocalInvocationIndex;
	T tau = taus[k];
	for (uint j = thread; j < p.n; j += gl_WorkGroupSize.x) {
		T v = T(0);
		if (j >= k) v = GET(k, j);
		p.r.v[r0 + k * p.n + j] = v;
	}
	together();
	reflect_columns(k, tau, true);
	for (uint i = k + 1u + thread; i < p.m; i += gl_WorkGroupSize.x) {
		precise T v = -tau * GET(i, k);
		PUT(i, k, v)
	}
	if (thread == 0u) {
		precise T v = T(1) - tau;
		PUT(k, k, v)
	}
	together();
}

void main() {
	uint g = group_index();
	if (g >= p.groups) return;
	uint size = p.m * p.n;
	first = g * size;
	for (uint e = gl_LocalInvocationIndex; e < size; e += gl_WorkGroupSize.x) {
		T v = p.a.v[first + e];
		PUT(0u, e, v)
	}
	together();
	for (uint k = 0u; k < p.n; k++) {
		reflection(k);
		reflect_columns(k, taus[k], false);
	}
	for (uint k = p.n; k > 0u; k--) form(k - 1u, g * p.n * p.n);
	if (HELD > 0u) {
		for (uint e = gl_LocalInvocationIndex; e < size; e += gl_WorkGroupSize.x) p.q.v[first + e] = held[e];
	}
}

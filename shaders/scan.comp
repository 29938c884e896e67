// scan: along the middle dimension of [outer, n, inner], for each of rows = outer·inner rows
//
//   0 cumsum y[i] = x[0] + … + x[i]     1 cumprod y[i] = x[0]·…·x[i]     2 linear_scan y[i] = x[i]·y[i−1] + w[i]
//
// or from the last element to the first (REVERSE), or without x[i] itself (EXCLUSIVE). A row is cut into chunks of
// TEAM·HELD elements. In a chunk each of TEAM threads folds HELD neighbours in order, then the threads' folds are
// scanned in log₂ TEAM steps, s = 1, 2, 4, …: v[i] = v[i−s] ∘ v[i] (Hillis and Steele, "Data parallel algorithms",
// 1986), and each thread goes through its elements again. Where a row has more than one chunk, STAGE 1 writes the
// folds of the chunks, these are scanned as rows of their own (LEVEL 1, by this shader, again in chunks if they must
// be), and STAGE 0 starts each chunk from what comes before it (CARRY). So the order of operations depends on TEAM
// and HELD only. With COLUMN a single thread goes through a whole row.
//
// A fold is a pair: cumsum keeps what rounding took from the sum in the second (Knuth's two-sum; not for integers);
// linear_scan composes maps y ↦ a·y + b.
//
// LEVEL 0: x, and w of linear_scan: the inputs; y: the result; [outer, n, inner] of DT, dense. LEVEL 1: x, w: both
// halves of rows·n folds, written over, in place, with what comes before each (y, v). STAGE 1 writes rows·chunks folds
// to y, v. CARRY: c, d: rows·chunks folds.
// Push constants: see the block. Specialization: 0 workgroup size, 1 OP, 2 TEAM (a power of two that divides the
// workgroup size), 3 STAGE, 4 LEVEL, 5 CARRY, 6 REVERSE, 7 EXCLUSIVE, 8 COLUMN.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
// variant: i32 DT=i32
// variant: i64 DT=i64 needs int64
#version 460
#include "buf.glsl"
#ifdef DT_f64
#include "math64.glsl"
#elif defined(DT_f32)
#include "math.glsl"
#endif

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint OP = 0;
layout(constant_id = 2) const uint TEAM = 256;
layout(constant_id = 3) const uint STAGE = 0;
layout(constant_id = 4) const uint LEVEL = 0;
layout(constant_id = 5) const uint CARRY = 0;
layout(constant_id = 6) const uint REVERSE = 0;
layout(constant_id = 7) const uint EXCLUSIVE = 0;
layout(constant_id = 8) const uint COLUMN = 0;

const uint CUMSUM = 0u, CUMPROD = 1u, LINEAR = 2u;
const uint HELD = 8u;

#define T ARITH(DT)

layout(push_constant) uniform Push {
	BUF_RO(STORED(DT)) x;
	BUF_RO(STORED(DT)) w;
	BUF(STORED(DT)) y;
	BUF(STORED(DT)) v;
	BUF_RO(STORED(DT)) c;
	BUF_RO(STORED(DT)) d;
	uint n;
	uint inner;
	uint rows;
	uint chunks;
} p;

struct Fold {
	T a, b;
};

Fold nothing() { return Fold(OP == CUMSUM ? T(0) : T(1), T(0)); }

Fold join(Fold u, Fold v) {
	precise T a = u.a * v.a;
	precise T b = T(0);
	if (OP == CUMSUM) {
		a = u.a + v.a;
#if DT_FLOAT
		precise T t = a - u.a;
		precise T e = (u.a - (a - t)) + (v.a - t);
		b = (u.b + v.b) + e;
#endif
	} else if (OP == LINEAR) {
		b = v.a * u.b + v.b;
	}
	return Fold(a, b);
}

uint place(uint base, uint i) { return base + (REVERSE != 0u ? p.n - 1u - i : i) * p.inner; }

Fold load(uint at) {
	return Fold(LOAD(DT, p.x, at), LEVEL != 0u || OP == LINEAR ? LOAD(DT, p.w, at) : T(0));
}

void store(uint at, Fold f) {
	if (LEVEL != 0u) {
		STORE(DT, p.y, at, f.a);
		STORE(DT, p.v, at, f.b);
		return;
	}
	precise T r = f.a;
	if (OP == LINEAR) r = f.b;
#if DT_FLOAT
	if (OP == CUMSUM && !t_isinf(f.a)) r = f.a + f.b; // the rest of an infinite sum is NaN
#endif
	STORE(DT, p.y, at, r);
}

// Takes the element at into f and writes the result there.
Fold pass(Fold f, uint at) {
	Fold g = join(f, load(at));
	if (EXCLUSIVE != 0u) store(at, f);
	else store(at, g);
	return g;
}

shared T team_a[gl_WorkGroupSize.x];
shared T team_b[gl_WorkGroupSize.x];

void main() {
	uint l = gl_LocalInvocationIndex;
	if (COLUMN != 0u) {
		uint row = thread_index();
		if (row >= p.rows) return;
		uint base = row / p.inner * (p.n * p.inner) + row % p.inner;
		Fold f = nothing();
		for (uint i = 0u; i < p.n; i++) f = pass(f, place(base, i));
		return;
	}
	uint lane = l & (TEAM - 1u);
	uint item = group_index() * (gl_WorkGroupSize.x / TEAM) + l / TEAM;
	bool live = item < p.rows * p.chunks;
	uint row = item / p.chunks, chunk = item % p.chunks;
	uint base = row / p.inner * (p.n * p.inner) + row % p.inner;
	uint first = (chunk * TEAM + lane) * HELD, last = live ? min(p.n, first + HELD) : 0u;
	Fold f = nothing();
	for (uint i = first; i < last; i++) f = join(f, load(place(base, i)));
	for (uint s = 1u; s < TEAM; s <<= 1) {
		team_a[l] = f.a;
		team_b[l] = f.b;
		barrier();
		if (lane >= s) f = join(Fold(team_a[l - s], team_b[l - s]), f);
		barrier();
	}
	if (STAGE != 0u) {
		if (live && lane == TEAM - 1u) {
			STORE(DT, p.y, item, f.a);
			STORE(DT, p.v, item, f.b);
		}
		return;
	}
	team_a[l] = f.a;
	team_b[l] = f.b;
	barrier();
	if (!live) return;
	f = nothing();
	if (lane > 0u) f = Fold(team_a[l - 1u], team_b[l - 1u]);
	if (CARRY != 0u) f = join(Fold(LOAD(DT, p.c, item), LOAD(DT, p.d, item)), f);
	for (uint i = first; i < last; i++) f = pass(f, place(base, i));
}

// softmax: along the middle dimension of [outer, n, inner], for each of rows = outer·inner rows
//
//   0 softmax y = e^(x − m)/Σ e^(x − m), m = max x      1 log_softmax y = x − m − ln Σ e^(x − m)
//   2 softmax_grad dx = y·(dy − Σ dy·y)                 3 log_softmax_grad dx = dy − e^y·Σ dy
//
// A team of TEAM threads works on a row; each thread takes every TEAM-th element (QUADS: every TEAM-th four). With
// HELD > 0 a thread holds its share, at most HELD elements, in registers, so that a row is read once; with HELD = 0
// it is read twice, the first time keeping the largest x so far and the sum relative to it. Sums and maxima merge in
// the tree v[i] = v[i] ∘ v[i+s], s = TEAM/2, …, 1, so that bits do not depend on subgroups.
//
// x: x, or dy of the gradients; y: the gradients' y, else not read; z: the result; all [outer, n, inner] of DT, dense.
// Specialization: 0 workgroup size, 1 OP, 2 TEAM (a power of two that divides the workgroup size), 3 HELD (a
// multiple of 4), 4 QUADS: inner is 1, n a multiple of 4, all aligned to 16 bytes.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
#version 460
#include "buf.glsl"
#include "quad.glsl"
#ifdef DT_f64
#include "math64.glsl"
#define LOWEST packDouble2x32(uvec2(0u, 0xfff00000u))
#else
#include "math.glsl"
#define LOWEST uintBitsToFloat(0xff800000u)
#endif

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint OP = 0;
layout(constant_id = 2) const uint TEAM = 256;
layout(constant_id = 3) const uint HELD = 0;
layout(constant_id = 4) const uint QUADS = 0;

const uint SOFTMAX = 0u, LOG_SOFTMAX = 1u, SOFTMAX_GRAD = 2u, LOG_SOFTMAX_GRAD = 3u;
const uint ROOM = HELD == 0u ? 4u : HELD;

#define T ARITH(DT)

layout(push_constant) uniform Push {
	BUF_RO(STORED(DT)) x;
	BUF_RO(STORED(DT)) y;
	BUF(STORED(DT)) z;
	uint n;
	uint inner;
	uint rows;
} p;

bool grad() { return OP >= SOFTMAX_GRAD; }

// Place in the row of this thread's element k, k a multiple of 4 where QUADS.
uint place(uint lane, uint k) { return QUADS != 0u ? 4u * lane + k * TEAM : lane + k * TEAM; }

uint step() { return QUADS != 0u ? 1u : TEAM; }

// Elements k … k+3 of this thread, other where they are past the row's end; returns how many are not.
uint load(uint base, uint r, out T x[4], out T y[4], T other) {
	x[0] = x[1] = x[2] = x[3] = other;
	y[0] = y[1] = y[2] = y[3] = T(0);
	if (r >= p.n) return 0u;
	uint count = min(4u, (p.n - r + step() - 1u) / step());
	if (QUADS != 0u) {
		VEC(DT) q = LOAD4(DT, p.x, base + r);
		[[unroll]] for (int e = 0; e < 4; e++) x[e] = q[e];
		if (grad()) {
			VEC(DT) w = LOAD4(DT, p.y, base + r);
			[[unroll]] for (int e = 0; e < 4; e++) y[e] = w[e];
		}
		return 4u;
	}
	[[unroll]] for (uint e = 0; e < 4u; e++) {
		if (e < count) {
			uint at = base + (r + e * step()) * p.inner;
			x[e] = LOAD(DT, p.x, at);
			if (grad()) y[e] = LOAD(DT, p.y, at);
		}
	}
	return count;
}

void store(uint base, uint r, T z[4], uint count) {
	if (QUADS != 0u) {
		if (count > 0u) STORE4(DT, p.z, base + r, VEC(DT)(z[0], z[1], z[2], z[3]));
		return;
	}
	[[unroll]] for (uint e = 0; e < 4u; e++)
		if (e < count) STORE(DT, p.z, base + (r + e * step()) * p.inner, z[e]);
}

T larger(T a, T b) { return a != a ? a : (b > a || b != b ? b : a); }

shared T team_v[gl_WorkGroupSize.x];

T team_max(T v, uint l, uint lane) {
	if (TEAM == 1u) return v;
	team_v[l] = v;
	barrier();
	for (uint s = TEAM / 2u; s > 0u; s >>= 1) {
		if (lane < s) team_v[l] = v = larger(v, team_v[l + s]);
		barrier();
	}
	v = team_v[l - lane];
	barrier();
	return v;
}

T team_sum(T v, uint l, uint lane) {
	if (TEAM == 1u) return v;
	team_v[l] = v;
	barrier();
	for (uint s = TEAM / 2u; s > 0u; s >>= 1) {
		if (lane < s) {
			precise T sum = v + team_v[l + s];
			team_v[l] = v = sum;
		}
		barrier();
	}
	v = team_v[l - lane];
	barrier();
	return v;
}

// What four elements add to the row's sum, m being the largest x.
T term(T x[4], T y[4], uint count, T m) {
	precise T t[4];
	[[unroll]] for (uint e = 0; e < 4u; e++) {
		t[e] = T(0);
		if (e < count) {
			if (OP == SOFTMAX_GRAD) t[e] = x[e] * y[e];
			else if (OP == LOG_SOFTMAX_GRAD) t[e] = x[e];
			else t[e] = t_exp(x[e] - m);
		}
	}
	precise T r = (t[0] + t[1]) + (t[2] + t[3]);
	return r;
}

// The result for one element; s is the row's sum, for SOFTMAX its reciprocal, for LOG_SOFTMAX its logarithm.
T result(T x, T y, T m, T s) {
	precise T r;
	if (OP == SOFTMAX) r = t_exp(x - m) * s;
	else if (OP == LOG_SOFTMAX) r = (x - m) - s;
	else if (OP == SOFTMAX_GRAD) r = y * (x - s);
	else r = x - t_exp(y) * s;
	return r;
}

T prepare(T s) {
	if (OP == SOFTMAX) return t_div(T(1), s);
	return OP == LOG_SOFTMAX ? t_log(s) : s;
}

// The row in registers. All threads come here, those without a row with n = 0.
void held(bool live, uint base, uint l, uint lane) {
	T x[ROOM], y[ROOM], u[4], w[4];
	T m = LOWEST;
	[[unroll]] for (uint k = 0; k < ROOM; k += 4u) {
		uint count = live ? load(base, place(lane, k), u, w, LOWEST) : 0u;
		[[unroll]] for (uint e = 0; e < 4u; e++) {
			x[k + e] = u[e];
			if (grad()) y[k + e] = w[e];
			if (!grad() && e < count) m = larger(m, u[e]);
		}
	}
	if (!grad()) m = team_max(m, l, lane);
	precise T s = T(0);
	[[unroll]] for (uint k = 0; k < ROOM; k += 4u) {
		uint r = place(lane, k), count = live && r < p.n ? min(4u, (p.n - r + step() - 1u) / step()) : 0u;
		[[unroll]] for (uint e = 0; e < 4u; e++) {
			u[e] = x[k + e];
			if (grad()) w[e] = y[k + e];
			// The exponential is needed again: it takes the element's place.
			if (OP == SOFTMAX && e < count) x[k + e] = u[e] = t_exp(u[e] - m);
		}
		if (OP == SOFTMAX) {
			[[unroll]] for (uint e = 0; e < 4u; e++)
				if (e >= count) u[e] = T(0);
			s = s + ((u[0] + u[1]) + (u[2] + u[3]));
		} else {
			s = s + term(u, w, count, m);
		}
	}
	s = prepare(team_sum(s, l, lane));
	if (!live) return;
	[[unroll]] for (uint k = 0; k < ROOM; k += 4u) {
		uint r = place(lane, k), count = r < p.n ? min(4u, (p.n - r + step() - 1u) / step()) : 0u;
		[[unroll]] for (uint e = 0; e < 4u; e++) {
			precise T v;
			if (OP == SOFTMAX) v = x[k + e] * s;
			else v = result(x[k + e], grad() ? y[k + e] : T(0), m, s);
			u[e] = v;
		}
		store(base, r, u, count);
	}
}

T relative(T x, T m) { return x == m ? T(1) : t_exp(x - m); }

// The row read twice.
void streamed(bool live, uint base, uint l, uint lane) {
	T u[4], w[4];
	T m = LOWEST;
	precise T s = T(0);
	if (live) {
		uint stride = 4u * TEAM;
		for (uint r = place(lane, 0u); r < p.n;) {
			precise T block = T(0);
			for (uint k = 0; k < 16u && r < p.n; k++, r += stride) {
				uint count = load(base, r, u, w, LOWEST);
				if (!grad()) {
					T top = larger(larger(m, larger(u[0], u[1])), larger(u[2], u[3]));
					if (top != m) {
						if (m != LOWEST) {
							precise T f = t_exp(m - top);
							s = s * f;
							block = block * f;
						}
						m = top;
					}
				}
				// While all is −inf there is nothing to add: the row may hold something larger yet.
				if (grad() || m != LOWEST) block = block + term(u, w, count, m);
			}
			s = s + block;
		}
	}
	if (!grad()) {
		T top = team_max(m, l, lane);
		if (m != LOWEST) s = s * relative(m, top);
		m = top;
	}
	s = prepare(team_sum(s, l, lane));
	if (!live) return;
	for (uint r = place(lane, 0u); r < p.n; r += 4u * TEAM) {
		uint count = load(base, r, u, w, LOWEST);
		[[unroll]] for (uint e = 0; e < 4u; e++) u[e] = result(u[e], w[e], m, s);
		store(base, r, u, count);
	}
}

void main() {
	uint l = gl_LocalInvocationIndex, lane = l & (TEAM - 1u);
	uint row = group_index() * (gl_WorkGroupSize.x / TEAM) + l / TEAM;
	bool live = row < p.rows;
	uint base = row / p.inner * (p.n * p.inner) + row % p.inner;
	if (HELD != 0u) held(live, base, l, lane);
	else streamed(live, base, l, lane);
}

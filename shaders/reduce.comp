// reduce: y[o] = the fold of x[o, r] over r < n, for each of rows outputs o.
//
//   0 sum  1 mean Σ x/n  2 max, NaN wins  3 var Σ (x − mean)²/divisor  4 logsumexp ln Σ eˣ  5 argmax: the first
//   index of the largest x, NaN counting as the largest  6 min, NaN wins  7 argmin: as argmax, NaN counting as the
//   smallest  8 prod Π x  9 count: how many x ≠ 0
//
// Before the fold each x may be mapped (MAP: 1 |x|, 2 x², 3 |x|^p, 4 1 where x ≠ 0, else 0), and the result may get a
// root (ROOT: 1 √, 2 the p-th), so sum, max and min make norms and var makes the standard deviation. Maxima and minima
// of bool are any and all.
//
// A team of TEAM threads folds one item, a piece of len elements of one row; there are parts pieces to a row. Each
// thread takes every TEAM-th element (QUADS: every TEAM-th four) in ascending order, 64 at a time into a block that
// is then merged, and the threads' results merge in a tree: for s = TEAM/2, …, 1: v[i] = v[i] ∘ v[i+s]. So the bits
// depend on TEAM and len only, not on the device's subgroups. With parts > 1 the pieces go to part, and a second
// dispatch (STAGE 2) merges them alike. var merges means and squared deviations (Chan, Golub and LeVeque,
// "Updating formulae and a pairwise algorithm for computing sample variances", 1979), four elements at a time,
// of differences from the row's first element, so that a common offset costs no digits; sums of fours are added with
// their rounding errors (Knuth's two-sum); logsumexp keeps the largest x so far and the sum relative to it.
//
// x: elements of DT, strided: kept dimensions (shape, stride 0…3) and folded ones (4…7), merged, innermost last,
// leading ones 1. y: [rows] of DT, dense; argmax, argmin, count: i64. part: 3·parts·rows of DT, by field, piece and row; index:
// parts·rows of uint, for argmax, argmin and count. divisor: in DT's bits, low word first; with MAP 3 it is p.
// Specialization: 0 workgroup size, 1 OP, 2 TEAM (a power of two that divides the workgroup size), 3 STAGE (0: x to
// y, 1: x to part, 2: part to y), 4 QUADS: folded elements lie side by side, rows and pieces at multiples of 16
// bytes, 5 KEPT and 6 FOLDED: dimensions in use, 7 MAP, 8 ROOT.
//
// variant: f32 DT=f32
// variant: f64 DT=f64 needs float64
// variant: i32 DT=i32
// variant: i64 DT=i64 needs int64
// variant: u8 DT=u8
#version 460
#include "buf.glsl"
#include "addr.glsl"
#include "quad.glsl"
#ifdef DT_f64
#include "math64.glsl"
#elif defined(DT_f32)
#include "math.glsl"
#endif

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint OP = 0;
layout(constant_id = 2) const uint TEAM = 256;
layout(constant_id = 3) const uint STAGE = 0;
layout(constant_id = 4) const uint QUADS = 0;
layout(constant_id = 5) const uint KEPT = 4;
layout(constant_id = 6) const uint FOLDED = 4;
layout(constant_id = 7) const uint MAP = 0;
layout(constant_id = 8) const uint ROOT = 0;

const uint SUM = 0u, MEAN = 1u, MAX = 2u, VAR = 3u, LSE = 4u, ARGMAX = 5u, MIN = 6u, ARGMIN = 7u, PROD = 8u, COUNT = 9u;
const bool PAIR = OP == SUM || OP == MEAN || OP == VAR || OP == LSE; // field b is in use
const bool INDEX = OP == ARGMAX || OP == ARGMIN || OP == COUNT;      // field i is

#define T ARITH(DT)

layout(push_constant) uniform Push {
	BUF_RO(STORED(DT)) x;
	BUF(STORED(DT)) y;
	BUF(STORED(DT)) part;
	BUF(uint) index;
	uint rows;
	uint n;
	uint len;
	uint parts;
	uint divisor[2];
	uint shape[8];
	uint stride[8];
} p;

#if defined(DT_f32)
#define LOWEST uintBitsToFloat(0xff800000u)
#define HIGHEST uintBitsToFloat(0x7f800000u)
T divisor() { return uintBitsToFloat(p.divisor[0]); }
#elif defined(DT_f64)
#define LOWEST packDouble2x32(uvec2(0u, 0xfff00000u))
#define HIGHEST packDouble2x32(uvec2(0u, 0x7ff00000u))
T divisor() { return packDouble2x32(uvec2(p.divisor[0], p.divisor[1])); }
#elif defined(DT_i64)
#define LOWEST (-0x7fffffffffffffffL - 1L)
#define HIGHEST 0x7fffffffffffffffL
#else
#define LOWEST int(0x80000000)
#define HIGHEST 0x7fffffff
#endif

// sum, mean: a + b is the sum, b what rounding took from a (not for integers). max, argmax: a is the largest, i its index,
// and alike min, argmin. var: a mean, b squared deviations, c count. prod: a. count: i.
// logsumexp: a the largest, b the sum of e^(x−a).
struct Acc {
	T a, b, c;
	uint i;
};

Acc empty() {
	Acc r = Acc(T(0), T(0), T(0), 0xffffffffu);
	if (OP == MAX || OP == ARGMAX || OP == LSE) r.a = LOWEST;
	if (OP == MIN || OP == ARGMIN) r.a = HIGHEST;
	if (OP == PROD) r.a = T(1);
	if (OP == COUNT) r.i = 0u;
	return r;
}

bool nan(T v) { return v != v; }

T larger(T a, T b) {
	if (nan(a)) return a;
	return b > a || nan(b) ? b : a;
}

T smaller(T a, T b) {
	if (nan(a)) return a;
	return b < a || nan(b) ? b : a;
}

bool before(T v, uint i, T w, uint j) {
	bool m = nan(v), n = nan(w);
	if (m || n) return m && (!n || i < j);
	return (OP == ARGMIN ? v < w : v > w) || (v == w && i < j);
}

#if DT_FLOAT
// e^(x−m), 1 where they are equal (infinities are).
T relative(T x, T m) { return x == m ? T(1) : t_exp(x - m); }
#endif

Acc merge(Acc u, Acc v) {
	precise T a = u.a;
	precise T b = u.b;
	precise T c = u.c;
	uint i = u.i;
	if (OP == SUM || OP == MEAN) {
		a = u.a + v.a;
#if DT_FLOAT
		precise T t = a - u.a;
		precise T e = (u.a - (a - t)) + (v.a - t);
		b = (u.b + v.b) + e;
#endif
	} else if (OP == MAX) {
		a = larger(u.a, v.a);
	} else if (OP == MIN) {
		a = smaller(u.a, v.a);
	} else if (OP == PROD) {
		a = u.a * v.a;
	} else if (OP == COUNT) {
		i = u.i + v.i;
	} else if (OP == ARGMAX || OP == ARGMIN) {
		if (before(v.a, v.i, u.a, u.i)) {
			a = v.a;
			i = v.i;
		}
	}
#if DT_FLOAT
	else if (OP == VAR) {
		if (v.c > T(0)) {
			c = u.c + v.c;
			precise T share = v.c / c;
			precise T d = v.a - u.a;
			a = u.c > T(0) ? u.a + d * share : v.a;
			b = u.c > T(0) ? (u.b + v.b) + d * d * (u.c * share) : v.b;
		}
	} else {
		a = larger(u.a, v.a);
		if (a != LOWEST) b = u.b * relative(u.a, a) + v.b * relative(v.a, a);
	}
#endif
	return Acc(a, b, c, i);
}

// Folds count ≤ 4 elements, whose indices are first, first+step, …
Acc fold(Acc u, T x[4], uint count, uint first, uint step) {
	precise T a = u.a;
	precise T b = u.b;
	if (OP == SUM || OP == MEAN) {
		precise T four = (x[0] + x[1]) + (x[2] + x[3]);
		return merge(u, Acc(four, T(0), T(0), 0u));
	}
	if (OP == MAX) {
		a = larger(larger(u.a, larger(x[0], x[1])), larger(x[2], x[3]));
		return Acc(a, b, u.c, u.i);
	}
	if (OP == MIN) {
		a = smaller(smaller(u.a, smaller(x[0], x[1])), smaller(x[2], x[3]));
		return Acc(a, b, u.c, u.i);
	}
	if (OP == PROD) {
		a = u.a * ((x[0] * x[1]) * (x[2] * x[3]));
		return Acc(a, b, u.c, u.i);
	}
	if (OP == COUNT) {
		[[unroll]] for (uint k = 0; k < 4u; k++)
			if (k < count && x[k] != T(0)) u.i++;
		return u;
	}
	if (OP == ARGMAX || OP == ARGMIN) {
		[[unroll]] for (uint k = 0; k < 4u; k++) {
			if (k < count && before(x[k], first + k * step, u.a, u.i)) {
				u.a = x[k];
				u.i = first + k * step;
			}
		}
		return u;
	}
#if DT_FLOAT
	if (OP == VAR) {
		precise T c = T(count);
		precise T m = ((x[0] + x[1]) + (x[2] + x[3])) / c;
		if (count == 4u) m = ((x[0] + x[1]) + (x[2] + x[3])) * T(0.25);
		precise T s = T(0);
		[[unroll]] for (uint k = 0; k < 4u; k++) {
			precise T d = k < count ? x[k] - m : T(0);
			s = s + d * d;
		}
		return merge(u, Acc(m, s, c, 0u));
	}
	a = larger(larger(u.a, larger(x[0], x[1])), larger(x[2], x[3]));
	if (a != LOWEST) {
		if (a != u.a) b = u.b * relative(u.a, a);
		[[unroll]] for (uint k = 0; k < 4u; k++)
			if (k < count) b = b + relative(x[k], a);
	}
#endif
	return Acc(a, b, u.c, u.i);
}

// What does not change a fold.
T neutral() {
	if (OP == MAX || OP == LSE) return LOWEST;
	if (OP == MIN) return HIGHEST;
	return OP == PROD ? T(1) : T(0);
}

#if DT_FLOAT
T mapped(T x) {
	precise T r = abs(x);
	if (MAP == 2u) r = x * x;
	else if (MAP == 3u) r = t_pow(r, divisor());
	else if (MAP == 4u) r = x == T(0) ? T(0) : T(1);
	return r;
}
#endif

uint place(uint i, uint base, uint dims) {
	uint at = 0u;
	[[unroll]] for (uint k = 3u; k > 0u; k--) {
		if (4u - k < dims) {
			uint q = i / p.shape[base + k];
			at += (i - q * p.shape[base + k]) * p.stride[base + k];
			i = q;
		} else if (4u - k == dims) {
			at += i * p.stride[base + k];
			i = 0u;
		}
	}
	return dims == 4u ? at + i * p.stride[base] : at;
}

// What var takes off the elements of the row at base: its first element, where that is finite.
T origin(uint base) {
	if (OP != VAR) return T(0);
	T x = LOAD(DT, p.x, base);
#if DT_FLOAT
	if (t_isinf(x) || t_isnan(x)) return T(0);
#endif
	return x;
}

// Elements at, at+step, at+2·step, at+3·step of the row at base, less zero; those from count on are neutral.
void load(uint base, uint at, uint step, uint count, T zero, out T x[4]) {
	if (QUADS != 0u && count == 4u) {
		VEC(DT) q = LOAD4(DT, p.x, base + at);
		[[unroll]] for (int e = 0; e < 4; e++) x[e] = q[e];
	} else {
		[[unroll]] for (uint e = 0; e < 4u; e++) {
			x[e] = neutral();
			if (e < count) x[e] = LOAD(DT, p.x, base + place(at + e * step, 4u, FOLDED));
		}
	}
#if DT_FLOAT
	if (MAP != 0u) {
		[[unroll]] for (uint e = 0; e < 4u; e++)
			if (e < count) x[e] = mapped(x[e]);
	}
#endif
	if (OP == VAR) {
		[[unroll]] for (uint e = 0; e < 4u; e++) {
			precise T d = x[e] - zero;
			x[e] = e < count ? d : T(0);
		}
	}
}

// Elements lane, lane + TEAM, … (fours, with QUADS) of [lo, hi) of row o.
Acc gather(uint o, uint lo, uint hi, uint lane) {
	uint base = place(o, 0u, KEPT);
	Acc total = empty();
	T zero = origin(base), x[4];
	uint step = QUADS != 0u ? 1u : TEAM, at = lo + (QUADS != 0u ? 4u * lane : lane);
	uint four = 3u * step; // from the first to the last of four
	uint whole = at + four < hi ? (hi - 1u - at - four) / (4u * TEAM) + 1u : 0u;
	while (whole > 0u) {
		Acc block = empty();
		uint stop = whole > 16u ? whole - 16u : 0u;
		for (; whole > stop; whole--) {
			load(base, at, step, 4u, zero, x);
			block = fold(block, x, 4u, at, step);
			at += 4u * TEAM;
		}
		total = merge(total, block);
	}
	if (at < hi) {
		uint count = (hi - at + step - 1u) / step;
		load(base, at, step, count, zero, x);
		total = merge(total, fold(empty(), x, count, at, step));
	}
	return total;
}

// The pieces lane, lane + TEAM, … of row o.
Acc collect(uint o, uint lane) {
	Acc total = empty();
	uint field = p.parts * p.rows;
	for (uint k = lane; k < p.parts; k += TEAM) {
		uint at = k * p.rows + o;
		Acc v = empty();
		v.a = LOAD(DT, p.part, at);
		if (PAIR) v.b = LOAD(DT, p.part, field + at);
		if (OP == VAR) v.c = LOAD(DT, p.part, 2u * field + at);
		if (INDEX) v.i = p.index.v[at];
		total = merge(total, v);
	}
	return total;
}

void finish(uint o, Acc v) {
	precise T r = v.a;
	if (INDEX) {
		Buf_uvec2(p.y).v[o] = uvec2(v.i, 0u);
		return;
	}
#if DT_FLOAT
	if ((OP == SUM || OP == MEAN) && !t_isinf(v.a)) r = v.a + v.b; // the rest of an infinite sum is NaN
	if (OP == MEAN) r = t_div(r, divisor());
	if (OP == VAR) r = t_div(v.b, divisor());
	if (OP == LSE) r = v.a == LOWEST ? v.a : v.a + t_log(v.b);
	if (ROOT == 1u) r = t_sqrt(r);
	if (ROOT == 2u) r = t_pow(r, t_div(T(1), divisor()));
#endif
	STORE(DT, p.y, o, r);
}

void leave(uint at, Acc v) {
	uint field = p.parts * p.rows;
	STORE(DT, p.part, at, v.a);
#ifndef DT_u8 // which has neither, and may not have constants
	if (PAIR) STORE(DT, p.part, field + at, v.b);
	if (OP == VAR) STORE(DT, p.part, 2u * field + at, v.c);
#endif
	if (INDEX) p.index.v[at] = v.i;
}

shared T team_a[gl_WorkGroupSize.x];
shared T team_b[gl_WorkGroupSize.x];
shared T team_c[gl_WorkGroupSize.x];
shared uint team_i[gl_WorkGroupSize.x];

void put(uint l, Acc v) {
	team_a[l] = v.a;
	if (PAIR) team_b[l] = v.b;
	if (OP == VAR) team_c[l] = v.c;
	if (INDEX) team_i[l] = v.i;
}

Acc get(uint l) {
	Acc v = empty();
	v.a = team_a[l];
	if (PAIR) v.b = team_b[l];
	if (OP == VAR) v.c = team_c[l];
	if (INDEX) v.i = team_i[l];
	return v;
}

void main() {
	uint l = gl_LocalInvocationIndex, lane = l & (TEAM - 1u);
	uint item = group_index() * (gl_WorkGroupSize.x / TEAM) + l / TEAM;
	bool live = STAGE == 2u ? item < p.rows : item < p.rows * p.parts;
	uint o = item % p.rows, k = item / p.rows;
	Acc v = empty();
	if (live) {
		if (STAGE == 2u) v = collect(o, lane);
		else v = gather(o, k * p.len, min(p.n, (k + 1u) * p.len), lane);
	}
	if (TEAM > 1u) {
		put(l, v);
		barrier();
		for (uint s = TEAM / 2u; s > 0u; s >>= 1) {
			if (lane < s) {
				v = merge(v, get(l + s));
				put(l, v);
			}
			barrier();
		}
	}
	if (!live || lane != 0u) return;
	if (STAGE == 1u) leave(item, v);
	else finish(o, v);
}

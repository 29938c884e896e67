// reduce.glsl: ordered reductions within a workgroup. The tree is fixed: with W the workgroup size, rounded up
// to a power of two, and missing elements the identity,
//
//   for s = P/2, P/4, ..., 1:   v[i] = v[i] op v[i + s]   for i < s
//
// The subgroup size plays no part, so the bits are the same on every device and for every subgroup size.
//
// Include it after the layout of the workgroup size. Before, define REDUCE_T, the type to reduce (float by
// default), and, where it is less than all, REDUCE_SIZE, the elements of shared memory to take (default: the
// workgroup size, which may be a specialization constant). REDUCE_F64 and REDUCE_I64, defined before the first
// include, admit those types. Several types in one shader: include once per type, with REDUCE_T and REDUCE_NAME (a
// suffix of every name) defined anew; #pragma once and the like would stand in the way.
//
// Offers (all invocations of the workgroup must call; all get the result; a barrier stands at either end)
//   T wg_sum(T v)   wg_max(T v)   wg_min(T v)
//                   max and min of floats give NaN where any element is NaN; among zeros max prefers +0, min −0
//   void wg_argmax(inout T v, inout uint i)   the largest v and, among equals, the smallest i; NaN counts as
//                   larger than all, as in torch; wg_argmin likewise, NaN as smaller than all
//   Only what a shader calls is kept in its code, shared memory included.
// and, without a workgroup, with the same rules
//   T pair_max(T a, T b)   T pair_min(T a, T b)
//   bool arg_before(T v, uint i, T w, uint j)     (v, i) goes before (w, j) in argmax
//   bool arg_before_min(T v, uint i, T w, uint j) likewise in argmin

#ifndef REDUCE_T
#define REDUCE_T float
#endif
#ifndef REDUCE_SIZE
#define REDUCE_SIZE (gl_WorkGroupSize.x * gl_WorkGroupSize.y * gl_WorkGroupSize.z)
#endif

#ifndef TUFF_REDUCE_GLSL
#define TUFF_REDUCE_GLSL
#define REDUCE_PASTE_(a, b) a##b
#define REDUCE_PASTE(a, b) REDUCE_PASTE_(a, b)

bool is_nan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }
bool is_nan(int x) { return false; }
bool is_nan(uint x) { return false; }
bool is_minus(float x) { return floatBitsToInt(x) < 0; }
bool is_minus(int x) { return x < 0; }
bool is_minus(uint x) { return false; }
#ifdef REDUCE_F64
bool is_nan(double x) {
	uvec2 u = unpackDouble2x32(x);
	uint high = u.y & 0x7fffffffu;
	return high > 0x7ff00000u || (high == 0x7ff00000u && u.x != 0u);
}
bool is_minus(double x) { return int(unpackDouble2x32(x).y) < 0; }
#endif
#ifdef REDUCE_I64
bool is_nan(int64_t x) { return false; }
bool is_minus(int64_t x) { return x < 0; }
#endif

// Half of the smallest power of two that is at least n, for n ≥ 2; 0 for n = 1.
uint reduce_half(uint n) { return n < 2u ? 0u : 1u << uint(findMSB(n - 1u)); }
#endif

#ifdef REDUCE_NAME
#define REDUCE_ID(name) REDUCE_PASTE(name, REDUCE_NAME)
#else
#define REDUCE_ID(name) name
#endif

shared REDUCE_T REDUCE_ID(reduce_v)[REDUCE_SIZE];
shared uint REDUCE_ID(reduce_i)[REDUCE_SIZE];

REDUCE_T REDUCE_ID(pair_max)(REDUCE_T a, REDUCE_T b) {
	if (is_nan(a)) return a;
	if (is_nan(b)) return b;
	if (a == b) return is_minus(a) ? b : a;
	return a > b ? a : b;
}

REDUCE_T REDUCE_ID(pair_min)(REDUCE_T a, REDUCE_T b) {
	if (is_nan(a)) return a;
	if (is_nan(b)) return b;
	if (a == b) return is_minus(a) ? a : b;
	return a < b ? a : b;
}

bool REDUCE_ID(arg_before)(REDUCE_T v, uint i, REDUCE_T w, uint j) {
	bool n = is_nan(v), m = is_nan(w);
	if (n || m) return n && (!m || i < j);
	return v > w || (v == w && i < j);
}

bool REDUCE_ID(arg_before_min)(REDUCE_T v, uint i, REDUCE_T w, uint j) {
	bool n = is_nan(v), m = is_nan(w);
	if (n || m) return n && (!m || i < j);
	return v < w || (v == w && i < j);
}

#define REDUCE_TREE(step)                                                                            \
	uint l = gl_LocalInvocationIndex;                                                                 \
	uint n = gl_WorkGroupSize.x * gl_WorkGroupSize.y * gl_WorkGroupSize.z;                             \
	barrier();                                                                                        \
	REDUCE_ID(reduce_v)[l] = v;                                                                       \
	barrier();                                                                                        \
	for (uint s = reduce_half(n); s > 0u; s >>= 1) {                                                  \
		if (l < s && l + s < n) {                                                                     \
			step;                                                                                     \
		}                                                                                             \
		barrier();                                                                                    \
	}

REDUCE_T REDUCE_ID(wg_sum)(REDUCE_T v) {
	REDUCE_TREE(precise REDUCE_T sum = REDUCE_ID(reduce_v)[l] + REDUCE_ID(reduce_v)[l + s]; REDUCE_ID(reduce_v)[l] = sum)
	REDUCE_T r = REDUCE_ID(reduce_v)[0];
	barrier();
	return r;
}

REDUCE_T REDUCE_ID(wg_max)(REDUCE_T v) {
	REDUCE_TREE(REDUCE_ID(reduce_v)[l] = REDUCE_ID(pair_max)(REDUCE_ID(reduce_v)[l], REDUCE_ID(reduce_v)[l + s]))
	REDUCE_T r = REDUCE_ID(reduce_v)[0];
	barrier();
	return r;
}

REDUCE_T REDUCE_ID(wg_min)(REDUCE_T v) {
	REDUCE_TREE(REDUCE_ID(reduce_v)[l] = REDUCE_ID(pair_min)(REDUCE_ID(reduce_v)[l], REDUCE_ID(reduce_v)[l + s]))
	REDUCE_T r = REDUCE_ID(reduce_v)[0];
	barrier();
	return r;
}

#define REDUCE_ARG(before)                                                                           \
	uint l = gl_LocalInvocationIndex;                                                                 \
	uint n = gl_WorkGroupSize.x * gl_WorkGroupSize.y * gl_WorkGroupSize.z;                             \
	barrier();                                                                                        \
	REDUCE_ID(reduce_v)[l] = v;                                                                       \
	REDUCE_ID(reduce_i)[l] = i;                                                                       \
	barrier();                                                                                        \
	for (uint s = reduce_half(n); s > 0u; s >>= 1) {                                                  \
		if (l < s && l + s < n) {                                                                     \
			REDUCE_T w = REDUCE_ID(reduce_v)[l + s];                                                  \
			uint j = REDUCE_ID(reduce_i)[l + s];                                                      \
			if (REDUCE_ID(before)(w, j, REDUCE_ID(reduce_v)[l], REDUCE_ID(reduce_i)[l])) {            \
				REDUCE_ID(reduce_v)[l] = w;                                                           \
				REDUCE_ID(reduce_i)[l] = j;                                                           \
			}                                                                                         \
		}                                                                                             \
		barrier();                                                                                    \
	}                                                                                                 \
	v = REDUCE_ID(reduce_v)[0];                                                                       \
	i = REDUCE_ID(reduce_i)[0];                                                                       \
	barrier();

void REDUCE_ID(wg_argmax)(inout REDUCE_T v, inout uint i) { REDUCE_ARG(arg_before) }

void REDUCE_ID(wg_argmin)(inout REDUCE_T v, inout uint i) { REDUCE_ARG(arg_before_min) }

#undef REDUCE_ID
#undef REDUCE_TREE
#undef REDUCE_ARG
#undef REDUCE_T
#undef REDUCE_NAME
#undef REDUCE_SIZE

// matmul: c[z] = act(a[z] · b[z] + bias) for each batch z, in f32 or f64.
//
// a: [m, k] with strides a_row, a_col; b: [k, n] with strides b_row, b_col; bias: [n] or [m] with stride bias_stride;
// c: [m, n] with strides c_row, c_col, batches m·n apart. z counts three batch dimensions, row-major, of sizes … ,
// batch_1 and batch_2, in all batches, whose strides in a and b are
// a_batch and b_batch; 0 repeats a matrix. Strides count elements. Split over k: part s adds up k from
// s·chunk on and writes its sums to c as batch s·batches + z; the kernel "fold" adds the parts in order.
// The sum over k runs in the order of k in "tile"; in "thin" LANES sums of every LANES-th quad of k are folded by
// a fixed tree. Neither depends on the subgroup size.
//
// Kernels:
//   tile   a workgroup makes BM×BN elements of c, an invocation TM×TN of them in registers; slices of BK of a and
//          b lie k-major in shared memory, in two buffers, and the next slice is fetched into registers meanwhile.
//          Workgroups go through c in bands of BAND rows of tiles, so that neighbours share b in the cache.
//   thin   n ≤ COLS ≤ 4: LANES invocations share a row of a; K_FAST puts them side by side
//   fold   c[e] = act(Σ a[s·m + e] + bias[e mod n]) for e < m, s < k in order
//
// Push constants: see the block. Specialization: 0 workgroup size, the others where they are declared.
//
// variant: f32 DT=f32 KERNEL=tile
// variant: f32_thin DT=f32 KERNEL=thin
// variant: f32_fold DT=f32 KERNEL=fold
// variant: f64 DT=f64 KERNEL=tile needs float64
// variant: f64_thin DT=f64 KERNEL=thin needs float64
// variant: f64_fold DT=f64 KERNEL=fold needs float64
#version 460
#include "buf.glsl"
#include "addr.glsl"
#include "activation.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint BM = 64;
layout(constant_id = 2) const uint BN = 64;
layout(constant_id = 3) const uint BK = 16;
layout(constant_id = 4) const uint TM = 4;
layout(constant_id = 5) const uint TN = 4;
layout(constant_id = 6) const uint A_LOAD = 0; // bit 0: quads lie along m, else along k; bit 1: one aligned load each
layout(constant_id = 7) const uint B_LOAD = 1; // bit 0: along n, else along k; bit 1 as for a
layout(constant_id = 8) const uint EDGE = 1;   // 0: m, n and chunk are multiples of BM, BN and BK
layout(constant_id = 9) const uint C_VEC = 0;  // 1: rows of c are stored in quads
layout(constant_id = 10) const uint BIAS = 0;  // 0: none, 1: [n], 2: [m]
layout(constant_id = 11) const uint ACT = 0;   // see activation.glsl
layout(constant_id = 12) const uint BAND = 8;
layout(constant_id = 16) const uint UNROLL = 16; // steps of k in a row; divides BK
layout(constant_id = 13) const uint COLS = 1;
layout(constant_id = 14) const uint LANES = 32;
layout(constant_id = 15) const uint K_FAST = 1;

layout(push_constant) uniform Push {
	BUF_RO(STORED(DT)) a;
	BUF_RO(STORED(DT)) b;
	BUF_RO(STORED(DT)) bias;
	BUF(STORED(DT)) c;
	uint m;
	uint n;
	uint k;
	uint a_row;
	uint a_col;
	uint b_row;
	uint b_col;
	uint c_row;
	uint c_col;
	uint batch_1;
	uint batch_2;
	uint a_batch[3];
	uint b_batch[3];
	uint batches;
	uint chunk;
	uint groups; // of one batch and part
	uint bias_stride;
} p;

#define T STORED(DT)
#ifdef DT_f64
#define T4 dvec4
#else
#define T4 vec4
layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer QuadRO { vec4 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Quad { vec4 v[]; };
#endif

Place batch_of(uvec2 first, uint z, uint stride[3]) {
	uint rest = z / p.batch_2;
	Place at = moved(place(first), z % p.batch_2, stride[2], DT);
	at = moved(at, rest % p.batch_1, stride[1], DT);
	return moved(at, rest / p.batch_1, stride[0], DT);
}

#ifdef KERNEL_tile

const uint A_PITCH = BM / 4 + 1, B_PITCH = BN / 4 + 1; // one quad of padding against bank conflicts
shared T4 a_tile[2 * BK * A_PITCH];
shared T4 b_tile[2 * BK * B_PITCH];

const uint A_QUADS = BM * BK / 4 / gl_WorkGroupSize.x, B_QUADS = BN * BK / 4 / gl_WorkGroupSize.x;

// The place of quad q in a slice of BK × wide: x along the width, y along k.
uvec2 quad_place(uint q, uint wide, uint load) {
	if ((load & 1u) != 0u) return uvec2(q % (wide / 4) * 4, q / (wide / 4));
	return uvec2(q / (BK / 4), q % (BK / 4) * 4);
}

// Quad q of the slice at "at"; elements from w_end or k_end on read 0. Past the ends it reads the last ones and
// drops them: branches cost more.
T4 fetch(Place at, uint q, uint wide, uint load, uint w_stride, uint k_stride, uint w_end, uint k_end) {
	uvec2 w = quad_place(q, wide, load);
	bool along = (load & 1u) != 0u;
	uint i = along ? w.x : w.y, i_end = along ? w_end : k_end, i_stride = along ? w_stride : k_stride; // along the quad
	uint j = along ? w.y : w.x, j_end = along ? k_end : w_end, j_stride = along ? k_stride : w_stride;
	uint base = (EDGE == 0u ? j : min(j, j_end - 1u)) * j_stride;
	T4 v;
#ifndef DT_f64
	if ((load & 2u) != 0u) {
		v = QuadRO(at.at).v[(at.i + base + (EDGE == 0u ? i : min(i, i_end - 4u))) >> 2];
		return EDGE != 0u && (i >= i_end || j >= j_end) ? T4(0) : v;
	}
#endif
	BUF_RO(T) x = BUF_RO(T)(at.at);
	[[unroll]] for (uint c = 0; c < 4; c++) {
		v[c] = x.v[at.i + base + (EDGE == 0u ? i + c : min(i + c, i_end - 1u)) * i_stride];
		if (EDGE != 0u) v[c] = i + c < i_end && j < j_end ? v[c] : T(0);
	}
	return v;
}

void put_a(uint base, uint q, T4 v) {
	uvec2 w = quad_place(q, BM, A_LOAD);
	if ((A_LOAD & 1u) != 0u) {
		a_tile[base + w.y * A_PITCH + w.x / 4] = v;
		return;
	}
	[[unroll]] for (uint j = 0; j < 4; j++) a_tile[base + (w.y + j) * A_PITCH + w.x / 4][w.x % 4] = v[j];
}

void put_b(uint base, uint q, T4 v) {
	uvec2 w = quad_place(q, BN, B_LOAD);
	if ((B_LOAD & 1u) != 0u) {
		b_tile[base + w.y * B_PITCH + w.x / 4] = v;
		return;
	}
	[[unroll]] for (uint j = 0; j < 4; j++) b_tile[base + (w.y + j) * B_PITCH + w.x / 4][w.x % 4] = v[j];
}

void main() {
	uint tiles_m = (p.m + BM - 1) / BM, tiles_n = (p.n + BN - 1) / BN;
	uint group = group_index(), z = group / p.groups, g = group % p.groups;
	uint part = z / p.batches;
	if (part * p.chunk >= p.k) return;
	uint band = g / (BAND * tiles_n), in_band = g % (BAND * tiles_n), rows = min(BAND, tiles_m - band * BAND);
	uint row = (band * BAND + in_band % rows) * BM, col = in_band / rows * BN;
	uint k0 = part * p.chunk, k_left = min(p.chunk, p.k - k0);
	uint m_left = p.m - row, n_left = p.n - col, tid = gl_LocalInvocationIndex;

	Place a = batch_of(uvec2(p.a), z % p.batches, p.a_batch), b = batch_of(uvec2(p.b), z % p.batches, p.b_batch);
	a = moved(moved(a, row, p.a_row, DT), k0, p.a_col, DT);
	b = moved(moved(b, col, p.b_col, DT), k0, p.b_row, DT);

	T4 acc[TM * TN / 4];
	[[unroll]] for (uint i = 0; i < TM * TN / 4; i++) acc[i] = T4(0);
	uint tx = tid % (BN / TN), ty = tid / (BN / TN), slices = (k_left + BK - 1) / BK;
	// In round t slice t comes from memory while slice t − 1 is multiplied; one barrier a round.
	for (uint t = 0; t <= slices; t++) {
		T4 a_next[A_QUADS], b_next[B_QUADS];
		if (t < slices) {
			uint k_end = k_left - t * BK;
			[[unroll]] for (uint i = 0; i < A_QUADS; i++)
				a_next[i] = fetch(a, tid + i * gl_WorkGroupSize.x, BM, A_LOAD, p.a_row, p.a_col, m_left, k_end);
			[[unroll]] for (uint i = 0; i < B_QUADS; i++)
				b_next[i] = fetch(b, tid + i * gl_WorkGroupSize.x, BN, B_LOAD, p.b_col, p.b_row, n_left, k_end);
			a = moved(a, BK, p.a_col, DT);
			b = moved(b, BK, p.b_row, DT);
		}
		if (t > 0) {
			uint a_at = (t - 1 & 1u) * BK * A_PITCH + ty, b_at = (t - 1 & 1u) * BK * B_PITCH + tx;
			for (uint k1 = 0; k1 < BK; k1 += UNROLL)
				[[unroll]] for (uint k2 = 0; k2 < UNROLL; k2++) {
					uint kk = k1 + k2;
					T4 fb[TN / 4];
					[[unroll]] for (uint j = 0; j < TN / 4; j++) fb[j] = b_tile[b_at + kk * B_PITCH + j * (BN / TN)];
					[[unroll]] for (uint i = 0; i < TM / 4; i++) {
						T4 fa = a_tile[a_at + kk * A_PITCH + i * (BM / TM)];
						[[unroll]] for (uint r = 0; r < 4; r++)
							[[unroll]] for (uint j = 0; j < TN / 4; j++)
								acc[(i * 4 + r) * (TN / 4) + j] = fma(T4(fa[r]), fb[j], acc[(i * 4 + r) * (TN / 4) + j]);
					}
				}
		}
		if (t < slices) {
			uint base = t & 1u;
			[[unroll]] for (uint i = 0; i < A_QUADS; i++) put_a(base * BK * A_PITCH, tid + i * gl_WorkGroupSize.x, a_next[i]);
			[[unroll]] for (uint i = 0; i < B_QUADS; i++) put_b(base * BK * B_PITCH, tid + i * gl_WorkGroupSize.x, b_next[i]);
		}
		barrier();
	}

	Place c = moved(moved(moved(place(uvec2(p.c)), z, p.m * p.n, DT), row, p.n, DT), col, 1, DT);
	[[unroll]] for (uint j = 0; j < TN / 4; j++) {
		uint x = (j * (BN / TN) + tx) * 4;
		if (x >= n_left) continue;
		T4 bias = T4(0);
		if (BIAS != 0u)
			[[unroll]] for (uint q = 0; q < 4; q++)
				if (EDGE == 0u || x + q < n_left) bias[q] = p.bias.v[(col + x + q) * p.bias_stride];
		[[unroll]] for (uint i = 0; i < TM; i++) {
			uint y = (i / 4 * (BM / TM) + ty) * 4 + i % 4, at = c.i + y * p.n + x;
			if (EDGE != 0u && y >= m_left) continue;
			T4 v = acc[i * (TN / 4) + j];
			if (BIAS != 0u) v += bias;
			if (ACT == 1u) v = mix(v, T4(0), lessThan(v, T4(0)));
#ifndef DT_f64
			if (C_VEC != 0u) {
				Quad(c.at).v[at >> 2] = v;
				continue;
			}
#endif
			[[unroll]] for (uint q = 0; q < 4; q++)
				if (EDGE == 0u || x + q < n_left) BUF(T)(c.at).v[at + q] = v[q];
		}
	}
	// The larger activations go over the stored elements again: unrolled, their code would be a hundred times as long.
	if (ACT > 1u)
		[[dont_unroll]] for (uint e = 0; e < TM * TN; e++) {
			uint i = e / TN, j = e % TN;
			uint y = (i / 4 * (BM / TM) + ty) * 4 + i % 4, x = (j / 4 * (BN / TN) + tx) * 4 + j % 4, at = c.i + y * p.n + x;
			if (y < m_left && x < n_left) BUF(T)(c.at).v[at] = activation(ACT, BUF(T)(c.at).v[at]);
		}
}

#elif defined(KERNEL_thin)

shared T4 sums[gl_WorkGroupSize.x];

void main() {
	uint group = group_index(), z = group / p.groups, tid = gl_LocalInvocationIndex;
	const uint ROWS = gl_WorkGroupSize.x / LANES;
	uint part = z / p.batches;
	if (part * p.chunk >= p.k) return;
	uint lane = K_FAST != 0u ? tid % LANES : tid / ROWS;
	uint row = group % p.groups * ROWS + (K_FAST != 0u ? tid / LANES : tid % ROWS);
	uint k0 = part * p.chunk, k_left = min(p.chunk, p.k - k0);
	T4 acc = T4(0);
	if (row < p.m) {
		Place a = batch_of(uvec2(p.a), z % p.batches, p.a_batch), b = batch_of(uvec2(p.b), z % p.batches, p.b_batch);
		a = moved(moved(a, row, p.a_row, DT), k0, p.a_col, DT);
		b = moved(b, k0, p.b_row, DT);
		BUF_RO(T) x = BUF_RO(T)(a.at), y = BUF_RO(T)(b.at);
		for (uint kk = lane * 4; kk < k_left; kk += LANES * 4) {
			T4 v;
			uint i = a.i + kk * p.a_col, left = min(4u, k_left - kk);
#ifndef DT_f64
			if ((A_LOAD & 2u) != 0u) v = QuadRO(a.at).v[i >> 2];
			else
#endif
			if (left == 4u) v = T4(x.v[i], x.v[i + p.a_col], x.v[i + 2 * p.a_col], x.v[i + 3 * p.a_col]);
			else v = T4(x.v[i], left > 1u ? x.v[i + p.a_col] : T(0), left > 2u ? x.v[i + 2 * p.a_col] : T(0), 0);
			[[unroll]] for (uint r = 0; r < 4; r++)
				if (r < left)
					[[unroll]] for (uint q = 0; q < COLS; q++)
						acc[q] = fma(v[r], y.v[b.i + (kk + r) * p.b_row + q * p.b_col], acc[q]);
		}
	}
	uint slot = lane * ROWS + (K_FAST != 0u ? tid / LANES : tid % ROWS);
	if (LANES > 1u) {
		sums[slot] = acc;
		barrier();
		for (uint s = LANES / 2; s > 0u; s >>= 1) {
			if (lane < s) sums[slot] += sums[slot + s * ROWS];
			barrier();
		}
		acc = sums[slot];
	}
	if (lane != 0u || row >= p.m) return;
	Place c = moved(moved(place(uvec2(p.c)), z, p.m * p.n, DT), row, p.c_row, DT);
	[[unroll]] for (uint q = 0; q < COLS; q++) {
		T v = acc[q];
		if (BIAS != 0u) v += p.bias.v[(BIAS == 1u ? q : row) * p.bias_stride];
		BUF(T)(c.at).v[c.i + q * p.c_col] = activation(ACT, v);
	}
}

#else

void main() {
	uint e = thread_index();
	if (e >= p.m) return;
	Place a = moved(place(uvec2(p.a)), e, 1, DT), c = moved(place(uvec2(p.c)), e, 1, DT);
	T v = BUF_RO(T)(a.at).v[a.i];
	for (uint s = 1; s < p.k; s++) {
		a = moved(a, 1, p.m, DT);
		v += BUF_RO(T)(a.at).v[a.i];
	}
	if (BIAS != 0u) v += p.bias.v[e % p.n * p.bias_stride];
	BUF(T)(c.at).v[c.i] = activation(ACT, v);
}

#endif

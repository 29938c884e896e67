// sort: rows along one dimension in a stable order, with the place that each element had.
//
// Radix sort from the least significant digit (Knuth, The Art of Computer Programming 3, section 5.2.5, algorithm R)
// by digits of four bits of keys whose order as unsigned integers is the order wanted: floats with −0 as +0 and every
// NaN as the largest, signed integers with the sign bit turned over, all bits turned over where it descends.
//
// x, y: rows × n elements of DT bytes; element i of a row lies i·inner behind its first, and row r begins at element
// r / inner · n · inner + r mod inner. indices: i64 beside y. Kernels:
//   block     a whole row of at most 8 elements an invocation, its order in shared memory; x to y and indices
//   count     how often each digit occurs in each block of a row: counts [rows][16][blocks]
//   scan      counts become what comes before: a workgroup for each row, all digits and blocks in order
//   scatter   a block goes where counts says, ordered in shared memory first, so that neighbours are written together
// count and scatter take x where first = 1, and else keys_in and order_in, [rows][n]; scatter writes y and indices
// where last = 1, and else keys_out and order_out. Workgroups never wait for each other: a dispatch ends between.
// Push constants: see the block. Specialization: 0 workgroup size T (a block has 8·T elements), KIND, INF the bits of
// infinity in the highest word, DESCENDING.
//
// variant: block_b1 KERNEL=block DT=b1
// variant: block_b2 KERNEL=block DT=b2
// variant: block_b4 KERNEL=block DT=b4
// variant: block_b8 KERNEL=block DT=b8
// variant: count_b1 KERNEL=count DT=b1
// variant: count_b2 KERNEL=count DT=b2
// variant: count_b4 KERNEL=count DT=b4
// variant: count_b8 KERNEL=count DT=b8
// variant: scan KERNEL=scan DT=b4
// variant: scatter_b1 KERNEL=scatter DT=b1
// variant: scatter_b2 KERNEL=scatter DT=b2
// variant: scatter_b4 KERNEL=scatter DT=b4
// variant: scatter_b8 KERNEL=scatter DT=b8
#version 460
#include "buf.glsl"
#include "addr.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint KIND = 0; // of x: 0 unsigned, 1 signed, 2 float
layout(constant_id = 2) const uint INF = 0;
layout(constant_id = 3) const uint DESCENDING = 0;

#ifdef DT_b8
#define KEY uvec2
const uint BITS = 64u;
#else
#define KEY uint
const uint BITS = 8u << SHIFT_OF(DT);
#endif

layout(push_constant) uniform Push {
	BUF_RO(STORED(DT)) x;
	BUF(STORED(DT)) y;
	BUF(uvec2) indices;
	BUF_RO(KEY) keys_in;
	BUF_RO(uint) order_in;
	BUF(KEY) keys_out;
	BUF(uint) order_out;
	BUF(uint) counts;
	uint n;
	uint inner;
	uint blocks; // of a row
	uint groups; // that have work
	uint shift;  // of the digit
	uint first;
	uint last;
} p;

const uint RADIX = 16u, EACH = 8u;

#ifdef DT_b8
KEY key_of(uvec2 u) {
	if (KIND == 1u) u.y ^= 0x80000000u;
	if (KIND == 2u) {
		uint a = u.y & 0x7fffffffu;
		if (a > INF || (a == INF && u.x != 0u)) u = uvec2(0xffffffffu, 0xffffffffu);
		else if (a == 0u && u.x == 0u) u.y = 0x80000000u;
		else if (u.y != a) u = uvec2(~u.x, ~u.y);
		else u.y |= 0x80000000u;
	}
	return DESCENDING != 0u ? uvec2(~u.x, ~u.y) : u;
}

uint digit(KEY k, uint shift) { return (shift < 32u ? k.x >> shift : k.y >> (shift - 32u)) & (RADIX - 1u); }
#else
const uint SIGN = 1u << (BITS - 1u), ONES = SIGN | (SIGN - 1u);

KEY key_of(uint u) {
	if (KIND == 1u) u ^= SIGN;
	if (KIND == 2u) {
		uint a = u & ~SIGN;
		if (a > INF) u = ONES;
		else if (a == 0u) u = SIGN;
		else if (u != a) u ^= ONES;
		else u |= SIGN;
	}
	return DESCENDING != 0u ? u ^ ONES : u;
}

uint digit(KEY k, uint shift) { return (k >> shift) & (RADIX - 1u); }
#endif

uint row_start(uint row) { return row / p.inner * p.inner * p.n + row % p.inner; }

KEY key_at(uint row, uint i) {
	if (p.first != 0u) return key_of(LOAD(DT, p.x, row_start(row) + i * p.inner));
	return p.keys_in.v[row * p.n + i];
}

void put(uint start, uint to, uint from) {
	STORE(DT, p.y, start + to * p.inner, LOAD(DT, p.x, start + from * p.inner));
	p.indices.v[start + to * p.inner] = uvec2(from, 0u);
}

#ifdef KERNEL_count

shared uint seen[RADIX];

void main() {
	uint group = group_index(), l = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	if (group >= p.groups) return;
	uint row = group / p.blocks, b = group % p.blocks;
	for (uint d = l; d < RADIX; d += size) seen[d] = 0u;
	barrier();
	for (uint k = 0; k < EACH; k++) {
		uint i = (b * EACH + k) * size + l;
		if (i < p.n) atomicAdd(seen[digit(key_at(row, i), p.shift)], 1u);
	}
	barrier();
	for (uint d = l; d < RADIX; d += size) p.counts.v[(row * RADIX + d) * p.blocks + b] = seen[d];
}

#else

shared uint sums[gl_WorkGroupSize.x];

// The sum of v over the invocations before this one; whole: over all.
uint before(uint v, out uint whole) {
	uint l = gl_LocalInvocationIndex;
	barrier();
	sums[l] = v;
	barrier();
	for (uint s = 1u; s < gl_WorkGroupSize.x; s *= 2u) {
		uint w = l >= s ? sums[l - s] : 0u;
		barrier();
		sums[l] += w;
		barrier();
	}
	whole = sums[gl_WorkGroupSize.x - 1u];
	return sums[l] - v;
}

#endif
#ifdef KERNEL_scan

void main() {
	uint row = group_index(), l = gl_LocalInvocationIndex;
	if (row >= p.groups) return;
	uint n = RADIX * p.blocks, start = row * n, carry = 0u;
	for (uint at = 0u; at < n; at += gl_WorkGroupSize.x * RADIX) {
		uint from = min(at + l * RADIX, n), to = min(from + RADIX, n), sum = 0u, whole;
		for (uint i = from; i < to; i++) sum += p.counts.v[start + i];
		uint c = carry + before(sum, whole);
		for (uint i = from; i < to; i++) {
			uint v = p.counts.v[start + i];
			p.counts.v[start + i] = c;
			c += v;
		}
		carry += whole;
	}
}

#endif
#if defined(KERNEL_block) || defined(KERNEL_scatter)

shared uint tile[EACH * gl_WorkGroupSize.x];
shared uint ranks[RADIX * gl_WorkGroupSize.x]; // [digit][invocation]

// Makes ranks the place, among the elements of the workgroup by digit and then by place, of the first element of each
// digit of each invocation. digits are those of this one's m elements, four bits each.
void rank(uint digits, uint m) {
	uint l = gl_LocalInvocationIndex, whole, sum = 0u;
	for (uint d = 0u; d < RADIX; d++) ranks[d * gl_WorkGroupSize.x + l] = 0u;
	for (uint k = 0u; k < m; k++) ranks[(digits >> 4u * k & 15u) * gl_WorkGroupSize.x + l]++;
	barrier();
	for (uint j = 0u; j < RADIX; j++) sum += ranks[l * RADIX + j];
	uint at = before(sum, whole);
	for (uint j = 0u; j < RADIX; j++) {
		uint c = ranks[l * RADIX + j];
		ranks[l * RADIX + j] = at;
		at += c;
	}
	barrier();
}

// The place of this invocation's next element of digit k of digits.
uint take(uint digits, uint k) { return ranks[(digits >> 4u * k & 15u) * gl_WorkGroupSize.x + gl_LocalInvocationIndex]++; }

#endif
#ifdef KERNEL_block

void main() {
	uint row = group_index(), l = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	if (row >= p.groups) return;
	uint start = row_start(row), m = min(EACH, p.n - min(p.n, l * EACH));
	for (uint j = l; j < p.n; j += size) tile[j] = j;
	barrier();
	for (uint shift = 0u; shift < BITS; shift += 4u) {
		uint mine[EACH], digits = 0u;
		[[unroll]] for (uint k = 0u; k < EACH; k++)
			if (k < m) {
				mine[k] = tile[l * EACH + k];
				digits |= digit(key_of(LOAD(DT, p.x, start + mine[k] * p.inner)), shift) << 4u * k;
			}
		rank(digits, m);
		[[unroll]] for (uint k = 0u; k < EACH; k++)
			if (k < m) tile[take(digits, k)] = mine[k];
		barrier();
	}
	for (uint j = l; j < p.n; j += size) put(start, j, tile[j]);
}

#endif
#ifdef KERNEL_scatter

shared uint starts[RADIX];

void main() {
	uint group = group_index(), l = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	if (group >= p.groups) return;
	uint row = group / p.blocks, b = group % p.blocks, from = b * EACH * size, count = min(EACH * size, p.n - from);
	for (uint j = l; j < count; j += size) tile[j] = digit(key_at(row, from + j), p.shift);
	barrier();
	uint m = min(EACH, count - min(count, l * EACH)), digits = 0u;
	for (uint k = 0u; k < m; k++) digits |= tile[l * EACH + k] << 4u * k;
	rank(digits, m);
	for (uint d = l; d < RADIX; d += size) starts[d] = ranks[d * size];
	barrier();
	for (uint k = 0u; k < m; k++) tile[take(digits, k)] = l * EACH + k;
	barrier();
	for (uint j = l; j < count; j += size) {
		uint i = from + tile[j];
		KEY key = key_at(row, i);
		uint d = digit(key, p.shift);
		uint to = p.counts.v[(row * RADIX + d) * p.blocks + b] + j - starts[d];
		uint was = i;
		if (p.first == 0u) was = p.order_in.v[row * p.n + i];
		if (p.last != 0u) {
			put(row_start(row), to, was);
		} else {
			p.keys_out.v[row * p.n + to] = key;
			p.order_out.v[row * p.n + to] = was;
		}
	}
}

#endif

// permutation: y = 0 … n−1 sorted by (random word, number), so equal words stay in order.
//
// A bitonic network (Batcher, "Sorting networks and their applications", 1968) over size = 2^q ≥ n pairs, those from n
// on being larger than all others. pairs: [size] of (word, number); y: i64 [n]; state: i64[2] as words. Kernels:
//   block   draws the words of BLOCK pairs and sorts them in shared memory, ascending and descending by turns
//   step    compares LEVELS strides, stride first and then its halves, of the stage that makes runs of "run"
//   merge   the strides below BLOCK of that stage, in shared memory
// block and merge write y instead of pairs in the last stage (last = 1).
// Push constants: see the block. Specialization: 0 workgroup size, BLOCK a power of two and a multiple of 4, LEVELS.
//
// variant: block KERNEL=block
// variant: step KERNEL=step
// variant: merge KERNEL=merge
#version 460
#include "buf.glsl"
#include "addr.glsl"
#include "philox.glsl"
#include "draw.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint BLOCK = 2048;
layout(constant_id = 2) const uint LEVELS = 1;

layout(push_constant) uniform Push {
	BUF_RO(uint) state;
	BUF(uvec2) pairs;
	BUF(uvec2) y;
	uint n;
	uint threads; // groups of block and merge, invocations of step
	uint run;
	uint stride;
	uint last;
} p;

bool before(uvec2 a, uvec2 b) { return a.x < b.x || (a.x == b.x && a.y < b.y); }

#ifdef KERNEL_step

const uint COUNT = 1u << LEVELS;

void main() {
	uint t = thread_index();
	if (t >= p.threads) return;
	uint low = p.stride >> (LEVELS - 1u); // the smallest stride of this step
	uint base = t / low * low * COUNT + t % low;
	bool up = (base & p.run) == 0u;
	uvec2 v[COUNT];
	[[unroll]] for (uint i = 0; i < COUNT; i++) v[i] = p.pairs.v[base + i * low];
	[[unroll]] for (uint s = COUNT / 2u; s > 0u; s /= 2u)
		[[unroll]] for (uint i = 0; i < COUNT; i++)
			if ((i & s) == 0u && before(v[i + s], v[i]) == up) {
				uvec2 w = v[i];
				v[i] = v[i + s];
				v[i + s] = w;
			}
	[[unroll]] for (uint i = 0; i < COUNT; i++) p.pairs.v[base + i * low] = v[i];
}

#else

shared uvec2 run_[BLOCK];

void strides(uint first, uint base, uint run) {
	for (uint s = first; s > 0u; s /= 2u) {
		barrier();
		for (uint t = gl_LocalInvocationIndex; t < BLOCK / 2u; t += gl_WorkGroupSize.x) {
			uint i = t / s * s * 2u + t % s;
			uvec2 a = run_[i], b = run_[i + s];
			if (before(b, a) == (((base + i) & run) == 0u)) {
				run_[i] = b;
				run_[i + s] = a;
			}
		}
	}
	barrier();
}

void main() {
	uint group = group_index(), base = group * BLOCK;
	if (group >= p.threads) return;
#ifdef KERNEL_block
	for (uint t = gl_LocalInvocationIndex; t < BLOCK / 4u; t += gl_WorkGroupSize.x) {
		uvec4 w = draw_block(p.state, base / 4u + t, 0);
		[[unroll]] for (uint j = 0; j < 4u; j++) {
			uint i = base + t * 4u + j;
			run_[t * 4u + j] = uvec2(i < p.n ? w[j] : 0xffffffffu, i);
		}
	}
	for (uint run = 2u; run <= BLOCK; run *= 2u) strides(run / 2u, base, run);
#else
	for (uint t = gl_LocalInvocationIndex; t < BLOCK; t += gl_WorkGroupSize.x) run_[t] = p.pairs.v[base + t];
	strides(BLOCK / 2u, base, p.run);
#endif
	for (uint t = gl_LocalInvocationIndex; t < BLOCK; t += gl_WorkGroupSize.x) {
		if (p.last == 0u) p.pairs.v[base + t] = run_[t];
		else if (base + t < p.n) p.y.v[base + t] = uvec2(run_[t].y, 0);
	}
}

#endif

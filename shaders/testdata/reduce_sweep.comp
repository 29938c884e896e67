// reduce_sweep: every workgroup reduces its own elements of x by every reduction of reduce.glsl.
//
// x: [groups, W] of float32, W the workgroup size; values: [groups, 5] of float32: sum, max, min, argmax's and
// argmin's value; places: [groups, 3] of uint32: argmax's and argmin's index, the sum of the x's bits as uint32 (a
// second type in one shader). Push constants: the three addresses, the number of groups. Specialization: 0 W.
#version 460
#include "buf.glsl"

layout(local_size_x_id = 0) in;
#include "reduce.glsl"
#define REDUCE_T uint
#define REDUCE_NAME _u
#include "reduce.glsl"

layout(push_constant) uniform Push {
	BUF_RO(float) x;
	BUF(float) values;
	BUF(uint) places;
	uint groups;
} p;

void main() {
	uint g = group_index();
	if (g >= p.groups) return; // the same for all of a workgroup
	uint l = gl_LocalInvocationIndex;
	float x = p.x.v[g * gl_WorkGroupSize.x + l];
	float sum = wg_sum(x), high = wg_max(x), low = wg_min(x);
	float v = x, w = x;
	uint i = l, j = l;
	wg_argmax(v, i);
	wg_argmin(w, j);
	uint bits = wg_sum_u(floatBitsToUint(x));
	if (l != 0u) return;
	p.values.v[5u * g] = sum;
	p.values.v[5u * g + 1u] = high;
	p.values.v[5u * g + 2u] = low;
	p.values.v[5u * g + 3u] = v;
	p.values.v[5u * g + 4u] = w;
	p.places.v[3u * g] = i;
	p.places.v[3u * g + 1u] = j;
	p.places.v[3u * g + 2u] = bits;
}

// philox_sweep: words[i] = philox(counter[i], key[i]), uniforms and normals of the first two words.
//
// inputs: [n, 6] of uint32, counter then key; words: [n, 4] of uint32; floats: [n, 4] of float32: uniform01 and
// uniform01_open of word 0, then box_muller of words 0 and 1. Push constants: the three addresses, n.
#version 460
#include "buf.glsl"
#include "math.glsl"
#include "philox.glsl"

layout(local_size_x_id = 0) in;
layout(push_constant) uniform Push {
	BUF_RO(uint) inputs;
	BUF(uint) words;
	BUF(float) floats;
	uint n;
} p;

void main() {
	uint i = thread_index();
	if (i >= p.n) return;
	uint k = 6u * i;
	uvec4 c = uvec4(p.inputs.v[k], p.inputs.v[k + 1u], p.inputs.v[k + 2u], p.inputs.v[k + 3u]);
	uvec4 w = philox(philox_at(c, 0u), uvec2(p.inputs.v[k + 4u], p.inputs.v[k + 5u]));
	vec2 b = box_muller(w.x, w.y);
	for (uint j = 0u; j < 4u; j++) p.words.v[4u * i + j] = w[j];
	p.floats.v[4u * i] = uniform01(w.x);
	p.floats.v[4u * i + 1u] = uniform01_open(w.x);
	p.floats.v[4u * i + 2u] = b.x;
	p.floats.v[4u * i + 3u] = b.y;
}

// half_sweep: the conversions between float32 and the half types, each over all that it is given.
//
// x: [n] of uint32, float32's bits; y: [n, 4] of uint32: f32_to_f16(x), f32_to_bf16(x), and the bits of
// f16_to_f32 and bf16_to_f32 of x's low half. fault: the first x that is at least limit is reported. Push
// constants: two addresses, the fault record's, n and limit.
#version 460
#include "buf.glsl"

layout(local_size_x_id = 0) in;
layout(push_constant) uniform Push {
	BUF_RO(uint) x;
	BUF(uint) y;
	Fault fault;
	uint n;
	uint limit;
} p;

void main() {
	uint i = thread_index();
	if (i >= p.n) return;
	uint x = p.x.v[i];
	if (i >= p.limit) fault(p.fault, FAULT_INDEX, p.limit, -int(i));
	p.y.v[4u * i] = f32_to_f16(uintBitsToFloat(x));
	p.y.v[4u * i + 1u] = f32_to_bf16(uintBitsToFloat(x));
	p.y.v[4u * i + 2u] = floatBitsToUint(f16_to_f32(x & 0xffffu));
	p.y.v[4u * i + 3u] = floatBitsToUint(bf16_to_f32(x & 0xffffu));
}

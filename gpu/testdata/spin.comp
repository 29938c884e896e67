#version 460
// x[0] = value after `rounds` steps of a linear congruential generator: takes
// time, one invocation. Push: address of x; rounds; value. One variant.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
layout(local_size_x = 1) in;
layout(buffer_reference, std430, buffer_reference_align = 4) buffer U32 { uint v[]; };
layout(push_constant) uniform Push { U32 x; uint rounds, value; };
void main() {
	uint s = value;
	for (uint i = 0; i < rounds; i++) s = s * 1664525u + 1013904223u;
	x.v[0] = value;
	x.v[1] = s; // so that the loop has a use
}

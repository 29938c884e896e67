#version 460
// x[i] = uint(i * 2654435761), i < n with 64-bit i; the grid folds into y.
// Push: address of x; n (64 bit). Spec 0: workgroup size. One variant.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
layout(local_size_x_id = 0) in;
layout(buffer_reference, std430, buffer_reference_align = 4) buffer U32 { uint v; };
layout(push_constant) uniform Push { uint64_t x, n; };
void main() {
	uint64_t row = uint64_t(gl_NumWorkGroups.x) * gl_WorkGroupSize.x;
	uint64_t i = uint64_t(gl_GlobalInvocationID.y) * row + gl_GlobalInvocationID.x;
	if (i < n) U32(x + i * 4).v = uint(i * 2654435761ul);
}

#version 460
// c[i] = a[i] + b[i] * scale, uint32, i < n.
// Push: addresses of a, b, c; n; scale. Spec 0: workgroup size. One variant.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
layout(local_size_x_id = 0) in;
layout(buffer_reference, std430, buffer_reference_align = 4) buffer U32 { uint v[]; };
layout(push_constant) uniform Push { U32 a, b, c; uint n, scale; };
void main() {
	uint i = gl_GlobalInvocationID.x;
	if (i < n) c.v[i] = a.v[i] + b.v[i] * scale;
}

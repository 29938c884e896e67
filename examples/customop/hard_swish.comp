// hard_swish: y = x·min(max(x + 3, 0), 6)/6, elementwise (Howard et al. 2019, section 5.2).
//
// x, y: n floats, dense. Push constants: see the block. Specialization: 0 workgroup size.
#version 460
#extension GL_EXT_buffer_reference : require

layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer Source { float v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) writeonly buffer Target { float v[]; };

layout(local_size_x_id = 0) in;
layout(push_constant) uniform Push {
	Source x; // 64-bit addresses
	Target y;
	uint n;
} p;

void main() {
	// Grids fold over three dimensions where one does not hold all workgroups.
	uint group = gl_WorkGroupID.x + gl_NumWorkGroups.x * (gl_WorkGroupID.y + gl_NumWorkGroups.y * gl_WorkGroupID.z);
	uint i = group * gl_WorkGroupSize.x + gl_LocalInvocationIndex;
	if (i >= p.n) return;
	float x = p.x.v[i];
	precise float y = x * ((x + 3.0) * (1.0 / 6.0)); // the last case, so that NaN stays NaN
	p.y.v[i] = x <= -3.0 ? 0.0 : x >= 3.0 ? x : y;
}

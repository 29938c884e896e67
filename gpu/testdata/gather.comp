#version 460
// y[i] = x[index[i]], i < n; an index outside [0, limit) is a fault with code 7.
// Push: addresses of x, index (int64), y, fault record; n; limit. One variant.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
layout(local_size_x = 64) in;
layout(buffer_reference, std430, buffer_reference_align = 4) buffer U32 { uint v[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer I64 { int64_t v[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Fault { uint code; uint limit; int64_t value; };
layout(push_constant) uniform Push { U32 x; I64 index; U32 y; Fault fault; uint n, limit; };
void main() {
	uint i = gl_GlobalInvocationID.x;
	if (i >= n) return;
	int64_t k = index.v[i];
	if (k < 0 || k >= int64_t(limit)) {
		if (atomicCompSwap(fault.code, 0u, 7u) == 0u) {
			fault.limit = limit;
			fault.value = k;
		}
		y.v[i] = 0;
		return;
	}
	y.v[i] = x.v[uint(k)];
}

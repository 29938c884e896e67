// math_sweep: z[i] = f(x[i]) or f(x[i], y[i]) for every function of math.glsl, for the test of their errors.
//
// x, y, z: [n] of float32. Push constants: the three addresses, n. Specialization: 0 workgroup size, 1 OP, the
// function by its place in the list below, which math_test.go repeats.
#version 460
#include "buf.glsl"
#include "math.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint OP = 0;
layout(push_constant) uniform Push {
	BUF_RO(float) x;
	BUF_RO(float) y;
	BUF(float) z;
	uint n;
} p;

float apply(float x, float y) {
	switch (OP) {
	case 0: return t_exp(x);
	case 1: return t_expm1(x);
	case 2: return t_log(x);
	case 3: return t_log1p(x);
	case 4: return t_tanh(x);
	case 5: return t_sigmoid(x);
	case 6: return t_softplus(x);
	case 7: return t_erf(x);
	case 8: return t_erfc(x);
	case 9: return t_normal_cdf(x);
	case 10: return t_normal_pdf(x);
	case 11: return t_gelu(x);
	case 12: return t_gelu_tanh(x);
	case 13: return t_sqrt(x);
	case 14: return t_rsqrt(x);
	case 15: return t_sin(x);
	case 16: return t_cos(x);
	case 17: return t_pow(x, y);
	case 18: return t_div(x, y);
	}
	return 0.0;
}

void main() {
	uint i = thread_index();
	if (i < p.n) p.z.v[i] = apply(p.x.v[i], p.y.v[i]);
}

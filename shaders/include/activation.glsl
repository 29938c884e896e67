// activation.glsl: what matrix products apply to their result. The numbers are those of ops.Activation:
// 0 none, 1 relu, 2 sigmoid, 3 tanh, 4 gelu = x·Φ(x), 5 silu = x·sigmoid(x).
//
// Offers, for the DT of the variant (f32 or f64),
//   T activation(uint act, T x)   act is a constant; relu keeps NaN

#ifndef TUFF_ACTIVATION_GLSL
#define TUFF_ACTIVATION_GLSL

#ifdef DT_f64
#include "math64.glsl"
#else
#include "math.glsl"
#endif

ARITH(DT) activation(uint act, ARITH(DT) x) {
	precise ARITH(DT) y = x;
	switch (act) {
	case 1u: y = x < ARITH(DT)(0) ? ARITH(DT)(0) : x; break;
	case 2u: y = t_sigmoid(x); break;
	case 3u: y = t_tanh(x); break;
	case 4u: y = t_gelu(x); break;
	case 5u: y = x * t_sigmoid(x); break;
	}
	return y;
}

#endif

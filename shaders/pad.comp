// pad: y[o] = x[place of o] in each dimension, and its gradient, the sum over the places that an element stands at.
//
// A dimension of size elements has places before them and after, shape in all (before may be negative: cut off). With
// p = o − before and n = size, the place p < 0 or p ≥ n of MODE 0 holds the constant; of 1 reflects, −p or
// 2(n − 1) − p; of 2 replicates, 0 or n − 1; of 3 goes round, p ± n. Kernels:
//   move  x: dense, of size[RANK]; y: dense, of shape[RANK], one invocation for each element, count in all. value: the
//         bits of the constant, low word first
//   grad  x: the gradient of the padded tensor, dense, [shape[0], shape[1], shape[2]]; y: [shape[0], size[1], shape[2]],
//         one invocation for each element, count in all. The sum begins with the element's own place, then those before,
//         then those after, each from the first to the last; half types sum in f32
// Push constants: see the block. Specialization: 0 workgroup size, RANK, MODE, WIDE: see addr.glsl.
//
// variant: move_b1 KERNEL=move DT=b1
// variant: move_b2 KERNEL=move DT=b2
// variant: move_b4 KERNEL=move DT=b4
// variant: move_b8 KERNEL=move DT=b8
// variant: grad_f32 KERNEL=grad DT=f32
// variant: grad_f64 KERNEL=grad DT=f64 needs float64
// variant: grad_f16 KERNEL=grad DT=f16
// variant: grad_bf16 KERNEL=grad DT=bf16
#version 460
#include "buf.glsl"
#include "addr.glsl"

#define SHIFT_f16 1
#define SHIFT_bf16 1

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint RANK = 8;
layout(constant_id = 2) const uint MODE = 0;

#define T STORED(DT)
layout(push_constant) uniform Push {
	BUF_RO(T) x;
	BUF(T) y;
	uint count;
	uint value[2];
	int before[8];
	uint size[8];
	uint shape[8];
} p;

#ifdef KERNEL_move
ARITH(DT) constant() {
#ifdef DT_b8
	return uvec2(p.value[0], p.value[1]);
#else
	return p.value[0];
#endif
}

void main() {
	uint e = thread_index();
	if (e >= p.count) return;
	Place x = place(uvec2(p.x)), y = moved(place(uvec2(p.y)), e, 1, DT);
	uint rest = e, stride = 1;
	bool inside = true;
	[[unroll]] for (int d = int(RANK) - 1; d >= 0; d--) {
		uint q = d == 0 ? 0u : rest / p.shape[d];
		int n = int(p.size[d]), i = int(rest - q * p.shape[d]) - p.before[d];
		rest = q;
		if (i < 0 || i >= n) {
			if (MODE == 1u) i = i < 0 ? -i : 2 * (n - 1) - i;
			else if (MODE == 2u) i = i < 0 ? 0 : n - 1;
			else if (MODE == 3u) i = i < 0 ? i + n : i - n;
			else {
				inside = false;
				i = 0;
			}
		}
		x = moved(x, uint(i), stride, DT);
		stride *= p.size[d];
	}
	ARITH(DT) r = constant();
	if (inside) r = LOAD(DT, BUF_RO(T)(x.at), x.i);
	STORE(DT, BUF(T)(y.at), y.i, r);
}
#else
ARITH(DT) term(Place line, int o) {
	if (o < 0 || o >= int(p.shape[1])) return ARITH(DT)(0);
	Place at = moved(line, uint(o), p.shape[2], DT);
	return LOAD(DT, BUF_RO(T)(at.at), at.i);
}

void main() {
	uint e = thread_index();
	if (e >= p.count) return;
	uint c = e % p.shape[2], rest = e / p.shape[2];
	int n = int(p.size[1]), m = int(p.shape[1]), b = p.before[1], i = int(rest % p.size[1]);
	Place line = moved(place(uvec2(p.x)), rest / p.size[1], p.shape[1] * p.shape[2], DT);
	line = moved(line, c, 1, DT);
	precise ARITH(DT) sum = term(line, i + b);
	if (MODE == 1u) {
		if (i > 0) sum += term(line, b - i);
		if (i < n - 1) sum += term(line, b + 2 * (n - 1) - i);
	} else if (MODE == 2u) {
		if (i == 0)
			for (int o = 0; o < min(b, m); o++) sum += term(line, o);
		if (i == n - 1)
			for (int o = max(b + n, 0); o < m; o++) sum += term(line, o);
	} else if (MODE == 3u) {
		sum += term(line, b + i - n);
		sum += term(line, b + i + n);
	}
	Place y = moved(place(uvec2(p.y)), e, 1, DT);
	STORE(DT, BUF(T)(y.at), y.i, sum);
}
#endif

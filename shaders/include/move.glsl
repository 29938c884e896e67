// move.glsl: elements copied as bits between strided tensors of up to eight dimensions; the body of contiguous,
// concat, unslice and copy_. A shader defines nothing but its variants and includes this.
//
// x, y: elements of DT bytes (b1, b2, b4, b8). Specialization: 0 workgroup size, 1 MODE, 2 DIMS (in use), 3 ZERO: y
// becomes 0 and x is not read.
//
//   MODE 0   dense: four elements a thread at one linear index, both aligned to 16 bytes
//   MODE 1   rows: four neighbours along the innermost dimension, a multiple of 4 in size, stride 1 in both and
//            aligned at every row
//   MODE 2   one element a thread, any strides
//   MODE 3   transposed: the two innermost dimensions lie the other way round in x; tiles of 32×32 go through
//            shared memory, a workgroup of 32×8 each; shape[6] and shape[7] are the tile counts, rows and cols the
//            sizes
//
// shape: merged dimensions, innermost last, leading ones 1; in mode 1 the last counts quads. n: elements, in mode 3
// tiles.

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint MODE = 0;
layout(constant_id = 2) const uint DIMS = 8;
layout(constant_id = 3) const uint ZERO = 0;

#define T ARITH(DT)

layout(push_constant) uniform Push {
	BUF_RO(STORED(DT)) x;
	BUF(STORED(DT)) y;
	uint n;
	uint rows;
	uint cols;
	uint shape[8];
	uint x_stride[8];
	uint y_stride[8];
} p;

T get(uint i) { return ZERO != 0u ? T(0) : LOAD(DT, p.x, i); }

void quad(uint i, uint j) {
	T v[4];
	v[0] = v[1] = v[2] = v[3] = T(0);
	if (ZERO == 0u) LOAD_BITS4(DT, p.x, i, v);
	STORE_BITS4(DT, p.y, j, v);
}

// The offsets (x, y) of item i; rest is the coordinate along the innermost dimension, not yet counted.
uvec2 place(uint i, uint unit) {
	uvec2 at = uvec2(0);
	[[unroll]] for (int d = 7; d >= 0; d--) {
		if (d >= 8 - int(DIMS)) {
			uint q = d == 8 - int(DIMS) ? 0u : i / p.shape[d];
			uint c = i - q * p.shape[d];
			if (d == 7) c *= unit;
			at += c * uvec2(p.x_stride[d], p.y_stride[d]);
			i = q;
		}
	}
	return at;
}

#ifdef TILE
shared T tile[32 * 33];

// One tile: rows of x lie along y's columns.
void transpose(uint g) {
	uint tc = g % p.shape[7], rest = g / p.shape[7];
	uint tr = rest % p.shape[6];
	rest /= p.shape[6];
	uint xa = 0u, ya = 0u;
	[[unroll]] for (int d = 5; d >= 0; d--) {
		if (d >= 8 - int(DIMS)) {
			uint q = rest / p.shape[d], c = rest - q * p.shape[d];
			xa += c * p.x_stride[d];
			ya += c * p.y_stride[d];
			rest = q;
		}
	}
	uint l = gl_LocalInvocationIndex, a = l & 31u;
	for (uint b = l >> 5; b < 32u; b += gl_WorkGroupSize.x >> 5) {
		uint r = tr * 32u + a, c = tc * 32u + b; // neighbours go along y's rows, which x has side by side
		if (r < p.rows && c < p.cols) tile[b * 33u + a] = LOAD(DT, p.x, xa + r * p.x_stride[6] + c * p.x_stride[7]);
	}
	barrier();
	for (uint b = l >> 5; b < 32u; b += gl_WorkGroupSize.x >> 5) {
		uint r = tr * 32u + b, c = tc * 32u + a;
		if (r < p.rows && c < p.cols) STORE(DT, p.y, ya + r * p.y_stride[6] + c * p.y_stride[7], tile[a * 33u + b]);
	}
}
#endif

void main() {
#ifdef TILE
	if (MODE == 3u) {
		uint g = group_index();
		if (g < p.n) transpose(g);
		return;
	}
#endif
	uint i = thread_index();
	if (MODE == 0u) {
		i *= 4u;
		if (i >= p.n) return;
		if (i + 4u <= p.n) quad(i, i);
		else for (; i < p.n; i++) STORE(DT, p.y, i, get(i));
	} else if (MODE == 1u) {
		if (i >= p.n >> 2) return;
		uvec2 at = place(i, 4u);
		quad(at.x, at.y);
	} else {
		if (i >= p.n) return;
		uvec2 at = place(i, 1u);
		STORE(DT, p.y, at.y, get(at.x));
	}
}

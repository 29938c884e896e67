// trig64.glsl: sine and cosine of float64, for every finite argument. Needs math64.glsl before.
//
// Offers t_sin and t_cos, good to 2 ULP; infinities give NaN.
//
// Methods. Beyond π/4 the argument is multiplied by the digits of 2/π that matter (Payne and Hanek, "Radian reduction
// for trigonometric functions", SIGNUM Newsletter 18, 1983), in 32-bit words, since nothing else is exact on all
// devices. On the reduced interval both functions are their Taylor series.

#ifndef TUFF_TRIG64_GLSL
#define TUFF_TRIG64_GLSL

// Binary digits of 2/π after the point, with 64 zeros before them.
const uint T_TWO_OVER_PI_64[40] = uint[40](
	0u, 0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u,
	0xfe5163abu, 0xdebbc561u, 0xb7246e3au, 0x424dd2e0u, 0x06492eeau, 0x09d1921cu, 0xfe1deb1cu, 0xb129a73eu,
	0xe88235f5u, 0x2ebb4484u, 0xe99c7026u, 0xb45f7e41u, 0x3991d639u, 0x835339f4u, 0x9c845f8bu, 0xbdf9283bu,
	0x1ff897ffu, 0xde05980fu, 0xef2f118bu, 0x5a0a6d1fu, 0x6d367ecfu, 0x27cb09b7u, 0x4f463f66u, 0x9e5fea2du,
	0x7527bac7u, 0xebe5f17bu, 0x3d0739f7u, 0x8a5292eau, 0x6bfb5fb1u, 0x1f8d5d08u, 0x56033046u, 0xfc7b6babu);

// Word s of the digits, shifted by k < 32.
uint t_two_over_pi64(uint s, uint k) {
	uint a = T_TWO_OVER_PI_64[s], b = T_TWO_OVER_PI_64[s + 1u];
	return k == 0u ? a : (a << k) | (b >> (32u - k));
}

// The low word of w·m0 + last·m1 + c; c takes what is above it.
uint t_product_word(uint w, uint m0, uint last, uint m1, inout uvec2 c) {
	uint h0, l0, h1, l1;
	umulExtended(w, m0, h0, l0);
	umulExtended(last, m1, h1, l1);
	uint a = l0 + l1;
	uint up = a < l0 ? 1u : 0u;
	uint r = a + c.x;
	up += r < a ? 1u : 0u;
	uint h = h0 + h1;
	uint over = h < h0 ? 1u : 0u;
	uint g = h + up;
	over += g < h ? 1u : 0u;
	uint n = g + c.y;
	over += n < g ? 1u : 0u;
	c = uvec2(n, over);
	return r;
}

// (r, its rest) and the quadrant q with x = q·π/2 + r + rest modulo 2π, |r| ≤ π/4, for a finite x > π/4.
// x = M·2^e with a whole M of 53 bits. The digit of weight 2^-j changes no quadrant where e − j ≥ 2, so 192 digits
// from j = e − 1 on are multiplied by M, modulo 4: what is left out is below 2^-137 of a quadrant.
// Straight-line code on single words: lavapipe of Mesa 22.3 computes the same in loops over an array wrongly.
dvec2 t_quadrant64(double x, out uint q) {
	uvec2 u = unpackDouble2x32(x);
	uint m1 = (u.y & 0xfffffu) | 0x100000u, m0 = u.x;
	uint at = (u.y >> 20) - 1013u; // 62 + e, the place of digit e − 1 in the table
	uint i = at >> 5, k = at & 31u;
	uint w0 = t_two_over_pi64(i + 5u, k), w1 = t_two_over_pi64(i + 4u, k), w2 = t_two_over_pi64(i + 3u, k);
	uint w3 = t_two_over_pi64(i + 2u, k), w4 = t_two_over_pi64(i + 1u, k), w5 = t_two_over_pi64(i, k);
	uvec2 c = uvec2(0u);
	uint p0 = t_product_word(w0, m0, 0u, m1, c), p1 = t_product_word(w1, m0, w0, m1, c);
	uint p2 = t_product_word(w2, m0, w1, m1, c), p3 = t_product_word(w3, m0, w2, m1, c);
	uint p4 = t_product_word(w4, m0, w3, m1, c), p5 = t_product_word(w5, m0, w4, m1, c);
	q = p5 >> 30;
	p5 = (p5 << 2) | (p4 >> 30);
	p4 = (p4 << 2) | (p3 >> 30);
	p3 = (p3 << 2) | (p2 >> 30);
	p2 = (p2 << 2) | (p1 >> 30);
	p1 = (p1 << 2) | (p0 >> 30);
	p0 = p0 << 2;
	bool minus = p5 >= 0x80000000u; // beyond half a quadrant: count from the next one
	if (minus) {
		q++;
		p0 = ~p0 + 1u;
		p1 = ~p1 + (p0 == 0u ? 1u : 0u);
		p2 = ~p2 + (p0 == 0u && p1 == 0u ? 1u : 0u);
		p3 = ~p3 + ((p0 | p1 | p2) == 0u ? 1u : 0u);
		p4 = ~p4 + ((p0 | p1 | p2 | p3) == 0u ? 1u : 0u);
		p5 = ~p5 + ((p0 | p1 | p2 | p3 | p4) == 0u ? 1u : 0u);
	}
	q = q & 3u;
	int shift = 0;
	if (p5 == 0u) {
		p5 = p4;
		p4 = p3;
		p3 = p2;
		p2 = p1;
		shift = 32;
	}
	if (p5 == 0u) {
		p5 = p4;
		p4 = p3;
		p3 = p2;
		shift = 64;
	}
	int z = 31 - findMSB(p5 | 1u);
	if (z > 0) {
		p5 = (p5 << z) | (p4 >> (32 - z));
		p4 = (p4 << z) | (p3 >> (32 - z));
		p3 = (p3 << z) | (p2 >> (32 - z));
		shift += z;
	}
	// 53 bits and the rest, times π/2 in two doubles.
	precise double h = double(p5) * 2.3283064365386962890625e-10lf + double(p4 & 0xfffff800u) * 5.42101086242752217003726400434970855712890625e-20lf;
	precise double l = double(p4 & 0x7ffu) * 5.42101086242752217003726400434970855712890625e-20lf + double(p3) * 1.262177448353618888658765704452457967477130296174436807632446e-29lf;
	precise dvec2 t = t_two_prod(h, 1.5707963267948966lf);
	precise double tl = t.y + (h * 6.123233995736766e-17lf + l * 1.5707963267948966lf);
	precise double r = t.x + tl;
	precise double rest = (t.x - r) + tl;
	precise double scale = t_pow2_64(-shift);
	if (minus) scale = -scale;
	r = r * scale;
	rest = rest * scale;
	return dvec2(r, rest);
}

// sin(r + rest) = r − r³/3! + …, rest added at first order.
double t_sin_core64(double r, double rest) {
	precise double u = r * r;
	precise double p = 2.8114572543455205981e-15lf;
	p = p * u - 7.6471637318198164055e-13lf;
	p = p * u + 1.6059043836821613341e-10lf;
	p = p * u - 2.5052108385441720224e-08lf;
	p = p * u + 2.7557319223985892511e-06lf;
	p = p * u - 1.9841269841269841253e-04lf;
	p = p * u + 8.3333333333333332177e-03lf;
	p = p * u - 1.6666666666666665741e-01lf;
	precise double v = r + (r * (u * p) + rest * (1.0lf - 0.5lf * u));
	return v;
}

// cos(r + rest) = 1 − r²/2 + …, the first difference with its rounding error.
double t_cos_core64(double r, double rest) {
	precise double u = r * r;
	precise double p = -1.5619206968586225271e-16lf;
	p = p * u + 4.7794773323873852534e-14lf;
	p = p * u - 1.1470745597729724507e-11lf;
	p = p * u + 2.0876756987868100187e-09lf;
	p = p * u - 2.7557319223985888276e-07lf;
	p = p * u + 2.4801587301587301566e-05lf;
	p = p * u - 1.3888888888888889419e-03lf;
	p = p * u + 4.1666666666666664354e-02lf;
	precise double h = 0.5lf * u;
	precise double w = 1.0lf - h;
	precise double v = w + (((1.0lf - w) - h) + (u * (u * p) - r * rest));
	return v;
}

double t_sin(double x) {
	double a = t_abs(x);
	if (t_isnan(x) || t_isinf(x)) return T_NAN64;
	if (a < 1e-8lf) return x;
	uint q = 0u;
	dvec2 d = dvec2(a, 0.0lf);
	if (a > 0.78539816339744830962lf) d = t_quadrant64(a, q);
	double v = (q & 1u) == 0u ? t_sin_core64(d.x, d.y) : t_cos_core64(d.x, d.y);
	return (q >= 2u) != (x < 0.0lf) ? -v : v;
}

double t_cos(double x) {
	double a = t_abs(x);
	if (t_isnan(x) || t_isinf(x)) return T_NAN64;
	uint q = 0u;
	dvec2 d = dvec2(a, 0.0lf);
	if (a > 0.78539816339744830962lf) d = t_quadrant64(a, q);
	double v = (q & 1u) == 0u ? t_cos_core64(d.x, d.y) : t_sin_core64(d.x, d.y);
	return q == 1u || q == 2u ? -v : v;
}

#endif

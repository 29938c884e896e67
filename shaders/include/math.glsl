// math.glsl: float32 functions with a bounded error, from correctly rounded addition, subtraction and
// multiplication only (Vulkan asks no more), so they give nearly the same bits everywhere. The built-in exp,
// log, pow, tanh, sin and cos are much looser, and division and square root are too where the bounds matter.
//
// Offers, with the worst error in ULP of the result over sweeps of all bit patterns; TestMath holds the bounds:
//
//	t_exp 1      t_expm1 1.5   t_log 0.9       t_log1p 0.9    t_pow 3.5     t_sqrt 0.6   t_rsqrt 0.6
//	t_sin 0.9    t_cos 0.9     t_tanh 1.5      t_sigmoid 2.5  t_softplus 2  t_erf 1.5    t_erfc 4
//	t_normal_cdf 5             t_normal_pdf 2.5  t_gelu 6 and t_gelu_tanh 6, where the probability is normal
//	t_div 0.6 while operands lie in [2^-60, 2^60] in size, and as built in outside
//
// Zeros keep their sign where the function has it, infinities and NaNs do as in C99 annex F. What is subnormal
// may be taken as zero or flushed to it, as the device pleases. sin and cos hold for every finite argument.
//
// Methods. Arguments are reduced as in Cody and Waite, "Software manual for the elementary functions" (1980):
// subtraction of multiples of a constant split into parts with few bits, so that the first products are exact.
// Large arguments of sin and cos follow Payne and Hanek, "Radian reduction for trigonometric functions" (SIGNUM
// Newsletter 18, 1983). Exact sums and products of two floats: Knuth's two-sum and Dekker's product ("A
// floating-point technique for extending the available precision", 1971). Polynomials are minimax, made by
// tools/minimax.py. Formulas stand at the functions.

#ifndef TUFF_MATH_GLSL
#define TUFF_MATH_GLSL

#define T_INF uintBitsToFloat(0x7f800000u)
#define T_NAN uintBitsToFloat(0x7fc00000u)

// Decided on bits: these hold even where a compiler assumes that NaNs do not occur.
bool t_isnan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }
bool t_isinf(float x) { return (floatBitsToUint(x) & 0x7fffffffu) == 0x7f800000u; }
// |x| with the sign of s. By selection: lavapipe of Mesa 26.1 (LLVM 19) compiles the two masks joined by | wrongly
// where x is a difference.
float t_copysign(float x, float s) {
	float a = abs(x);
	return floatBitsToInt(s) < 0 ? -a : a;
}

// 2^n for −126 ≤ n ≤ 127.
float t_pow2(int n) { return uintBitsToFloat(uint(n + 127) << 23); }

// v·2^n for v in [1/2, 2] and |n| ≤ 250, rounded once.
float t_scale(float v, int n) {
	int h = n >> 1;
	precise float r = (v * t_pow2(h)) * t_pow2(n - h);
	return r;
}

// a + b = x + y exactly.
vec2 t_two_sum(float a, float b) {
	precise float s = a + b;
	precise float t = s - a;
	precise float e = (a - (s - t)) + (b - t);
	return vec2(s, e);
}

// a·b = x + y exactly, while y is not subnormal and x does not overflow. The factors are split by masks: these products
// are exact, so the result holds even where a compiler contracts them.
vec2 t_two_prod(float a, float b) {
	precise float p = a * b;
	float ah = uintBitsToFloat(floatBitsToUint(a) & 0xfffff000u);
	float bh = uintBitsToFloat(floatBitsToUint(b) & 0xfffff000u);
	precise float al = a - ah;
	precise float bl = b - bh;
	precise float e = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
	return vec2(p, e);
}

// a/b with one step of correction, where |b| and the quotient lie well inside the normal range.
float t_div_near(float a, float b) {
	precise float q = a / b;
	precise vec2 p = t_two_prod(q, b);
	precise float r = (a - p.x) - p.y;
	precise float c = q + r / b;
	return c;
}

// a/b, corrected where both and the quotient lie in [2^-60, 2^60] and as built in elsewhere.
float t_div(float a, float b) {
	precise float q = a / b;
	float x = abs(a), y = abs(b);
	if (x > 1e-18 && x < 1e18 && y > 1e-18 && y < 1e18) return t_div_near(a, b);
	return q;
}

// sqrt(x): s + (x − s²)/(2s) with an exact residual.
float t_sqrt(float x) {
	uint u = floatBitsToUint(x);
	if ((u & 0x7fffffffu) == 0u || u == 0x7f800000u || t_isnan(x)) return x;
	if (u >= 0x80000000u) return T_NAN;
	float up = 1.0, down = 1.0;
	if (u < 0x00800000u) { // subnormal: u·2^-149
		x = float(u);
		up = 2.0;
		down = 2.6469779601696886e-23; // 2^-75
	} else if (x < 1e-18) {
		up = 18446744073709551616.0; // 2^64
		down = 2.3283064365386963e-10; // 2^-32
	} else if (x > 1e18) {
		up = 5.421010862427522e-20; // 2^-64
		down = 4294967296.0; // 2^32
	}
	precise float y = x * up;
	precise float s = sqrt(y);
	precise vec2 p = t_two_prod(s, s);
	precise float r = s + ((y - p.x) - p.y) / (2.0 * s);
	r = r * down;
	return r;
}

// 1/sqrt(x), subnormal x as in t_sqrt: r + r·(1 − x·r²)/2 with the residual in two floats.
float t_rsqrt(float x) {
	uint u = floatBitsToUint(x);
	if (t_isnan(x)) return x;
	if ((u & 0x7fffffffu) == 0u) return t_copysign(T_INF, x);
	if (u >= 0x80000000u) return T_NAN;
	if (u == 0x7f800000u) return 0.0;
	float up = 1.0, down = 1.0;
	if (u < 0x00800000u) {
		x = float(u);
		up = 2.0;
		down = 3.7778931862957162e22; // 2^75
	} else if (x < 1e-18) {
		up = 18446744073709551616.0;
		down = 4294967296.0;
	} else if (x > 1e18) {
		up = 5.421010862427522e-20;
		down = 2.3283064365386963e-10;
	}
	precise float y = x * up;
	precise float r = inversesqrt(y);
	precise vec2 h = t_two_prod(y, r);
	precise vec2 p = t_two_prod(h.x, r);
	precise float e = ((1.0 - p.x) - p.y) - h.y * r;
	precise float c = (r + 0.5 * r * e) * down;
	return c;
}

// (e^r − 1 − r)/r² for |r| ≤ 0.348, error below 2^-28.7 of e^r − 1.
float t_exp_tail(float r) {
	precise float p = 0.000199145157;
	p = p * r + 0.00139410514;
	p = p * r + 0.0083332723;
	p = p * r + 0.041666355;
	p = p * r + 0.166666672;
	p = p * r + 0.5;
	return p;
}

// e^(x + l) = 2^n·e^r for a small l, n = round(x/log 2), r = x − n·log 2 + l.
float t_exp_two(float x, float l) {
	if (x > 88.8) return T_INF;
	if (x < -104.0) return 0.0;
	precise float n = floor(x * 1.44269502 + 0.5);
	precise float r = ((x - n * 0.693115234375) - n * 3.19461833e-05) + l;
	precise float v = 1.0 + (r + r * r * t_exp_tail(r));
	return t_scale(v, int(n));
}

// e^x.
float t_exp(float x) {
	if (t_isnan(x)) return x;
	return t_exp_two(x, 0.0);
}

// e^x − 1 = 2^n·(e^r − 1) + (2^n − 1).
float t_expm1(float x) {
	if (t_isnan(x) || abs(x) < 2.98e-8) return x;
	if (x > 60.0) return t_exp(x);
	if (x < -17.5) return -1.0;
	precise float n = floor(x * 1.44269502 + 0.5);
	precise float h = x - n * 0.693115234375;
	precise float l = n * 3.19461833e-05;
	precise float r = h - l;
	precise float c = (h - r) - l;
	precise float v = r + (r * r * t_exp_tail(r) + c);
	if (n == 0.0) return v;
	precise float t = t_pow2(int(n));
	precise float w = (t - 1.0) + t * v;
	return w;
}

// (log(1+f) − f + f²/2) for 1+f in [sqrt(1/2), sqrt(2)], error below 2^-28.1 of log(1+f).
float t_log_tail(float f) {
	precise float p = 0.0692689717;
	p = p * f - 0.117857672;
	p = p * f + 0.118652962;
	p = p * f - 0.123847671;
	p = p * f + 0.142199054;
	p = p * f - 0.16669254;
	p = p * f + 0.20002152;
	p = p * f - 0.249999866;
	p = p * f + 0.333333105;
	precise float r = f * f * (f * p);
	return r;
}

// x = m·2^e with m in [sqrt(1/2), sqrt(2)): returns (m, e), for x > 0 and finite; a subnormal x is read from
// its bits, so it counts even where arithmetic would flush it.
vec2 t_frexp(float x) {
	uint u = floatBitsToUint(x);
	int e = 0;
	if (u < 0x00800000u) {
		u = floatBitsToUint(float(u));
		e = -149;
	}
	int i = int(u - 0x3f3504f3u);
	e += i >> 23;
	return vec2(uintBitsToFloat((uint(i) & 0x007fffffu) + 0x3f3504f3u), float(e));
}

// log x = log(1+f) + e·log 2, the log 2 in two parts.
float t_log(float x) {
	uint u = floatBitsToUint(x);
	if (u == 0x7f800000u || t_isnan(x)) return x;
	if ((u & 0x7fffffffu) == 0u) return -T_INF;
	if (u >= 0x80000000u) return T_NAN;
	vec2 d = t_frexp(x);
	precise float f = d.x - 1.0;
	precise float y = (t_log_tail(f) + d.y * 3.19461833e-05) - 0.5 * (f * f);
	precise float r = (f + y) + d.y * 0.693115234375;
	return r;
}

// log(1+x): the logarithm of u = 1 + x rounded, corrected by (1 + x − u)/u.
float t_log1p(float x) {
	if (t_isnan(x) || floatBitsToUint(x) == 0x7f800000u || abs(x) < 2.98e-8) return x;
	if (x <= -1.0) return x == -1.0 ? -T_INF : T_NAN;
	precise float f = x;
	precise float e = 0.0;
	precise float c = 0.0;
	if (x < -0.2928 || x > 0.4142) {
		precise float u = 1.0 + x;
		c = x >= 1.0 ? 1.0 - (u - x) : x - (u - 1.0);
		c = c / u;
		vec2 d = t_frexp(u);
		f = d.x - 1.0;
		e = d.y;
	}
	precise float y = (t_log_tail(f) + (e * 3.19461833e-05 + c)) - 0.5 * (f * f);
	precise float r = (f + y) + e * 0.693115234375;
	return r;
}

// x + x³·P(x²) below 0.625, else 1 − 2/(e^2x + 1).
float t_tanh(float x) {
	float a = abs(x);
	if (t_isnan(x) || a < 2.44e-4) return x;
	if (a > 9.02) return t_copysign(1.0, x);
	if (a < 0.625) {
		precise float u = x * x;
		precise float p = -0.00572117371;
		p = p * u + 0.0206548292;
		p = p * u - 0.0537450314;
		p = p * u + 0.133315146;
		p = p * u - 0.333332837;
		precise float r = x + x * (u * p);
		return r;
	}
	precise float e = t_exp(2.0 * a) + 1.0;
	precise float r = 1.0 - 2.0 / e;
	return t_copysign(r, x);
}

// 1/(1 + e^−x), for negative x as e^x/(1 + e^x).
float t_sigmoid(float x) {
	if (t_isnan(x)) return x;
	float e = t_exp(-abs(x));
	precise float d = 1.0 + e;
	if (x >= 0.0) return t_div_near(1.0, d);
	if (e < 1e-30) return e;
	return t_div_near(e, d);
}

// log(1 + e^x) = max(x, 0) + log(1 + e^−|x|).
float t_softplus(float x) {
	if (t_isnan(x)) return x;
	precise float r = max(x, 0.0) + t_log1p(t_exp(-abs(x)));
	return r;
}

// e^(a²)·erfc(a) for a ≥ 0, as Q((a−4)/(a+4))/(1+2a); error of Q below 2^-24.6.
float t_erfcx(float a) {
	precise float t = t_div_near(a - 4.0, a + 4.0);
	precise float p = 0.000787444355;
	p = p * t + 0.006727295;
	p = p * t - 0.0161814671;
	p = p * t + 0.0363792703;
	p = p * t - 0.0665542707;
	p = p * t + 0.09385252;
	p = p * t - 0.100996159;
	p = p * t + 0.0680899918;
	p = p * t + 0.0153773865;
	p = p * t - 0.13962099;
	p = p * t + 1.23299515;
	precise float d = 1.0 + 2.0 * a;
	return t_div_near(p, d);
}

// e^(−a²), the square in two floats: a correction after the exponential could be flushed.
float t_exp_square(float a) {
	vec2 s = t_two_prod(a, a);
	return t_exp_two(-s.x, -s.y);
}

// x·(1 + P(x²)) below 0.9375, else 1 − e^(−x²)·erfcx(x).
float t_erf(float x) {
	float a = abs(x);
	if (t_isnan(x)) return x;
	if (a >= 3.93) return t_copysign(1.0, x);
	if (a < 1e-30) {
		precise float line = x * 1.12837917; // 2/sqrt(π); the polynomial's part could be flushed
		return line;
	}
	if (a < 0.9375) {
		precise float u = x * x;
		precise float p = 8.29280616e-05;
		p = p * u - 0.000812488783;
		p = p * u + 0.00519951712;
		p = p * u - 0.0268588178;
		p = p * u + 0.11283686;
		p = p * u - 0.376126319;
		p = p * u + 0.128379166;
		precise float r = x + x * p;
		return r;
	}
	precise float r = 1.0 - t_exp_square(a) * t_erfcx(a);
	return t_copysign(r, x);
}

// 1 − erf(x), without cancellation for positive x.
float t_erfc(float x) {
	if (t_isnan(x)) return x;
	float a = abs(x);
	if (a > 10.06) return x > 0.0 ? 0.0 : 2.0;
	if (a < 0.5) {
		precise float near = 1.0 - t_erf(x);
		return near;
	}
	precise float r = t_exp_square(a) * t_erfcx(a);
	if (x < 0.0) r = 2.0 - r;
	return r;
}

// The normal distribution's probability below x: erfc(−x/sqrt 2)/2; x²/2 is taken exactly.
float t_normal_cdf(float x) {
	if (t_isnan(x)) return x;
	float a = abs(x);
	if (a > 14.3) return x > 0.0 ? 1.0 : 0.0;
	if (a < 0.65) {
		precise float near = 0.5 + 0.5 * t_erf(x * 0.707106781);
		return near;
	}
	precise vec2 s = 0.5 * t_two_prod(a, a);
	precise float r = 0.5 * (t_exp_two(-s.x, -s.y) * t_erfcx(a * 0.707106781));
	if (x > 0.0) r = 1.0 - r;
	return r;
}

// The normal distribution's density: e^(−x²/2)/sqrt(2π).
float t_normal_pdf(float x) {
	if (t_isnan(x)) return x;
	float a = abs(x);
	if (a > 14.5) return 0.0;
	precise vec2 s = 0.5 * t_two_prod(a, a);
	precise float r = 0.398942280 * t_exp_two(-s.x, -s.y);
	return r;
}

// x·Φ(x); −inf gives NaN, as the formula does.
float t_gelu(float x) {
	precise float r = x * t_normal_cdf(x);
	return r;
}

// x/2·(1 + tanh(sqrt(2/π)·(x + 0.044715·x³))), as x·sigmoid of twice the argument, the argument in two floats.
float t_gelu_tanh(float x) {
	if (t_isnan(x)) return x;
	if (abs(x) > 20.0) {
		precise float far = x * (x > 0.0 ? 1.0 : 0.0);
		return far;
	}
	precise vec2 s = t_two_prod(x, x);
	precise vec2 g = t_two_prod(s.x, 0.0447149985);
	precise vec2 w = t_two_sum(1.0, g.x);
	precise float wl = (w.y + g.y) + (s.y * 0.0447149985 + s.x * 1.54e-9);
	precise vec2 k = t_two_prod(x, 1.59576917);
	precise vec2 z = t_two_prod(k.x, w.x);
	precise float zl = z.y + (k.x * wl + (k.y - x * 4.65e-8) * w.x);
	// sigmoid(z + zl) = e/(1 + e) or 1/(1 + e) with e = exp(−|z + zl|)
	precise float e = z.x < 0.0 ? t_exp_two(z.x, zl) : t_exp_two(-z.x, -zl);
	precise float d = 1.0 + e;
	if (z.x >= 0.0) {
		precise float p = x * t_div_near(1.0, d);
		return p;
	}
	precise float m = e < 1e-30 ? e : t_div_near(e, d);
	precise float q = x * m;
	return q;
}

// (r, r's rest, quadrant) with x = quadrant·π/2 + r + rest modulo 2π, |r| ≤ π/4, for 0 ≤ x ≤ 12000: π/2 in
// parts of 11, 11, 11 and 24 bits, so that the first three products are exact.
vec3 t_quadrant_near(float x) {
	precise float n = floor(x * 0.636619747 + 0.5);
	precise float a = x - n * 1.5703125;
	precise vec2 s = t_two_sum(a, -(n * 0.0004837512969970703));
	precise vec2 t = t_two_sum(s.x, -(n * 7.549533620476723e-08));
	precise float l = (s.y + t.y) - n * 2.5633440682570896e-12;
	precise float r = t.x + l;
	precise float rest = (t.x - r) + l;
	return vec3(r, rest, float(int(n) & 3));
}

// Binary digits of 2/π after the point, with 32 zeros before them.
const uint T_TWO_OVER_PI[9] = uint[9](0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u,
	0x3c439041u, 0xfe5163abu, 0xdebbc561u);

// The same for any finite x ≥ 12000. x = M·2^E with a whole M of 32 bits; digits of 2/π whose weight times 2^E
// is 4 or more change no quadrant, so 96 digits from there on are multiplied by M, modulo 4.
vec3 t_quadrant_far(float x) {
	uint u = floatBitsToUint(x);
	uint m = ((u & 0x7fffffu) | 0x800000u) << 8;
	uint p = (u >> 23) - 128u; // E − 2 + 32 with E = exponent − 127 − 31
	uint i = p >> 5, k = p & 31u;
	uint w0 = T_TWO_OVER_PI[i], w1 = T_TWO_OVER_PI[i + 1u], w2 = T_TWO_OVER_PI[i + 2u], w3 = T_TWO_OVER_PI[i + 3u];
	if (k > 0u) {
		w0 = (w0 << k) | (w1 >> (32u - k));
		w1 = (w1 << k) | (w2 >> (32u - k));
		w2 = (w2 << k) | (w3 >> (32u - k));
	}
	uint h1, l1, h2, l2;
	umulExtended(w1, m, h1, l1);
	umulExtended(w2, m, h2, l2);
	uint p1 = l1 + h2;
	uint p0 = w0 * m + h1 + (p1 < l1 ? 1u : 0u);
	uint q = p0 >> 30;
	uint fh = (p0 << 2) | (p1 >> 30), fl = (p1 << 2) | (l2 >> 30);
	bool minus = fh >= 0x80000000u; // beyond half a quadrant: count from the next one
	if (minus) {
		q++;
		fh = ~fh + (fl == 0u ? 1u : 0u);
		fl = ~fl + 1u;
	}
	int shift = 0;
	if (fh == 0u) {
		fh = fl;
		fl = 0u;
		shift = 32;
	}
	if (fh == 0u) return vec3(0.0, 0.0, float(q & 3u));
	int z = 31 - findMSB(fh);
	if (z > 0) {
		fh = (fh << z) | (fl >> (32 - z));
		fl = fl << z;
	}
	precise float h = float(fh >> 8) * 5.9604644775390625e-8;
	precise float l = float(((fh & 0xffu) << 16) | (fl >> 16)) * 3.5527136788005009e-15;
	precise vec2 t = t_two_prod(h, 1.57079637);
	precise float rl = t.y + (l * 1.57079637 - h * 4.37113883e-8);
	precise float r = t.x + rl;
	precise float rest = (t.x - r) + rl;
	precise float scale = t_pow2(-shift - z);
	if (minus) scale = -scale;
	r = r * scale;
	rest = rest * scale;
	return vec3(r, rest, float(q & 3u));
}

// sin(r + rest): r − r³/6 + …, rest added at first order.
float t_sin_core(float r, float rest) {
	precise float u = r * r;
	precise float p = 2.71831095e-06;
	p = p * u - 0.000198393362;
	p = p * u + 0.00833332911;
	p = p * u - 0.166666672;
	precise float v = r + (r * (u * p) + rest);
	return v;
}

// cos(r + rest): 1 − r²/2 + …, the first difference with its rounding error.
float t_cos_core(float r, float rest) {
	precise float u = r * r;
	precise float p = -2.72114676e-07;
	p = p * u + 2.47995376e-05;
	p = p * u - 0.00138888834;
	p = p * u + 0.0416666679;
	precise float h = 0.5 * u;
	precise float w = 1.0 - h;
	precise float v = w + (((1.0 - w) - h) + (u * (u * p) - r * rest));
	return v;
}

float t_sin(float x) {
	float a = abs(x);
	if (t_isnan(x) || t_isinf(x)) return T_NAN;
	if (a < 2.44e-4) return x;
	vec3 d;
	if (a < 12000.0) d = t_quadrant_near(a);
	else d = t_quadrant_far(a);
	uint q = uint(d.z);
	float v = (q & 1u) == 0u ? t_sin_core(d.x, d.y) : t_cos_core(d.x, d.y);
	return (q >= 2u) != (x < 0.0) ? -v : v;
}

float t_cos(float x) {
	float a = abs(x);
	if (t_isnan(x) || t_isinf(x)) return T_NAN;
	vec3 d;
	if (a < 12000.0) d = t_quadrant_near(a);
	else d = t_quadrant_far(a);
	uint q = uint(d.z);
	float v = (q & 1u) == 0u ? t_cos_core(d.x, d.y) : t_sin_core(d.x, d.y);
	return q == 1u || q == 2u ? -v : v;
}

// log x in two floats, for x > 0 and finite: e·log 2 + 2s + s³·P(s²) with s = f/(2+f), 2s in two floats.
vec2 t_log_two(float x) {
	vec2 d = t_frexp(x);
	precise float f = d.x - 1.0;
	precise float b = 2.0 + f;
	precise float bl = f - (b - 2.0);
	precise float s = f / b;
	precise vec2 p = t_two_prod(s, b);
	precise float sl = (((f - p.x) - p.y) - s * bl) / b;
	precise float u = s * s;
	precise float t = 0.235797286;
	t = t * u + 0.285374612;
	t = t * u + 0.400003314;
	t = t * u + 0.666666627;
	precise vec2 h = t_two_sum(d.y * 0.693115234375, 2.0 * s);
	precise float l = h.y + (d.y * 3.19461833e-05 + (2.0 * sl + s * (u * t)));
	precise float r = h.x + l;
	precise float rest = (h.x - r) + l;
	return vec2(r, rest);
}

// x^y for x > 0 and both finite: e^(y·log x), the exponent in two floats.
float t_pow_positive(float x, float y) {
	y = clamp(y, -1.0e15, 1.0e15);
	if (abs(y) < 1e-12) return 1.0;
	precise vec2 g = t_log_two(x);
	precise vec2 p = t_two_prod(y, g.x);
	precise float l = p.y + y * g.y;
	precise float t = p.x + l;
	precise float tl = (p.x - t) + l;
	return t_exp_two(t, tl);
}

// x^y as C's pow: a whole odd y keeps x's sign, a negative x under another y that is not whole gives NaN.
float t_pow(float x, float y) {
	if (y == 0.0 || x == 1.0) return 1.0;
	if (t_isnan(x) || t_isnan(y)) return T_NAN;
	float a = abs(x), b = abs(y);
	if (t_isinf(y)) {
		if (a == 1.0) return 1.0;
		return (a > 1.0) == (y > 0.0) ? T_INF : 0.0;
	}
	bool whole = b >= 16777216.0 || floor(b) == b;
	bool odd = b < 16777216.0 && whole && (int(b) & 1) == 1;
	float r;
	if ((floatBitsToUint(x) & 0x7fffffffu) == 0u) r = y > 0.0 ? 0.0 : T_INF;
	else if (t_isinf(x)) r = y > 0.0 ? T_INF : 0.0;
	else if (floatBitsToInt(x) < 0 && !whole) return T_NAN;
	else r = t_pow_positive(a, y);
	return odd ? t_copysign(r, x) : r;
}

#endif

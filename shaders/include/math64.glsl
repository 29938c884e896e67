// math64.glsl: float64 functions, for the reference precision on devices that have it: GLSL has no exp, log, pow or
// tanh of double at all. Good to a few ULP, which the conformance suite measures; division is as built in, the
// square root too but for one step of correction.
//
// Offers, with the names and special values of math.glsl
//   t_isnan t_isinf t_copysign t_exp t_expm1 t_log t_log1p t_pow t_tanh t_sigmoid t_softplus t_erf t_erfc
//   t_normal_cdf t_normal_pdf t_gelu t_div t_sqrt t_rsqrt
//
// Methods. Arguments are reduced as in Cody and Waite (1980); exp and log are their Taylor series on the
// reduced interval; (1+2a)·e^(a²)·erfc(a) is a Chebyshev series in (a−4)/(a+4), after Shepherd and Laframboise,
// "Chebyshev approximation of (1+2x)exp(x²)erfc(x)" (Mathematics of Computation 36, 1981), its coefficients
// computed in 40 digits by interpolation at 60 Chebyshev nodes.

#ifndef TUFF_MATH64_GLSL
#define TUFF_MATH64_GLSL

#define T_INF64 packDouble2x32(uvec2(0u, 0x7ff00000u))
#define T_NAN64 packDouble2x32(uvec2(0u, 0x7ff80000u))

uint t_high(double x) { return unpackDouble2x32(x).y; }

bool t_isnan(double x) {
	uvec2 u = unpackDouble2x32(x);
	uint h = u.y & 0x7fffffffu;
	return h > 0x7ff00000u || (h == 0x7ff00000u && u.x != 0u);
}

bool t_isinf(double x) {
	uvec2 u = unpackDouble2x32(x);
	return (u.y & 0x7fffffffu) == 0x7ff00000u && u.x == 0u;
}

double t_abs(double x) { return abs(x); }

double t_copysign(double x, double s) {
	double a = t_abs(x);
	return int(t_high(s)) < 0 ? -a : a;
}

double t_div(double a, double b) {
	precise double q = a / b;
	return q;
}

// 2^n for −1022 ≤ n ≤ 1023, by squaring. Not from bits: lavapipe of Mesa 26.1 overruns its stack where it compiles
// packDouble2x32 of values for vectors of 512 bits and more.
double t_pow2_64(int n) {
	precise double r = 1.0lf;
	precise double b = n < 0 ? 0.5lf : 2.0lf;
	for (uint k = uint(abs(n)); k != 0u; k >>= 1) {
		if ((k & 1u) != 0u) r = r * b;
		b = b * b;
	}
	return r;
}

// v·2^n for v near 1 and |n| ≤ 2000.
double t_scale(double v, int n) {
	int h = n >> 1;
	precise double r = (v * t_pow2_64(h)) * t_pow2_64(n - h);
	return r;
}

// One Newton step on the built-in root.
double t_sqrt(double x) {
	if (!(x > 0.0lf) || t_isinf(x)) return x == 0.0lf || x > 0.0lf || t_isnan(x) ? x : T_NAN64;
	double up = 1.0lf, down = 1.0lf;
	if (x < 1e-150lf) { // 2^200 and its root
		up = 1.606938044258990275541962092341162602522202993782792835301376e60lf;
		down = 7.888609052210118054117285652827862296732064351090230047702789306640625e-31lf;
	}
	precise double y = x * up;
	precise double s = sqrt(y);
	precise double r = s + (y - s * s) / (s + s);
	if (t_isnan(r) || t_isinf(r)) r = s;
	r = r * down;
	return r;
}

double t_rsqrt(double x) {
	if (x == 0.0lf) return t_copysign(T_INF64, x);
	precise double r = 1.0lf / t_sqrt(x);
	return r;
}

// x = m·2^e with m in [sqrt(1/2), sqrt(2)), for x > 0 and finite.
double t_frexp(double x, out int e) {
	precise double m = x;
	e = 0;
	if (t_high(x) < 0x00100000u) { // subnormal: times 2^54
		m = m * 18014398509481984.0lf;
		e = -54;
	}
	int k = int(t_high(m) >> 20) - 1023;
	m = t_scale(m, -k);
	e += k;
	if (m > 1.4142135623730951lf) {
		m = m * 0.5lf;
		e++;
	}
	return m;
}

// e^r − 1 for |r| ≤ 0.35: Σ r^k/k!, k ≤ 14.
double t_exp_series(double r) {
	precise double p = 1.147074559772972471e-11lf;
	p = p * r + 1.605904383682161460e-10lf;
	p = p * r + 2.087675698786809898e-09lf;
	p = p * r + 2.505210838544171878e-08lf;
	p = p * r + 2.755731922398589065e-07lf;
	p = p * r + 2.755731922398589065e-06lf;
	p = p * r + 2.480158730158730159e-05lf;
	p = p * r + 1.984126984126984127e-04lf;
	p = p * r + 1.388888888888888889e-03lf;
	p = p * r + 8.333333333333333333e-03lf;
	p = p * r + 4.166666666666666667e-02lf;
	p = p * r + 1.666666666666666667e-01lf;
	p = p * r + 0.5lf;
	precise double v = r + r * r * p;
	return v;
}

const double LN2_HIGH = 6.93147180369123816490e-01lf, LN2_LOW = 1.90821492927058770002e-10lf;

// e^x = 2^n·e^r, n = round(x/log 2); log 2 in two parts, the first with 21 trailing zero bits.
double t_exp(double x) {
	if (t_isnan(x)) return x;
	if (x > 709.7827128933841lf) return T_INF64;
	if (x < -745.1332191019412lf) return 0.0lf;
	precise double n = floor(x * 1.4426950408889634074lf + 0.5lf);
	precise double r = (x - n * LN2_HIGH) - n * LN2_LOW;
	precise double v = 1.0lf + t_exp_series(r);
	return t_scale(v, int(n));
}

double t_expm1(double x) {
	if (t_isnan(x) || t_abs(x) < 1e-17lf) return x;
	if (x > 50.0lf) return t_exp(x);
	if (x < -40.0lf) return -1.0lf;
	precise double n = floor(x * 1.4426950408889634074lf + 0.5lf);
	precise double r = (x - n * LN2_HIGH) - n * LN2_LOW;
	precise double v = t_exp_series(r);
	precise double t = t_pow2_64(int(n));
	precise double w = (t - 1.0lf) + t * v;
	return n == 0.0lf ? v : w;
}

// log(1+f) = 2·atanh(s), s = f/(2+f), |s| ≤ 0.172: 2s + s·Σ 2·s^2k/(2k+1), k ≤ 11; and log x = log(1+f) + e·log 2.
double t_log(double x) {
	if (t_isnan(x)) return x;
	if (x == 0.0lf) return -T_INF64;
	if (x < 0.0lf) return T_NAN64;
	if (t_isinf(x)) return x;
	int e;
	double m = t_frexp(x, e);
	precise double f = m - 1.0lf;
	precise double s = f / (2.0lf + f);
	precise double z = s * s;
	precise double p = 8.695652173913043478e-02lf;
	p = p * z + 9.523809523809523810e-02lf;
	p = p * z + 1.052631578947368421e-01lf;
	p = p * z + 1.176470588235294118e-01lf;
	p = p * z + 1.333333333333333333e-01lf;
	p = p * z + 1.538461538461538462e-01lf;
	p = p * z + 1.818181818181818182e-01lf;
	p = p * z + 2.222222222222222222e-01lf;
	p = p * z + 2.857142857142857143e-01lf;
	p = p * z + 4.000000000000000000e-01lf;
	p = p * z + 6.666666666666666667e-01lf;
	precise double h = 0.5lf * f * f;
	precise double n = double(e);
	// log(1+f) = f − (h − s·(h + z·p)): as f − s·f, with less rounding where f is small.
	precise double r = n * LN2_HIGH + (f - (h - (s * (h + z * p) + n * LN2_LOW)));
	return r;
}

// log(u)·x/(u − 1), u = 1 + x rounded: the rounding errors cancel (Kahan).
double t_log1p(double x) {
	if (t_isnan(x) || t_isinf(x) && x > 0.0lf) return x;
	if (x <= -1.0lf) return x == -1.0lf ? -T_INF64 : T_NAN64;
	precise double u = 1.0lf + x;
	precise double d = u - 1.0lf;
	if (d == 0.0lf) return x;
	precise double r = t_log(u) * (x / d);
	return r;
}

double t_tanh(double x) {
	if (t_isnan(x)) return x;
	double a = t_abs(x);
	if (a > 22.0lf) return t_copysign(1.0lf, x);
	precise double e = t_expm1(2.0lf * a);
	precise double r = e / (e + 2.0lf);
	return t_copysign(r, x);
}

double t_sigmoid(double x) {
	if (t_isnan(x)) return x;
	precise double e = t_exp(-t_abs(x));
	precise double r = (x >= 0.0lf ? 1.0lf : e) / (1.0lf + e);
	return r;
}

double t_softplus(double x) {
	if (t_isnan(x)) return x;
	precise double r = (x > 0.0lf ? x : 0.0lf) + t_log1p(t_exp(-t_abs(x)));
	return r;
}

const double T_ERFCX[26] = double[26](
	1.177483200537448699lf, -7.260796620301900478e-3lf, -8.126512323618499786e-2lf, 6.009212804122225e-2lf,
	-2.875393558027666027e-2lf, 1.059566336347286001e-2lf, -3.136927294554264238e-3lf, 0.0007456494372536184043lf,
	-0.0001369696503010054068lf, 0.00001718386160030093711lf, -7.158364623450346863e-7lf, -2.426139944244953201e-7lf,
	5.576570939570356404e-8lf, -2.105786951380949481e-9lf, -1.171788935188495685e-9lf, 1.909835517245668792e-10lf,
	1.408871764208812966e-11lf, -6.901108320480814955e-12lf, 9.167958364111293286e-14lf, 2.145450828655455299e-13lf,
	-1.471657502701062422e-14lf, -6.668675118770407924e-15lf, 7.504598509880083025e-16lf, 2.220093006666320035e-16lf,
	-3.170489895633088836e-17lf, -8.193570309884332335e-18lf);

// e^(a²)·erfc(a), a ≥ 0, by Clenshaw's recurrence.
double t_erfcx(double a) {
	precise double t = (a - 4.0lf) / (a + 4.0lf);
	precise double b0 = 0.0lf, b1 = 0.0lf;
	for (int k = 25; k > 0; k--) {
		precise double b = T_ERFCX[k] + (2.0lf * t * b0 - b1);
		b1 = b0;
		b0 = b;
	}
	precise double r = (T_ERFCX[0] + (t * b0 - b1)) / (1.0lf + 2.0lf * a);
	return r;
}

// e^(−a²) with a² in two doubles (Dekker's product).
double t_exp_square(double a, double scale) {
	precise double p = a * a;
	precise double c = 134217729.0lf * a;
	precise double h = c - (c - a);
	precise double l = a - h;
	precise double rest = ((h * h - p) + 2.0lf * h * l) + l * l;
	precise double e = t_exp(-scale * p);
	precise double r = e - e * (scale * rest);
	return r;
}

// Below 1 the series 2/√π·Σ (−1)^k·x^(2k+1)/(k!·(2k+1)), k ≤ 18, by recurrence.
double t_erf(double x) {
	if (t_isnan(x)) return x;
	double a = t_abs(x);
	if (a > 6.0lf) return t_copysign(1.0lf, x);
	if (a < 1.0lf) {
		precise double z = x * x;
		precise double sum = 0.0lf;
		precise double term = 1.0lf;
		for (int k = 1; k <= 20; k++) {
			term = -term * z / double(k);
			sum = sum + term / double(2 * k + 1);
		}
		precise double r = 1.128379167095512573896lf * (x + x * sum);
		return r;
	}
	precise double r = 1.0lf - t_exp_square(a, 1.0lf) * t_erfcx(a);
	return t_copysign(r, x);
}

double t_erfc(double x) {
	if (t_isnan(x)) return x;
	double a = t_abs(x);
	if (a > 27.3lf) return x > 0.0lf ? 0.0lf : 2.0lf;
	if (a < 0.5lf) {
		precise double near = 1.0lf - t_erf(x);
		return near;
	}
	precise double r = t_exp_square(a, 1.0lf) * t_erfcx(a);
	if (x < 0.0lf) r = 2.0lf - r;
	return r;
}

double t_normal_cdf(double x) {
	if (t_isnan(x)) return x;
	double a = t_abs(x);
	if (a > 39.0lf) return x > 0.0lf ? 1.0lf : 0.0lf;
	if (a < 0.7lf) {
		precise double near = 0.5lf + 0.5lf * t_erf(x * 0.7071067811865475244lf);
		return near;
	}
	precise double r = 0.5lf * (t_exp_square(a, 0.5lf) * t_erfcx(a * 0.7071067811865475244lf));
	if (x > 0.0lf) r = 1.0lf - r;
	return r;
}

double t_normal_pdf(double x) {
	if (t_isnan(x)) return x;
	if (t_abs(x) > 39.0lf) return 0.0lf;
	precise double r = 0.39894228040143267794lf * t_exp_square(x, 0.5lf);
	return r;
}

double t_gelu(double x) {
	precise double r = x * t_normal_cdf(x);
	return r;
}

// a + b = x + y exactly (Knuth), and a·b = x + y (Dekker), for numbers far from the limits.
dvec2 t_two_sum(double a, double b) {
	precise double s = a + b;
	precise double t = s - a;
	precise double e = (a - (s - t)) + (b - t);
	return dvec2(s, e);
}

dvec2 t_two_prod(double a, double b) {
	precise double p = a * b;
	precise double ca = 134217729.0lf * a;
	precise double cb = 134217729.0lf * b;
	precise double ah = ca - (ca - a);
	precise double bh = cb - (cb - b);
	precise double al = a - ah;
	precise double bl = b - bh;
	precise double e = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
	return dvec2(p, e);
}

// log x in two doubles, x > 0 and finite: e·log 2 + 2s + s³·P(s²), s = f/(2+f), 2s in two doubles.
dvec2 t_log_two(double x) {
	int e;
	double m = t_frexp(x, e);
	precise double f = m - 1.0lf;
	precise double b = 2.0lf + f;
	precise double bl = f - (b - 2.0lf);
	precise double s = f / b;
	precise dvec2 p = t_two_prod(s, b);
	precise double sl = (((f - p.x) - p.y) - s * bl) / b;
	// s³·(2/3 + …) is below 0.0034: two parts of 2/3, or its rounding would show.
	precise double z = s * s;
	precise double q = 8.0e-02lf;
	q = q * z + 8.695652173913043478e-02lf;
	q = q * z + 9.523809523809523810e-02lf;
	q = q * z + 1.052631578947368421e-01lf;
	q = q * z + 1.176470588235294118e-01lf;
	q = q * z + 1.333333333333333333e-01lf;
	q = q * z + 1.538461538461538462e-01lf;
	q = q * z + 1.818181818181818182e-01lf;
	q = q * z + 2.222222222222222222e-01lf;
	q = q * z + 2.857142857142857143e-01lf;
	q = q * z + 4.000000000000000000e-01lf;
	precise dvec2 zz = t_two_prod(s, s);
	precise dvec2 c = t_two_prod(s, zz.x);
	precise double cl = c.y + s * zz.y;
	precise dvec2 third = t_two_prod(c.x, 6.666666666666666297e-01lf);
	precise double tl = third.y + (cl * 6.666666666666666297e-01lf + c.x * (3.70074341541718826e-17lf + q * z));
	precise dvec2 h = t_two_sum(double(e) * LN2_HIGH, 2.0lf * s);
	precise dvec2 k = t_two_sum(h.x, third.x);
	precise double l = (k.y + h.y) + (double(e) * LN2_LOW + (2.0lf * sl + tl));
	precise double r = k.x + l;
	precise double rest = (k.x - r) + l;
	return dvec2(r, rest);
}

// x^y for x > 0 and both finite: e^(y·log x), the exponent in two doubles.
double t_pow_positive(double x, double y) {
	y = clamp(y, -1e200lf, 1e200lf);
	precise dvec2 g = t_log_two(x);
	precise double plain = y * g.x;
	if (plain > 710.0lf) return T_INF64;
	if (plain < -746.0lf) return 0.0lf;
	if (t_abs(y) < 1e-100lf || t_abs(y) > 1e100lf || t_abs(g.x) < 1e-100lf) return t_exp(plain);
	precise dvec2 p = t_two_prod(y, g.x);
	precise double l = p.y + y * g.y;
	precise double t = p.x + l;
	precise double tl = (p.x - t) + l;
	precise double n = floor(t * 1.4426950408889634074lf + 0.5lf);
	precise double r = ((t - n * LN2_HIGH) - n * LN2_LOW) + tl;
	precise double v = 1.0lf + t_exp_series(r);
	return t_scale(v, int(n));
}

// x^y as C's pow; see math.glsl.
double t_pow(double x, double y) {
	if (y == 0.0lf || x == 1.0lf) return 1.0lf;
	if (t_isnan(x) || t_isnan(y)) return T_NAN64;
	double a = t_abs(x), b = t_abs(y);
	if (t_isinf(y)) {
		if (a == 1.0lf) return 1.0lf;
		return (a > 1.0lf) == (y > 0.0lf) ? T_INF64 : 0.0lf;
	}
	bool whole = b >= 9007199254740992.0lf || floor(b) == b;
	precise double half_ = b * 0.5lf;
	bool odd = b < 9007199254740992.0lf && whole && floor(half_) != half_;
	double r;
	if (x == 0.0lf) r = y > 0.0lf ? 0.0lf : T_INF64;
	else if (t_isinf(x)) r = y > 0.0lf ? T_INF64 : 0.0lf;
	else if (x < 0.0lf && !whole) return T_NAN64;
	else r = t_pow_positive(a, y);
	return odd ? t_copysign(r, x) : r;
}

#endif

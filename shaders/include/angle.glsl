// angle.glsl: the angle of a point, for the type T that is defined before as float or double, with math.glsl or
// math64.glsl.
//
// Offers t_atan2(y, x), good to 2.5 ULP, with the special cases of C99 annex F.
//
// Method: a quotient t in [0, 1] is reduced by the nearest quarter c, atan t = atan c + atan((t−c)/(1+tc)), which
// leaves at most 1/8 for the Taylor series.

#ifndef TUFF_ANGLE_GLSL
#define TUFF_ANGLE_GLSL

// atan(k/4), π/2 and π, each in two parts.
#ifdef DT_f64
const T ANGLE_HIGH[5] = T[5](0.0lf, 0.24497866312686414lf, 0.4636476090008061lf, 0.6435011087932844lf, 0.7853981633974483lf);
const T ANGLE_LOW[5] = T[5](0.0lf, 1.0698755618734451e-17lf, 2.2698777452961687e-17lf, 1.5834785051444286e-17lf, 3.061616997868383e-17lf);
const T HALF_PI_HIGH = 1.5707963267948966lf, HALF_PI_LOW = 6.123233995736766e-17lf, PI_HIGH = 3.141592653589793lf, PI_LOW = 1.2246467991473532e-16lf;
bool t_minus(T x) { return int(t_high(x)) < 0; }
#else
const T ANGLE_HIGH[5] = T[5](0.0, 0.244978666, 0.463647604, 0.643501103, 0.785398185);
const T ANGLE_LOW[5] = T[5](0.0, -3.17867777e-09, 5.01215869e-09, 5.86893734e-09, -2.18556941e-08);
const T HALF_PI_HIGH = 1.57079637, HALF_PI_LOW = -4.37113883e-08, PI_HIGH = 3.14159274, PI_LOW = -8.74227766e-08;
bool t_minus(T x) { return floatBitsToInt(x) < 0; }
#endif

// atan t for 0 ≤ t ≤ 1.
T t_atan_near(T t) {
	int k = int(t * T(4) + T(0.5));
	precise T c = T(k) * T(0.25);
	precise T r = (t - c) / (T(1) + t * c);
	precise T u = r * r;
#ifdef DT_f64
	precise T p = 0.047619047619047616lf;
	p = p * u - 0.05263157894736842lf;
	p = p * u + 0.058823529411764705lf;
	p = p * u - 0.06666666666666667lf;
	p = p * u + 0.07692307692307693lf;
	p = p * u - 0.09090909090909091lf;
	p = p * u + 0.1111111111111111lf;
	p = p * u - 0.14285714285714285lf;
	p = p * u + 0.2lf;
	p = p * u - 0.3333333333333333lf;
#else
	precise T p = 0.111111111;
	p = p * u - 0.142857143;
	p = p * u + 0.2;
	p = p * u - 0.333333333;
#endif
	precise T v = r + r * (u * p);
	if (k == 0) return v;
	precise T a = ANGLE_HIGH[k] + (v + ANGLE_LOW[k]);
	return a;
}

// lo/hi for 0 ≤ lo ≤ hi; scaled where the quotient of what is very large or small is loose.
T t_ratio(T lo, T hi) {
	if (hi == T(0)) return T(0);
	if (t_isinf(hi)) return t_isinf(lo) ? T(1) : T(0);
	T s = T(1);
	if (hi < T(1e-15)) s = T(18446744073709551616.0);
	else if (hi > T(1e15) && lo > T(1)) s = T(5.421010862427522e-20);
	precise T a = lo * s, b = hi * s;
	if (b == T(0)) return T(0); // subnormal on a device that flushes
	return t_div(a, b);
}

T t_atan2(T y, T x) {
	if (t_isnan(x)) return x;
	if (t_isnan(y)) return y;
	T a = abs(y), b = abs(x);
	bool steep = a > b;
	precise T r = t_atan_near(steep ? t_ratio(b, a) : t_ratio(a, b));
	if (steep) r = (HALF_PI_HIGH - r) + HALF_PI_LOW;
	if (t_minus(x)) r = (PI_HIGH - r) + PI_LOW;
	return t_copysign(r, y);
}

#endif

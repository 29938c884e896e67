"""Derives the polynomials of shaders/include/math.glsl: python3 tools/minimax.py (needs mpmath).

Each is the minimax polynomial of g(u) on [a, b] under the weight w(u), found by Remez's exchange in 60 digits
and rounded to float32. Printed: name, worst weighted error after the rounding as a power of two, coefficients
from the lowest.
"""
import struct

from mpmath import cos, erf, erfc, exp, expm1, linspace, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt, tanh
import mpmath

mp.dps = 60


def f32(x):
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0])


def remez(g, w, a, b, powers):
    n = len(powers)
    xs = [(a + b) / 2 + (b - a) / 2 * cos(pi * k / n) for k in range(n, -1, -1)]
    for _ in range(8):
        m, rhs = matrix(n + 1), matrix(n + 1, 1)
        for i, x in enumerate(xs):
            for j, p in enumerate(powers):
                m[i, j] = x ** p
            m[i, n] = (-1) ** i / w(x)
            rhs[i] = g(x)
        sol = lu_solve(m, rhs)
        c = [sol[j] for j in range(n)]
        err = lambda x: w(x) * (g(x) - sum(cj * x ** p for cj, p in zip(c, powers)))
        grid = [(a + b) / 2 - (b - a) / 2 * cos(pi * k / 300) for k in range(301)]
        e = [err(x) for x in grid]
        best = []
        for x, v in zip(grid, e):  # the largest of each run of one sign
            if best and (v > 0) == (best[-1][1] > 0):
                if abs(v) > abs(best[-1][1]):
                    best[-1] = (x, v)
            else:
                best.append((x, v))
        while len(best) > n + 1:
            best.pop(0 if abs(best[0][1]) < abs(best[-1][1]) else -1)
        if len(best) < n + 1:
            break
        xs = [x for x, _ in best]
    return c


def fit(name, g, w, a, b, degree):
    done = [f32(c) for c in remez(g, w, mpf(a), mpf(b), list(range(degree + 1)))]
    worst = max(abs(w(x) * (g(x) - sum(c * x ** i for i, c in enumerate(done)))) for x in linspace(mpf(a), mpf(b), 500) if x != 0)
    print(name, "2^%.1f" % float(log(worst, 2)), " ".join("%.9g" % float(c) for c in done))


tiny = mpf(10) ** -20


def at(f, limit):  # g with its limit at 0
    return lambda x: f(x) if abs(x) > tiny else limit


def main():
    fit("exp: (e^r-1-r)/r^2", at(lambda r: (expm1(r) - r) / r**2, mpf(1) / 2), lambda r: abs(r) + mpf("0.01"), "-0.348", "0.348", 4)
    fit("exp: (e^r-1-r)/r^2", at(lambda r: (expm1(r) - r) / r**2, mpf(1) / 2), lambda r: abs(r) + mpf("0.01"), "-0.348", "0.348", 5)
    for d in (7, 8):
        fit("log: (log1p(f)-f+f^2/2)/f^3", at(lambda f: (log(1 + f) - f + f * f / 2) / f**3, mpf(1) / 3), lambda f: f * f + mpf("0.001"), "-0.2931", "0.4143", d)
    for d in (3, 4):
        fit("tanh: (tanh(x)/x-1)/u, u=x^2", at(lambda u: (tanh(sqrt(u)) / sqrt(u) - 1) / u, -mpf(1) / 3), lambda u: u + mpf("0.001"), "0", "0.3907", d)
    for d in (5, 6):
        fit("erf: erf(x)/x-1, u=x^2", at(lambda u: erf(sqrt(u)) / sqrt(u) - 1, 2 / sqrt(pi) - 1), lambda u: 1, "0", "0.88", d)
    back = lambda t: 4 * (1 + t) / (1 - t)
    for d in (9, 10):
        fit("erfcx: e^(a^2)erfc(a)(1+2a), t=(a-4)/(a+4)", lambda t: exp(back(t) ** 2) * erfc(back(t)) * (1 + 2 * back(t)), lambda t: 1, "-1", "0.46", d)
    for d in (2, 3):
        fit("sin: (sin(r)-r)/r^3, u=r^2", at(lambda u: (sin(sqrt(u)) - sqrt(u)) / sqrt(u) ** 3, -mpf(1) / 6), lambda u: u + mpf("0.001"), "0", "0.6175", d)
        fit("cos: (cos(r)-1+r^2/2)/r^4, u=r^2", at(lambda u: (cos(sqrt(u)) - 1 + u / 2) / u**2, mpf(1) / 24), lambda u: u * u + mpf("0.001"), "0", "0.6175", d)
    for d in (2, 3):
        fit("pow: (log(m)-2s)/s^3, u=s^2", at(lambda u: (log((1 + sqrt(u)) / (1 - sqrt(u))) - 2 * sqrt(u)) / sqrt(u) ** 3, mpf(2) / 3), lambda u: u + mpf("0.0001"), "0", "0.02945", d)


main()

package shaders_test

import (
	"math"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
)

// function is one function of math.glsl, in the order of OP in math_sweep.comp. Inputs are swept in [lo, hi]; the
// bound is in ULP of a normal result.
type function struct {
	name   string
	want   func(x, y float64) float64
	lo, hi float64
	bound  float64
}

var inf = math.Inf(1)

func one(f func(float64) float64) func(x, y float64) float64 {
	return func(x, _ float64) float64 { return f(x) }
}

func sigmoid(x float64) float64 {
	if x > 0 {
		return 1 / (1 + math.Exp(-x))
	}
	return math.Exp(x) / (1 + math.Exp(x))
}

func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// A function's bound is the requirement where there is one (exp, log, sin, cos: 2; expm1, log1p, tanh, sigmoid,
// softplus, erf, pow: 4) or tighter, as math.glsl states it; both gelus are bounded where the probability that
// they multiply is a normal number, sin and cos over all finite numbers.
var functions = []function{
	{"exp", one(math.Exp), -inf, inf, 1},
	{"expm1", one(math.Expm1), -inf, inf, 1.5},
	{"log", one(math.Log), -inf, inf, 0.9},
	{"log1p", one(math.Log1p), -inf, inf, 0.9},
	{"tanh", one(math.Tanh), -inf, inf, 1.5},
	{"sigmoid", one(sigmoid), -inf, inf, 2.5},
	{"softplus", one(func(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }), -inf, inf, 2},
	{"erf", one(math.Erf), -inf, inf, 1.5},
	{"erfc", one(math.Erfc), -inf, inf, 4},
	{"normal_cdf", one(normalCDF), -inf, inf, 5},
	{"normal_pdf", one(func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }), -inf, inf, 2.5},
	{"gelu", one(func(x float64) float64 { return x * normalCDF(x) }), -12.9, inf, 6},
	{"gelu_tanh", one(func(x float64) float64 {
		return x * sigmoid(2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))
	}), -9.98, inf, 6},
	{"sqrt", one(math.Sqrt), -inf, inf, 0.6},
	{"rsqrt", one(func(x float64) float64 { return 1 / math.Sqrt(x) }), -inf, inf, 0.6},
	{"sin", one(math.Sin), -inf, inf, 0.9},
	{"cos", one(math.Cos), -inf, inf, 0.9},
	{"pow", math.Pow, -inf, inf, 3.5},
	{"div", func(x, y float64) float64 { return x / y }, -1e18, 1e18, 0.6},
}

// special holds what every function must meet: zeros, infinities, NaN, the ends of the normal and subnormal
// ranges, small whole and half numbers.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 2, -2, 3, -3, 0.5, -0.5, 2.5, -2.5, 10, -10, 88.72284, -87.4, 1e4, -1e4,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), math.MaxFloat32, -math.MaxFloat32,
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 0x1p-126, -0x1p-126, 0x1p-24, -0x1p-24, 16777217, 0x1p23 + 1,
}

// points is the number of inputs of one sweep, a prime apart over all bit patterns, and again over [−16, 16].
const points = 1 << 20

func inputs(f function) (x, y []uint32) {
	seed := uint64(1)
	next := func() uint32 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return uint32(seed >> 32)
	}
	add := func(a, b float32) {
		if a >= float32(f.lo) && a <= float32(f.hi) || a != a {
			x, y = append(x, math.Float32bits(a)), append(y, math.Float32bits(b))
		}
	}
	for _, a := range special {
		for _, b := range special {
			add(a, b)
		}
	}
	for i := uint32(0); i < points; i++ {
		add(math.Float32frombits(i*4093+next()%4093), math.Float32frombits(next()))
		near := float32(i)/points*32 - 16
		add(near, float32(int32(next()))*0x1p-24)                                 // |y| < 128
		add(1+float32(int32(next()))*0x1p-34, float32(int32(next()))*0x1p-21)     // x near 1, |y| < 1024
		add(float32(next()>>8)*0x1p-18*float32(1-2*int32(i&1)), float32(i%64)-32) // |x| < 64, whole y
	}
	return x, y
}

// TestMath sweeps every function of math.glsl over more than two million points, against float64.
func TestMath(t *testing.T) {
	b := onDevice(t)
	for op, f := range functions {
		if testing.Short() && op%4 != 0 {
			continue
		}
		x, y := inputs(f)
		out := b.upload(nil, len(x))
		b.dispatch("math_sweep", (len(x)+127)/128, []uint32{128, uint32(op)},
			[]*gpu.Buffer{b.upload(x, 0), b.upload(y, 0)}, []*gpu.Buffer{out}, uint32(len(x)))
		worst, at := 0.0, 0
		wrong := 0
		for i, got := range b.download(out) {
			e, ok := ulps(f, math.Float32frombits(x[i]), math.Float32frombits(y[i]), math.Float32frombits(got))
			if !ok {
				if wrong++; wrong <= 3 {
					xi, yi := math.Float32frombits(x[i]), math.Float32frombits(y[i])
					t.Errorf("%s(%g, %g): wanted %g, got %g", f.name, xi, yi, f.want(float64(xi), float64(yi)), math.Float32frombits(got))
				}
			}
			if e > worst {
				worst, at = e, i
			}
		}
		t.Logf("%-10s %d points, worst %.3f ULP at %.9g, %.9g", f.name, len(x), worst, math.Float32frombits(x[at]), math.Float32frombits(y[at]))
		if worst > f.bound || wrong > 0 {
			t.Errorf("%s: wanted at most %g ULP and no wrong class, got %.3f at %.9g, %.9g and %d wrong", f.name, f.bound, worst,
				math.Float32frombits(x[at]), math.Float32frombits(y[at]), wrong)
		}
	}
}

// ulps returns the error of got in units of the last place of the exact result. Subnormal inputs may count as
// zeros and subnormal results may be off by two smallest steps or flushed; where the result is NaN, infinite or
// zero, got must be that, sign included.
func ulps(f function, x, y, got float32) (float64, bool) {
	const least = 0x1p-126
	flush := func(v float32) float32 {
		if math.Abs(float64(v)) < least {
			return float32(math.Copysign(0, float64(v)))
		}
		return v
	}
	e, ok := compare(f.want(float64(x), float64(y)), got)
	if !ok && (flush(x) != x || flush(y) != y) {
		return compare(f.want(float64(flush(x)), float64(flush(y))), got)
	}
	return e, ok
}

func compare(want float64, got float32) (float64, bool) {
	rounded, size := float32(want), math.Abs(want)
	switch {
	case want != want:
		return 0, got != got
	case math.IsInf(float64(rounded), 0):
		return 0, got == rounded || size < math.MaxFloat32*(1+0x1p-23) && math.Abs(float64(got)) == math.MaxFloat32
	case want == 0:
		return 0, got == 0 && math.Signbit(want) == math.Signbit(float64(got))
	case size < 0x1p-126:
		return 0, got == 0 || math.Abs(float64(got)-want) <= 2*0x1p-149
	}
	_, e := math.Frexp(want)
	err := math.Abs(float64(got)-want) / math.Ldexp(1, e-24)
	return err, err < 1000
}

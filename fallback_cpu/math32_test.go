package cpu

import (
	"math"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

// ulps is how many float32 steps got is from the exact value.
func ulps(got float32, exact float64) float64 {
	want := float32(exact)
	if float64(got) == exact || got == want || got != got && want != want {
		return 0
	}
	_, e := math.Frexp(exact)
	return math.Abs(float64(got)-exact) / math.Ldexp(1, max(e-24, -149))
}

// TestFloat32Functions measures each function against math's float64 one over
// the whole range of float32, subnormal results included.
func TestFloat32Functions(t *testing.T) {
	b := open(t, Options{})
	var x []float32
	for bits := uint64(0); bits < 1<<32; bits += 20011 {
		x = append(x, math.Float32frombits(uint32(bits)))
	}
	for _, f := range []struct {
		op    ops.Op
		exact func(float64) float64
	}{
		{"exp", math.Exp},
		{"log", math.Log},
		{"tanh", math.Tanh},
		{"sigmoid", sigmoid64},
		{"silu", func(x float64) float64 { return x * sigmoid64(x) }},
		{"gelu", func(x float64) float64 { return x * (0.5 * math.Erfc(-x/math.Sqrt2)) }},
		{"softplus", func(x float64) float64 {
			if x > 20 {
				return x
			}
			return math.Log1p(math.Exp(x))
		}},
		{"sqrt", math.Sqrt},
		{"rsqrt", func(x float64) float64 { return 1 / math.Sqrt(x) }},
	} {
		got := get[float32](t, apply(t, b, f.op, nil, [2]float64{1, 20}, put(t, b, x, len(x)))[0])
		worst, at := 0.0, float32(0)
		for i := range x {
			if u := ulps(got[i], f.exact(float64(x[i]))); u > worst || u != u {
				worst, at = u, x[i]
			}
		}
		t.Logf("%s: worst %.3f ULP at %v, of %d values", f.op, worst, at, len(x))
		if !(worst <= 0.52) { // 0.5 is the rounding itself
			t.Errorf("%s: wanted at most 0.52 ULP, got %v at %v", f.op, worst, at)
		}
	}
}

func TestFunctionEdges(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	b := open(t, Options{})
	for _, c := range []struct {
		op   ops.Op
		in   []float64
		want []float64
	}{
		{"exp", []float64{inf, -inf, nan, 0, -800, 800}, []float64{inf, 0, nan, 1, 0, inf}},
		{"log", []float64{inf, 0, -1, nan, 1}, []float64{inf, -inf, nan, nan, 0}},
		{"tanh", []float64{inf, -inf, nan, 0, 400, -400}, []float64{1, -1, nan, 0, 1, -1}},
		{"sigmoid", []float64{inf, -inf, nan, 0}, []float64{1, 0, nan, 0.5}},
		{"relu", []float64{inf, -inf, nan, -2, 3}, []float64{inf, 0, nan, 0, 3}},
		{"softplus", []float64{inf, -inf, nan}, []float64{inf, 0, nan}},
		{"reciprocal", []float64{inf, 0, 4}, []float64{0, inf, 0.25}},
	} {
		half := make([]float32, len(c.in))
		for i, v := range c.in {
			half[i] = float32(v)
		}
		k := [2]float64{1, 20}
		near(t, string(c.op)+" f64", get[float64](t, apply(t, b, c.op, nil, k, put(t, b, c.in, len(c.in)))[0]), c.want, 0)
		near(t, string(c.op)+" f32", get[float32](t, apply(t, b, c.op, nil, k, put(t, b, half, len(half)))[0]), c.want, 0)
	}
}

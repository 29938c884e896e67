package f16

import (
	"math"
	"math/big"
	"testing"
)

// format is a plain description of a binary float format, from which values
// and roundings are computed in float64, which holds them exactly.
type format struct {
	name           string
	mantissa, bias int
	from32         func(float32) uint16
	from64         func(float64) uint16
	to             func(uint16) float32
}

var formats = []format{
	{"half", 10, 15, FromFloat32, FromFloat64, ToFloat32},
	{"bfloat16", 7, 127, BFromFloat32, BFromFloat64, BToFloat32},
}

func (f format) infinity() uint16 { return uint16(0x7fff) >> f.mantissa << f.mantissa }

// value is what the bits mean.
func (f format) value(h uint16) float64 {
	m := float64(h & (1<<f.mantissa - 1))
	e := int(h&0x7fff) >> f.mantissa
	scale := math.Ldexp(1, -f.mantissa)
	v := 0.0
	switch {
	case h&0x7fff == f.infinity():
		v = math.Inf(1)
	case h&0x7fff > f.infinity():
		v = math.NaN()
	case e == 0:
		v = math.Ldexp(m*scale, 1-f.bias)
	default:
		v = math.Ldexp(1+m*scale, e-f.bias)
	}
	if h>>15 == 1 {
		v = -v
	}
	return v
}

func same(a, b float64) bool {
	return a == b && math.Signbit(a) == math.Signbit(b) || a != a && b != b
}

func TestEveryValue(t *testing.T) {
	for _, f := range formats {
		for i := range 1 << 16 {
			h := uint16(i)
			want := f.value(h)
			if got := float64(f.to(h)); !same(got, want) {
				t.Fatalf("%s %#04x: wanted %v, got %v", f.name, h, want, got)
			}
			if back := f.from32(float32(want)); want == want && back != h {
				t.Fatalf("%s %#04x: wanted it back, got %#04x", f.name, h, back)
			}
			if back := f.from64(want); want == want && back != h {
				t.Fatalf("%s %#04x: wanted it back from float64, got %#04x", f.name, h, back)
			}
		}
	}
}

// TestRounding goes through every pair of neighbours and the points around
// their middle; the middle belongs to the even one.
func TestRounding(t *testing.T) {
	for _, f := range formats {
		for h := uint16(0); h < f.infinity(); h++ {
			lo, hi := f.value(h), f.value(h+1)
			if h+1 == f.infinity() { // where the next value would be
				hi = 2*lo - f.value(h-1)
			}
			mid, even := (lo+hi)/2, h+h&1
			for _, sign := range []float64{1, -1} {
				s := uint16(0)
				if sign < 0 {
					s = 0x8000
				}
				for _, c := range []struct {
					x    float64
					want uint16
				}{
					{mid, even}, {math.Nextafter(mid, 0), h}, {math.Nextafter(mid, math.Inf(1)), h + 1},
					{(lo + mid) / 2, h}, {(mid + hi) / 2, h + 1},
				} {
					if got := f.from64(sign * c.x); got != c.want|s {
						t.Fatalf("%s from64(%v): wanted %#04x, got %#04x", f.name, sign*c.x, c.want|s, got)
					}
				}
				below, above := math.Nextafter32(float32(mid), 0), math.Nextafter32(float32(mid), float32(math.Inf(1)))
				for x, want := range map[float32]uint16{float32(mid): even, below: h, above: h + 1} {
					if got := f.from32(float32(sign) * x); got != want|s {
						t.Fatalf("%s from32(%v): wanted %#04x, got %#04x", f.name, float32(sign)*x, want|s, got)
					}
				}
			}
		}
	}
}

func TestEdges(t *testing.T) {
	for _, f := range formats {
		for _, c := range []struct {
			x    float64
			want uint16
		}{
			{math.Inf(1), f.infinity()}, {math.Inf(-1), f.infinity() | 0x8000},
			{math.MaxFloat64, f.infinity()}, {-math.MaxFloat64, f.infinity() | 0x8000},
			{math.SmallestNonzeroFloat64, 0}, {math.Copysign(0, -1), 0x8000},
		} {
			if got := f.from64(c.x); got != c.want {
				t.Errorf("%s from64(%v): wanted %#04x, got %#04x", f.name, c.x, c.want, got)
			}
			if got := f.from32(float32(c.x)); got != c.want {
				t.Errorf("%s from32(%v): wanted %#04x, got %#04x", f.name, c.x, c.want, got)
			}
		}
		for _, bits := range []uint32{0x7f800001, 0x7fc00000, 0xffffffff, 0x7f80ffff} {
			if h := f.from32(math.Float32frombits(bits)); !math.IsNaN(f.value(h)) {
				t.Errorf("%s from32(NaN %#08x): wanted NaN, got %#04x", f.name, bits, h)
			}
		}
		if h := f.from64(math.NaN()); !math.IsNaN(f.value(h)) {
			t.Errorf("%s from64(NaN): wanted NaN, got %#04x", f.name, h)
		}
	}
}

// TestAgainstBig rounds spread-out values with math/big's arithmetic, which
// knows no subnormals, so only normal results are compared.
func TestAgainstBig(t *testing.T) {
	for _, f := range formats {
		x := 1.000244140625
		for i := range 20000 {
			x *= -1.0019
			if math.Abs(x) > 60000 {
				x /= 1e9
			}
			if math.Abs(x) < math.Ldexp(1, 1-f.bias) {
				continue
			}
			want, _ := new(big.Float).SetPrec(uint(f.mantissa + 1)).SetMode(big.ToNearestEven).SetFloat64(x).Float64()
			if got := f.value(f.from64(x)); got != want {
				t.Fatalf("%s step %d, %v: wanted %v, got %v", f.name, i, x, want, got)
			}
		}
	}
}

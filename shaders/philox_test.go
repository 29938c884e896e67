package shaders_test

import (
	"math"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
)

// knownPhilox are the answers for philox4x32 with 10 rounds in Random123's kat_vectors (version 1.14): counter,
// key, result. The third counter and key are digits of π.
var knownPhilox = [][10]uint32{
	{0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
	{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
	{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
}

// philox is the reference: section 3.3 of Salmon et al. with the constants of their table.
func philox(c [4]uint32, k [2]uint32) [4]uint32 {
	for range 10 {
		a, b := uint64(c[0])*0xD2511F53, uint64(c[2])*0xCD9E8D57
		c = [4]uint32{uint32(b>>32) ^ c[1] ^ k[0], uint32(b), uint32(a>>32) ^ c[3] ^ k[1], uint32(a)}
		k[0] += 0x9E3779B9
		k[1] += 0xBB67AE85
	}
	return c
}

func TestPhilox(t *testing.T) {
	b := onDevice(t)
	var in []uint32
	var want [][4]uint32
	for _, k := range knownPhilox {
		in = append(in, k[:6]...)
		want = append(want, [4]uint32(k[6:]))
		if got := philox([4]uint32(k[:4]), [2]uint32(k[4:6])); got != [4]uint32(k[6:]) {
			t.Fatalf("reference: wanted %x, got %x", k[6:], got)
		}
	}
	for i := range uint32(100_000) {
		c, k := [4]uint32{i, ^i, i * 7919, i >> 3}, [2]uint32{i * 31, 42}
		in = append(append(in, c[:]...), k[:]...)
		want = append(want, philox(c, k))
	}
	n := len(want)
	words, floats := b.upload(nil, 4*n), b.upload(nil, 4*n)
	b.dispatch("philox_sweep", (n+63)/64, []uint32{64}, []*gpu.Buffer{b.upload(in, 0)}, []*gpu.Buffer{words, floats}, uint32(n))
	got, f := b.download(words), b.download(floats)
	var sum, square float64
	for i, w := range want {
		if [4]uint32(got[4*i:4*i+4]) != w {
			t.Fatalf("case %d: wanted %x, got %x", i, w, got[4*i:4*i+4])
		}
		checkFloats(t, w, f[4*i:4*i+4])
		z := float64(math.Float32frombits(f[4*i+2]))
		sum, square = sum+z, square+z*z
	}
	mean, variance := sum/float64(n), square/float64(n)
	if math.Abs(mean) > 0.02 || math.Abs(variance-1) > 0.03 { // six standard errors at n = 10^5
		t.Errorf("normals: wanted mean 0 and variance 1, got %g and %g", mean, variance)
	}
}

// checkFloats compares the uniforms exactly, and the normals with float64 to 1e-6 of their radius.
func checkFloats(t *testing.T, w [4]uint32, got []uint32) {
	t.Helper()
	open := float64(w[0]>>8+1) * 0x1p-24
	if a, b := math.Float32frombits(got[0]), math.Float32frombits(got[1]); float64(a) != float64(w[0]>>8)*0x1p-24 || float64(b) != open {
		t.Errorf("uniforms of %#x: got %g and %g", w[0], a, b)
	}
	r, angle := math.Sqrt(-2*math.Log(open)), 2*math.Pi*float64(w[1]>>8)*0x1p-24
	x, y := float64(math.Float32frombits(got[2])), float64(math.Float32frombits(got[3]))
	if math.Abs(x-r*math.Cos(angle)) > 1e-6*(r+1) || math.Abs(y-r*math.Sin(angle)) > 1e-6*(r+1) {
		t.Errorf("normals of %#x, %#x: wanted %g and %g, got %g and %g", w[0], w[1], r*math.Cos(angle), r*math.Sin(angle), x, y)
	}
}

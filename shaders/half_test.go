package shaders_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
)

// half16 is IEEE 754 binary16's value.
func half16(h uint32) float64 {
	e, m := int(h>>10&31), float64(h&0x3ff)
	v := math.Ldexp(1+m/1024, e-15)
	switch {
	case e == 31 && m != 0:
		return math.NaN()
	case e == 31:
		v = math.Inf(1)
	case e == 0:
		v = math.Ldexp(m, -24)
	}
	if h&0x8000 != 0 {
		v = -v
	}
	return v
}

// toHalf16 rounds to nearest, ties to even, by search among the neighbours in order.
func toHalf16(f float64) uint32 {
	if f != f {
		return 0x7e00
	}
	sign := uint32(0)
	if math.Signbit(f) {
		sign, f = 0x8000, -f
	}
	if f >= 65520 {
		return sign | 0x7c00
	}
	lo, hi := uint32(0), uint32(0x7c00)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; half16(mid) <= f {
			lo = mid
		} else {
			hi = mid
		}
	}
	below, above := f-half16(lo), math.Ldexp(1, 16)-f
	if hi < 0x7c00 {
		above = half16(hi) - f
	}
	if above < below || above == below && lo&1 == 1 {
		return sign | hi
	}
	return sign | lo
}

// TestHalf: all 65,536 halves of either kind to float32, and float32 over all exponents to halves.
func TestHalf(t *testing.T) {
	b := onDevice(t)
	var x []uint32
	for h := range uint32(1 << 16) {
		x = append(x, h|h*40503<<16)
	}
	for h := range uint32(1 << 16) { // around every float16 and half way between two
		f := float32(half16(h))
		if f == f {
			u := math.Float32bits(f)
			x = append(x, u, u+1, u-1, u+0x1000, u+0xfff, u+0x1001, u|0x8000, u|0x7fff, u+0x8001)
		}
	}
	n := len(x)
	y := b.upload(nil, 4*n)
	in := b.upload(x, 0)
	// The fault record of a stream is written and read by package gpu; a limit of n lets none happen.
	fault := b.stream.FaultAddr()
	b.dispatch("half_sweep", (n+63)/64, []uint32{64}, []*gpu.Buffer{in}, []*gpu.Buffer{y}, uint32(fault), uint32(fault>>32), uint32(n), uint32(n))
	for i, got := range b.download(y) {
		u := x[i/4]
		f, low := math.Float32frombits(u), u&0xffff
		var want uint32
		nan := false
		switch i % 4 {
		case 0:
			want, nan = toHalf16(float64(f)), f != f
			if nan {
				got &= 0x7e00
			}
		case 1:
			want, nan = (u+0x7fff+u>>16&1)>>16, f != f
			if nan {
				want, got = 0x7fc0, got&0x7fc0
			}
		case 2:
			want = math.Float32bits(float32(half16(low)))
			if half16(low) != half16(low) {
				want, got = 0x7fc00000, got&0x7f800000|0x400000
			}
		case 3:
			want = low << 16
		}
		if got != want {
			t.Fatalf("%#x, conversion %d: wanted %#x, got %#x", u, i%4, want, got)
		}
	}
}

// TestFault: the first index past the limit to come is reported, whole and once.
func TestFault(t *testing.T) {
	b := onDevice(t)
	const n, limit = 1000, 990
	fault := b.stream.FaultAddr()
	b.dispatch("half_sweep", (n+63)/64, []uint32{64}, []*gpu.Buffer{b.upload(make([]uint32, n), 0)}, []*gpu.Buffer{b.upload(nil, 4*n)},
		uint32(fault), uint32(fault>>32), n, limit)
	err := b.stream.Wait(context.Background())
	var f *gpu.Fault
	if !errors.As(err, &f) || f.Code != 1 || f.Limit != limit || f.Value > -limit || f.Value <= -n {
		t.Errorf("wanted a fault with code 1, limit %d and a value in (-%d, -%d], got %v", limit, n, limit, err)
	}
	b.must(b.stream.Wait(context.Background()))
}

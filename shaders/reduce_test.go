package shaders_test

import (
	"math"
	"testing"

	"github.com/tuff-ml/tuff/gpu"
)

var quietNaN = float32(math.NaN())

// tree is the fixed tree that reduce.glsl states: W elements, the upper half onto the lower.
func tree(v []float32, op func(a, b float32) float32) float32 {
	v = append([]float32{}, v...)
	half := 1
	for 2*half < len(v) {
		half *= 2
	}
	for s := half; s > 0; s /= 2 {
		for i := 0; i < s && i+s < len(v); i++ {
			v[i] = op(v[i], v[i+s])
		}
	}
	return v[0]
}

// goesFirst is argmax's order: NaN before all, then the larger, then the smaller index; down reverses values.
func goesFirst(v, w float32, i, j int, down bool) bool {
	if v != v || w != w {
		return v != v && (w == w || i < j)
	}
	if v == w {
		return i < j
	}
	return v > w != down
}

// TestReduce compares every reduction bit by bit with the stated tree, for workgroup sizes that are and are not
// powers of two. Run under other subgroup sizes it shows that they do not matter.
func TestReduce(t *testing.T) {
	b := onDevice(t)
	for _, size := range []int{1, 2, 3, 5, 8, 13, 31, 32, 64, 100, 127, 128} {
		const groups = 200
		seed := uint32(size)
		x := make([]uint32, groups*size)
		for i := range x {
			seed = seed*1664525 + 1013904223
			v := float32(int32(seed)) * 0x1p-20
			switch {
			case i/size%5 == 1: // equal values and both zeros
				v = float32(seed>>28%3) * float32(int32(seed>>27&2)-1)
			case i/size%5 == 2 && seed>>26 == 0:
				v = quietNaN
			}
			x[i] = math.Float32bits(v)
		}
		values, places := b.upload(nil, 5*groups), b.upload(nil, 3*groups)
		b.dispatch("reduce_sweep", groups+1, []uint32{uint32(size)}, []*gpu.Buffer{b.upload(x, 0)}, []*gpu.Buffer{values, places}, groups)
		gv, gp := b.download(values), b.download(places)
		for g := range groups {
			checkGroup(t, size, x[g*size:(g+1)*size], gv[5*g:5*g+5], gp[3*g:3*g+3])
		}
	}
}

func checkGroup(t *testing.T, size int, bits, values, places []uint32) {
	t.Helper()
	v := make([]float32, size)
	total, first, last := uint32(0), 0, 0
	for i, u := range bits {
		v[i] = math.Float32frombits(u)
		total += u
		if goesFirst(v[i], v[first], i, first, false) {
			first = i
		}
		if goesFirst(v[i], v[last], i, last, true) {
			last = i
		}
	}
	sum := tree(v, func(a, b float32) float32 { return a + b })
	high := tree(v, func(a, b float32) float32 { return float32(math.Max(float64(a), float64(b))) })
	low := tree(v, func(a, b float32) float32 { return float32(math.Min(float64(a), float64(b))) })
	for k, want := range []float32{sum, high, low, v[first], v[last]} {
		got := math.Float32frombits(values[k])
		same := math.Float32bits(want) == values[k] || want != want && got != got
		if !same {
			t.Errorf("size %d: %s: wanted %g, got %g", size, []string{"sum", "max", "min", "argmax", "argmin"}[k], want, got)
		}
	}
	if places[0] != uint32(first) || places[1] != uint32(last) || places[2] != total {
		t.Errorf("size %d: wanted argmax %d, argmin %d, sum of bits %#x, got %d, %d, %#x", size, first, last, total, places[0], places[1], places[2])
	}
}

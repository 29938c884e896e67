package optest

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/tuff-ml/tuff/ops"
)

// Gen makes element i of an input. It draws from r alone, so that a case has
// the same values on every machine.
type Gen func(r *rand.Rand, i int) float64

// seeded gives the generator of one input of a case.
func seeded(name string, input int) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), uint64(input)))
}

// normal draws from a normal distribution.
func normal(mean, std float64) Gen {
	return func(r *rand.Rand, _ int) float64 { return mean + std*r.NormFloat64() }
}

// uniform draws from [lo, hi).
func uniform(lo, hi float64) Gen {
	return func(r *rand.Rand, _ int) float64 { return lo + (hi-lo)*r.Float64() }
}

// logUniform draws positive numbers whose logarithm is uniform.
func logUniform(lo, hi float64) Gen {
	return func(r *rand.Rand, _ int) float64 {
		return math.Exp(math.Log(lo) + (math.Log(hi)-math.Log(lo))*r.Float64())
	}
}

// integers draws whole numbers from [lo, hi].
func integers(lo, hi int) Gen {
	return func(r *rand.Rand, _ int) float64 { return float64(lo + r.IntN(hi-lo+1)) }
}

// constant gives the same value everywhere.
func constant(x float64) Gen { return func(*rand.Rand, int) float64 { return x } }

// cycle repeats values in order.
func cycle(values ...float64) Gen {
	return func(_ *rand.Rand, i int) float64 { return values[i%len(values)] }
}

// crossed gives, for two inputs of n·n elements, every pair of n values: the
// first input turns fast, the second slowly.
func crossed(values []float64, slow bool) Gen {
	return func(_ *rand.Rand, i int) float64 {
		if slow {
			i /= len(values)
		}
		return values[i%len(values)]
	}
}

// awayFrom redraws values that are closer to a kink than the margin, so that
// finite differences stay on one side.
func awayFrom(g Gen, margin float64, kinks ...float64) Gen {
	return func(r *rand.Rand, i int) float64 {
		for {
			x := g(r, i)
			near := false
			for _, k := range kinks {
				near = near || math.Abs(x-k) < margin
			}
			if !near {
				return x
			}
		}
	}
}

// spread gives distinct values at least a margin apart, in random order of a
// hash: what max and maximum need for finite differences.
func spread(margin float64) Gen {
	return func(_ *rand.Rand, i int) float64 { return margin * float64((i*7919+13)%1009-504) }
}

var (
	inf = math.Inf(1)
	nan = math.NaN()
)

// specials32 are values at the edges of float32.
var specials32 = []float64{
	0, math.Copysign(0, -1), 1, -1, inf, -inf, nan, 0.5, -0.5, 2, -2,
	0x1p-126, -0x1p-126, 0x1p-149, -0x1p-149, 1e-40, 3e38, -3e38, 0x1.fffffep127,
	1 + 0x1p-23, 1 - 0x1p-24, 1e-10, -1e-10, 1e10, -1e10, 88.5, -87, 20, 20.5, -20, 0.1, -0.1, 100, -100,
}

// specials64 are values at the edges of float64.
var specials64 = []float64{
	0, math.Copysign(0, -1), 1, -1, inf, -inf, nan, 0.5, -0.5, 2, -2,
	0x1p-1022, -0x1p-1022, 0x1p-1074, 1e-310, 1.7e308, -1.7e308, 1 + 0x1p-52, 1 - 0x1p-53,
	1e-10, -1e-10, 1e10, -1e10, 709, -708, 20, 20.5, -20, 0.1, -0.1, 100, -100,
}

func specials(d ops.DType) []float64 {
	if d == ops.F64 {
		return specials64
	}
	return specials32
}

// integerEdges are values at the edges of an integer dtype.
func integerEdges(d ops.DType) []int64 {
	switch d {
	case ops.I32:
		return []int64{0, 1, -1, 2, -2, 7, -7, 1000, -1000, 46341, math.MaxInt32, math.MinInt32, math.MaxInt32 - 1, math.MinInt32 + 1}
	case ops.I64:
		return []int64{0, 1, -1, 2, -2, 7, -7, 1 << 31, -1 << 31, 1 << 40, 1<<53 + 1, math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
	case ops.U8:
		return []int64{0, 1, 2, 127, 128, 200, 254, 255}
	}
	return []int64{0, 1}
}

// anyValue is a generator for a dtype when the op only moves or compares.
func anyValue(d ops.DType) Gen {
	switch d {
	case ops.U8:
		return integers(0, 255)
	case ops.Bool:
		return integers(0, 1)
	case ops.I32, ops.I64:
		return integers(-1000000, 1000000)
	}
	return normal(0, 3)
}

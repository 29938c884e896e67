package cpu

import (
	"math"

	"github.com/tuff-ml/tuff/internal/philox"
	"github.com/tuff-ml/tuff/ops"
)

func init() {
	Register("uniform", Kernel{Plan: planUniform})
	Register("normal", Kernel{Plan: planNormal})
	Register("bernoulli", Kernel{Plan: planBernoulli})
}

// generator is a generator's state: see the layout in ops/random.go.
type generator struct{ seed, counter int64 }

func generatorOf(v *ops.View) generator {
	s := Data[int64](v)
	return generator{s[0], s[1]}
}

// words calls f with the words of elements lo … hi−1; f takes up to four
// elements, which are words[from:to] of a block, the first being number i.
func (g generator) words(lo, hi int, f func(i int, words *[4]uint32, from, to int)) {
	for i := lo; i < hi; {
		from := i % 4
		to := min(4, from+hi-i)
		w := philox.At(g.seed, g.counter, int64(i/4))
		f(i, &w, from, to)
		i += to - from
	}
}

// unit is u = (w>>8)·2⁻²⁴ in [0, 1).
func unit(w uint32) float64 { return float64(w>>8) * 0x1p-24 }

func planUniform(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	n := c.Out[0].Len()
	switch c.Out[0].DType {
	case ops.F32:
		return parallelRun(n, mathGrain, uniform[float32])
	case ops.F64:
		return parallelRun(n, mathGrain, uniform[float64])
	}
	return unsupported(c.Out[0].DType)
}

// uniform is c₀ + (c₁−c₀)·u, and the value before c₁ where rounding to T would
// reach c₁.
func uniform[T float](c *ops.Call, lo, hi int) {
	z, from, to := Data[T](&c.Out[0]), rounded[T](c.Const[0]), rounded[T](c.Const[1])
	generatorOf(&c.In[0]).words(lo, hi, func(i int, words *[4]uint32, a, b int) {
		for _, w := range words[a:b] {
			v := T(from + (to-from)*unit(w))
			if v >= T(to) && from < to {
				v = before(T(to))
			}
			z[i] = v
			i++
		}
	})
}

// before is the next smaller value.
func before[T float](x T) T {
	var t T
	if _, ok := any(t).(float32); ok {
		return T(math.Nextafter32(float32(x), float32(math.Inf(-1))))
	}
	return T(math.Nextafter(float64(x), math.Inf(-1)))
}

func planNormal(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	n := c.Out[0].Len()
	switch c.Out[0].DType {
	case ops.F32:
		return parallelRun(n, mathGrain, normal[float32])
	case ops.F64:
		return parallelRun(n, mathGrain, normal[float64])
	}
	return unsupported(c.Out[0].DType)
}

// normal makes values two by two; where a piece starts or ends within a pair,
// half of it is thrown away.
func normal[T float](c *ops.Call, lo, hi int) {
	z, mean, std := Data[T](&c.Out[0]), rounded[T](c.Const[0]), rounded[T](c.Const[1])
	generatorOf(&c.In[0]).words(lo, hi, func(i int, words *[4]uint32, from, to int) {
		var v [4]float64
		v[0], v[1] = boxMuller(words[0], words[1])
		v[2], v[3] = boxMuller(words[2], words[3])
		for _, x := range v[from:to] {
			z[i] = T(mean + std*x)
			i++
		}
	})
}

// boxMuller makes two standard normal values from two words (Box and Muller
// 1958).
func boxMuller(w0, w1 uint32) (x, y float64) {
	r := math.Sqrt(-2 * math.Log(unit(w0)+0x1p-24))
	sin, cos := math.Sincos(2 * math.Pi * unit(w1))
	return r * cos, r * sin
}

func planBernoulli(c *ops.Call) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	n := c.Out[0].Len()
	switch c.Out[0].DType {
	case ops.F32:
		return parallelRun(n, mathGrain, bernoulli[float32])
	case ops.F64:
		return parallelRun(n, mathGrain, bernoulli[float64])
	case ops.Bool:
		return parallelRun(n, mathGrain, bernoulli[uint8])
	}
	return unsupported(c.Out[0].DType)
}

// bernoulli compares u, which has 24 bits, with c₀ in float64, exactly.
func bernoulli[T scalar](c *ops.Call, lo, hi int) {
	z, p := Data[T](&c.Out[0]), c.Const[0]
	generatorOf(&c.In[0]).words(lo, hi, func(i int, words *[4]uint32, from, to int) {
		for _, w := range words[from:to] {
			z[i] = T(truth(unit(w) < p))
			i++
		}
	})
}

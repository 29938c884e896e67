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

// words sets w to the words of elements first, first+1, …
func (g generator) words(w []uint32, first int) {
	for i := 0; i < len(w); {
		block := philox.At(g.seed, g.counter, int64((first+i)/4))
		i += copy(w[i:], block[(first+i)%4:])
	}
}

// wordBlock is how many words are drawn at a time.
const wordBlock = 256

// unit is u = (w>>8)·2⁻²⁴ in [0, 1).
func unit(w uint32) float64 { return float64(w>>8) * 0x1p-24 }

// planDraw is one parallel loop over the output, in its dtype.
func planDraw(c *ops.Call, f32, f64 Body) (Run, int, error) {
	if err := wantDense(c.In); err != nil {
		return nil, 0, err
	}
	n := c.Out[0].Len()
	switch c.Out[0].DType {
	case ops.F32:
		return parallelRun(n, mathGrain, f32)
	case ops.F64:
		return parallelRun(n, mathGrain, f64)
	}
	return unsupported(c.Out[0].DType)
}

func planUniform(c *ops.Call) (Run, int, error) {
	return planDraw(c, uniform[float32], uniform[float64])
}

// uniform is c₀ + (c₁−c₀)·u, and the value before c₁ where rounding to T would
// reach c₁.
func uniform[T float](c *ops.Call, lo, hi int) {
	z, from, to := Data[T](&c.Out[0]), rounded[T](c.Const[0]), rounded[T](c.Const[1])
	g := generatorOf(&c.In[0])
	var buf [wordBlock]uint32
	for ; lo < hi; lo += wordBlock {
		words := buf[:min(wordBlock, hi-lo)]
		g.words(words, lo)
		for i, w := range words {
			v := T(from + (to-from)*unit(w))
			if v >= T(to) && from < to {
				v = before(T(to))
			}
			z[lo+i] = v
		}
	}
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
	return planDraw(c, normal[float32], normal[float64])
}

// normal makes values two by two; where a piece starts or ends within a pair,
// half of it is thrown away.
func normal[T float](c *ops.Call, lo, hi int) {
	z, mean, std := Data[T](&c.Out[0]), rounded[T](c.Const[0]), rounded[T](c.Const[1])
	g := generatorOf(&c.In[0])
	var buf [wordBlock]uint32
	for first := lo &^ 1; first < hi; first += wordBlock {
		words := buf[:min(wordBlock, (hi-first+1)&^1)]
		g.words(words, first)
		for k := 0; k+1 < len(words); k += 2 {
			x, y := boxMuller(words[k], words[k+1])
			if i := first + k; i >= lo {
				z[i] = T(mean + std*x)
			}
			if i := first + k + 1; i < hi {
				z[i] = T(mean + std*y)
			}
		}
	}
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
	g := generatorOf(&c.In[0])
	var buf [wordBlock]uint32
	for ; lo < hi; lo += wordBlock {
		words := buf[:min(wordBlock, hi-lo)]
		g.words(words, lo)
		for i, w := range words {
			z[lo+i] = T(truth(unit(w) < p))
		}
	}
}

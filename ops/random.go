package ops

import "fmt"

// Random ops draw from Philox4x32-10 (Salmon et al. 2011), counter based, so
// that every backend draws the same stream. A generator's state is i64[2]:
// seed and counter. rand_reserve advances the counter by a number of blocks
// and returns the old state, from which the drawing op (and its gradient)
// works. Block b of a state (seed, counter) is Philox with
//
//	key = (low, high) 32 bits of seed
//	counter = (low, high) 32 bits of counter+b, then 0, 0
//
// and yields four words. Element i uses word i%4 of block i/4. A word w gives
// u = (w>>8)·2⁻²⁴ in [0, 1). normal makes two values from two words (w0, w1
// and w2, w3) by Box and Muller: r = √(−2 ln(((w0>>8)+1)·2⁻²⁴)),
// θ = 2π·(w1>>8)·2⁻²⁴, values r·cos θ and r·sin θ.
var uniformDef, normalDef, bernoulliDef *Def

func init() {
	uniformDef = random("uniform", "y = c₀ + (c₁ − c₀)·u", isF32F64)
	normalDef = random("normal", "y = c₀ + c₁·n, n standard normal", isF32F64)
	bernoulliDef = random("bernoulli", "y = 1 where u < c₀, else 0", func(d DType) bool { return isF32F64(d) || d == Bool })
}

func isF32F64(d DType) bool { return d == F32 || d == F64 }

func wantState(s Spec) error {
	if s != NewSpec(I64, 2) {
		return fmt.Errorf("wanted a generator state i64[2], got %v", s)
	}
	return nil
}

func random(op Op, doc string, allowed func(DType) bool) *Def {
	infer := inferCreate(1, allowed)
	return Register(Def{
		Op: op, Kind: Random, Stem: "random", Doc: doc,
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if len(in) == 1 {
				if err := wantState(in[0]); err != nil {
					return nil, err
				}
			}
			return infer(out, in, attr)
		},
	})
}

func draw(s *Scope, d *Def, dt DType, c [2]float64, shape []int) *Tensor {
	spec := NewSpec(dt, shape...)
	if checked, err := checkedSpec(spec); err != nil {
		failErr(d.Op, nil, err)
	} else if checked.Len() == 0 {
		return Zeros(s, dt, shape...)
	}
	return applyIn(s, d, createAttr(spec), c, reserve(s, d.Op, spec.Len()))
}

// Uniform draws from [lo, hi) with the scope's generator. dtypes: f32, f64
// (with 24 random bits in either).
func Uniform(s *Scope, d DType, lo, hi float64, shape ...int) *Tensor {
	return draw(s, uniformDef, d, [2]float64{lo, hi}, shape)
}

// Normal draws from the normal distribution with the scope's generator.
// dtypes: f32, f64.
func Normal(s *Scope, d DType, mean, std float64, shape ...int) *Tensor {
	return draw(s, normalDef, d, [2]float64{mean, std}, shape)
}

// Bernoulli draws 1 with probability p, else 0. dtypes: f32, f64, bool.
func Bernoulli(s *Scope, d DType, p float64, shape ...int) *Tensor {
	if !(p >= 0 && p <= 1) {
		fail("bernoulli", nil, "wanted a probability in [0, 1], got %v", p)
	}
	return draw(s, bernoulliDef, d, [2]float64{p}, shape)
}

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

// ReserveAttr is the number of blocks that rand_reserve sets aside.
type ReserveAttr struct{ Blocks int64 }

var randReserveDef, uniformDef, normalDef, bernoulliDef *Def

func init() {
	randReserveDef = Register(Def{
		Op: "rand_reserve", Kind: Update, Doc: "y = state; then counter += blocks",
		Alias: func(_ any, out int) int { return out - 1 }, // output 1 is the state
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			if _, ok := attr.(ReserveAttr); !ok {
				return nil, fmt.Errorf("wanted a ReserveAttr, got %T", attr)
			}
			if err := wantState(in[0]); err != nil {
				return nil, err
			}
			return append(out, in[0], in[0]), nil
		},
	})
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

// reserve takes blocks from the scope's generator for n elements.
func reserve(s *Scope, op Op, n int) *Tensor {
	if s == nil {
		fail(op, nil, "wanted a scope, got nil")
	}
	if s.rng == nil {
		fail(op, nil, "wanted a generator: open the scope with ops.Train(rng) or ops.Infer(rng)")
	}
	return applyN(s, randReserveDef, ReserveAttr{int64(n+3) / 4}, noConst, s.rng.state)[0]
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

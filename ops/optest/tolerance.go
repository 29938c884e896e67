package optest

import (
	"fmt"
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// Class is how exact an op can be expected to be. With the dtype it gives the
// tolerance.
type Class uint8

// The classes.
const (
	// Exact: moved elements, integers, comparisons, random words, and the one
	// correctly rounded operation of neg, abs, add, sub and mul.
	Exact Class = iota
	// Quotient: div, sqrt, reciprocal, rsqrt. Vulkan allows 2.5 to 3 ULP.
	Quotient
	// Elementary: one function such as exp, log or tanh.
	Elementary
	// Product: a few roundings in a row, such as an activation's gradient.
	Product
	// Powered: xʸ, whose rounding errors grow with y·ln x.
	Powered
	// Summed: sums and what is made of them, relative to Σ|terms|.
	Summed
	// Drawn: normals, relative to their radius: 2π·u has an absolute error.
	Drawn
	// Stepped: one step of an optimizer.
	Stepped
	// Gradient: a chain of ops, relative to the root mean square.
	Gradient
)

// Tol bounds an error against the correctly rounded reference: the worst
// element's, in units in the last place, and the normalised mean square error
// Σ(got − want)² / Σ want² of the whole result.
type Tol struct{ ULP, NMSE float64 }

// tolerances is the only table of tolerances. Half types are storage: what
// comes out of them is rounded once, so they need no table of their own beyond
// exactness.
var tolerances = [...]struct{ f32, f64 Tol }{
	Exact:      {Tol{0, 0}, Tol{0, 0}},
	Quotient:   {Tol{3, 1e-13}, Tol{3, 1e-30}},
	Elementary: {Tol{4, 1e-13}, Tol{4, 1e-30}},
	Product:    {Tol{12, 1e-12}, Tol{12, 1e-29}},
	Powered:    {Tol{16, 1e-12}, Tol{16, 1e-28}},
	Summed:     {Tol{8, 1e-12}, Tol{16, 1e-28}},
	Drawn:      {Tol{16, 1e-12}, Tol{1 << 32, 1e-12}}, // f64 normals may be made from f32 words and angles
	Stepped:    {Tol{8, 1e-12}, Tol{16, 1e-28}},
	Gradient:   {Tol{64, 1e-11}, Tol{256, 1e-26}},
}

// Tolerance gives the bound for a class and dtype.
func Tolerance(c Class, d ops.DType) Tol {
	if d == ops.F64 {
		return tolerances[c].f64
	}
	if d == ops.F32 {
		return tolerances[c].f32
	}
	return Tol{}
}

// times widens a bound.
func (t Tol) times(k float64) Tol { return Tol{t.ULP * k, t.NMSE * k * k} }

// leave is what a comparison lets pass besides rounding.
type leave struct {
	anyZero bool // either sign of a zero
	flush   bool // zero in place of a subnormal result
}

// errorOf is what compare found.
type errorOf struct {
	ULP, NMSE float64
	First     int // of the elements out of tolerance; −1: none
	Bad       int
}

// compare measures got against want. alt, where given, holds a second accepted
// value for each element: the result on a device that flushes subnormal
// numbers to zero.
func compare(got, want Array, alt *Array, tol Tol, l leave) errorOf {
	e := errorOf{First: -1}
	if want.I != nil {
		for i, w := range want.I {
			if got.I[i] != w && (alt == nil || got.I[i] != alt.I[i]) {
				e.fail(i, inf)
			}
		}
		return e
	}
	var num, den float64
	for i, w := range want.F {
		g, scale := got.F[i], 0.0
		if want.Scale != nil {
			scale = want.Scale[i]
		}
		u := elementError(want.DType, g, w, scale, l)
		if u > tol.ULP && alt != nil {
			if v := elementError(want.DType, g, alt.F[i], scale, l); v < u {
				u, w = v, alt.F[i]
			}
		}
		if !(u <= tol.ULP) {
			e.fail(i, u)
		}
		e.ULP = max(e.ULP, u)
		if w = Round(want.DType, w); finite(w) && finite(g) {
			if u > 0 { // what was let pass is no error
				num += square(g - w)
			}
			den += square(max(math.Abs(w), scale))
		}
	}
	if num > 0 && den > 0 && finite(num) && finite(den) {
		e.NMSE = num / den
	}
	return e
}

func (e *errorOf) fail(i int, ulp float64) {
	if e.Bad == 0 {
		e.First = i
	}
	e.Bad++
	e.ULP = max(e.ULP, ulp)
}

// elementError counts the units in the last place between got and the
// correctly rounded want; infinite where a NaN, an infinity or the sign of a
// zero is wrong.
func elementError(d ops.DType, got, want, scale float64, l leave) float64 {
	want = Round(d, want)
	switch {
	case math.IsNaN(want) || math.IsNaN(got):
		if math.IsNaN(want) && math.IsNaN(got) {
			return 0
		}
		return inf
	case math.IsInf(want, 0) || math.IsInf(got, 0):
		if want == got {
			return 0
		}
		return inf
	case want == 0 && got == 0:
		if !l.anyZero && math.Signbit(want) != math.Signbit(got) {
			return inf
		}
		return 0
	case want == got:
		return 0
	case l.flush && d.Size() >= 4 && math.Abs(want) <= smallestNormal(d) && math.Abs(got) <= smallestNormal(d): // it may be flushed before it is rounded
		return 0
	}
	return math.Abs(got-want) / ulp(d, max(math.Abs(want), scale))
}

func finite(x float64) bool    { return !math.IsNaN(x) && !math.IsInf(x, 0) }
func square(x float64) float64 { return x * x }

// index turns a flat position into one per dimension.
func index(s ops.Spec, i int) []int {
	at := make([]int, s.Rank)
	for k := s.Rank - 1; k >= 0; k-- {
		at[k] = i % s.Shape[k]
		i /= s.Shape[k]
	}
	return at
}

// verdict words the outcome of a comparison; nil when it is within tol.
func (e errorOf) verdict(what string, got, want Array, tol Tol) error {
	switch {
	case e.Bad > 0:
		i := e.First
		return fmt.Errorf("%s %v: %d of %d elements differ by more than %g ULP (worst %.3g); first at %v: got %v, wanted %v",
			what, want.Spec, e.Bad, want.Len(), tol.ULP, e.ULP, index(want.Spec, i), got.show(i), want.show(i))
	case !(e.NMSE <= tol.NMSE):
		return fmt.Errorf("%s %v: wanted a normalised mean square error of at most %.3g, got %.3g", what, want.Spec, tol.NMSE, e.NMSE)
	}
	return nil
}

func (a *Array) show(i int) string {
	if a.F != nil {
		return fmt.Sprint(Round(a.DType, a.F[i]))
	}
	return fmt.Sprint(a.I[i])
}

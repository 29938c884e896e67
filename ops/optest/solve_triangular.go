package optest

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/tuff-ml/tuff/ops"
)

// solveTriangularRef is substitution with compensated sums. Errors are relative
// to the same substitution with the sizes of all numbers, which nothing
// cancels: |x| ≤ M(A)⁻¹·|b| (Higham 2002, "Accuracy and stability of numerical
// algorithms", section 8.2).
func solveTriangularRef(c *Case, in []Array, out []ops.Spec) []Array {
	t, a, b, x := c.Attr.(ops.TriangularAttr), in[0], in[1], NewArray(out[0])
	d, n := x.Shape[x.Rank-2], x.Shape[x.Rank-1]
	x.Scale = make([]float64, x.Len())
	for m := 0; d*n > 0 && m < x.Len()/(d*n); m++ {
		at := func(i, k int) float64 {
			if t.Transpose {
				i, k = k, i
			}
			return a.F[(m*d+i)*d+k]
		}
		for j := range n {
			for s := range d {
				i := s
				if t.Upper != t.Transpose {
					i = d - 1 - s
				}
				o := (m*d+i)*n + j
				var sum compensated
				sum.add(b.F[o])
				size := math.Abs(b.F[o])
				for p := range s {
					k := p
					if t.Upper != t.Transpose {
						k = d - 1 - p
					}
					sum.add(-at(i, k) * x.F[(m*d+k)*n+j])
					size += math.Abs(at(i, k)) * x.Scale[(m*d+k)*n+j]
				}
				pivot := 1.0
				if !t.Unit {
					pivot = at(i, i)
				}
				x.F[o], x.Scale[o] = sum.value()/pivot, size/math.Abs(pivot)
			}
		}
	}
	for i, s := range x.Scale {
		if !finite(s) {
			x.Scale[i] = 0
		}
	}
	return []Array{x}
}

// shown generates what lies in memory so that the input that is seen, of that
// shape and layout, has f(k) as its element k.
func shown(l Layout, shape []int, f func(k int) float64) Gen {
	base, steps := l.build(shape)
	spec := ops.NewSpec(ops.F64, base...)
	memory := make([]float64, spec.Len())
	_, idx := places(base, steps)
	for k, at := range idx {
		memory[at] = f(k)
	}
	return func(_ *rand.Rand, i int) float64 { return memory[i] }
}

// drawn is a generator for numbers that depend on a name alone.
func drawn(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

// triangleValues makes matrices [batch…, d, d]: 1 to 2 on the diagonal, of
// either sign, numbers of size 1/√d in the triangle and other in the rest.
func triangleValues(l Layout, shape []int, t ops.TriangularAttr, other float64) Gen {
	d := shape[len(shape)-1]
	r := drawn(dims(shape))
	return shown(l, shape, func(k int) float64 {
		i, j := k/d%d, k%d
		switch {
		case i == j && t.Unit:
			return other
		case i == j:
			return math.Copysign(1+r.Float64(), r.Float64()-0.5)
		case (j > i) == t.Upper:
			return r.NormFloat64() / math.Sqrt(float64(d))
		}
		return other
	})
}

func init() {
	add := func(d ops.DType, t ops.TriangularAttr, la, lb Layout, other float64, grad GradMode, shape []int, n int) {
		right := append(append([]int(nil), shape[:len(shape)-1]...), n)
		pairs := []any{"shape", dims(shape) + "," + dims(right), "view", la.Name + "," + lb.Name, "dtype", d,
			"upper", t.Upper, "unit", t.Unit, "transpose", t.Transpose, "other", other}
		if grad != NoGrad {
			pairs = append(pairs, "grad", grad)
		}
		Add(Case{Name: name("solve_triangular", pairs...), Op: "solve_triangular", Attr: t, Ref: solveTriangularRef, Class: Summed, AnyZero: true,
			Grad: grad, In: []Input{input(d, la, triangleValues(la, shape, t, other), shape...), input(d, lb, normal(0, 1), right...)}})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		for k := range 8 {
			t := ops.TriangularAttr{Upper: k&1 > 0, Unit: k&2 > 0, Transpose: k&4 > 0}
			add(d, t, dense, dense, nan, NoGrad, []int{13, 13}, 5)
			add(d, t, dense, dense, nan, NoGrad, []int{3, 65, 65}, 19)
			add(d, t, dense, dense, 0.5, GradFD, []int{2, 4, 4}, 3)
		}
		t := ops.TriangularAttr{Transpose: true}
		add(d, t, dense, dense, 0.25, GradSecond, []int{3, 3}, 2)
		add(d, ops.TriangularAttr{Upper: true}, dense, dense, 0.25, GradDevice, []int{2, 65, 65}, 17)
		add(d, t, transposed, stepped, 0.25, GradFD, []int{4, 4}, 3)
	}
	for _, k := range []struct {
		shape []int
		n     int
	}{
		{[]int{0, 0}, 3}, {[]int{4, 4}, 0}, {[]int{0, 5, 5}, 2}, {[]int{1, 1}, 1}, {[]int{2, 2}, 1}, {[]int{1, 1}, 300}, {[]int{17, 17}, 16}, {[]int{127, 127}, 1},
		{[]int{256, 256}, 33}, {[]int{257, 257}, 17}, {[]int{300, 300}, 2}, {[]int{70, 3, 3}, 4}, {[]int{2, 1, 3, 2, 9, 9}, 2}, {[]int{1000, 5, 5}, 1}, {[]int{40, 40}, 200},
		{[]int{1100, 1100}, 9},
	} {
		add(ops.F32, ops.TriangularAttr{}, dense, dense, nan, NoGrad, k.shape, k.n)
	}
	for _, l := range []Layout{transposed, stepped, padded, offset, broadcastFirst, steppedTransposed} {
		add(ops.F32, ops.TriangularAttr{Upper: true}, l, dense, nan, NoGrad, []int{3, 33, 33}, 10)
		add(ops.F32, ops.TriangularAttr{}, dense, l, nan, NoGrad, []int{3, 33, 33}, 10)
	}
	// A zero on the diagonal: infinities and NaN spread to what comes after.
	Add(Case{Name: name("solve_triangular", "shape", "3x3,3x2", "dtype", ops.F32, "values", "singular"), Op: "solve_triangular",
		Attr: ops.TriangularAttr{}, Ref: solveTriangularRef, Class: Summed, AnyZero: true,
		In: []Input{input(ops.F32, dense, cycle(2, 0, 0, 1, 0, 0, 0, 1, 1), 3, 3), input(ops.F32, dense, cycle(2, 4, 1, 7, 3, 5), 3, 2)}})
}

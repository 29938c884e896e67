package optest

import (
	"math"

	"github.com/tuff-ml/tuff/ops"
)

// choleskyLine factors the symmetric part of a [d, d] with compensated sums.
// That the whole matrix counts makes its gradient symmetric, as the op's is.
func choleskyLine(a []float64, d int, l []float64) {
	for i := range d {
		for j := range i + 1 {
			var sum compensated
			sum.add(a[i*d+j] / 2)
			sum.add(a[j*d+i] / 2)
			for k := range j {
				sum.add(-l[i*d+k] * l[j*d+k])
			}
			if i > j {
				l[i*d+j] = sum.value() / l[j*d+j]
				continue
			}
			if !(sum.value() > 0) {
				for r := i; r < d; r++ {
					for c := range r + 1 {
						l[r*d+c] = nan
					}
				}
				return
			}
			l[i*d+i] = math.Sqrt(sum.value())
		}
	}
}

// choleskyRef is the factor; the errors of a row are relative to its norm,
// which is the root of the diagonal's element.
func choleskyRef(_ *Case, in []Array, out []ops.Spec) []Array {
	a, l := in[0], NewArray(out[0])
	d := a.Shape[a.Rank-1]
	for m := 0; m < a.Len(); m += d * d {
		choleskyLine(a.F[m:m+d*d], d, l.F[m:m+d*d])
	}
	return []Array{l.withScale(func(i int) float64 {
		if i%d > i/d%d || math.IsNaN(l.F[i]) {
			return 0
		}
		m, row := i/(d*d)*d*d, i/d%d
		return math.Sqrt(a.F[m+row*(d+1)])
	})}
}

// choleskyLower is choleskyRef for matrices of which the upper triangle is not
// to be read.
func choleskyLower(c *Case, in []Array, out []ops.Spec) []Array {
	a := in[0].clone()
	d := a.Shape[a.Rank-1]
	for i := range a.F {
		m, row, column := i/(d*d)*d*d, i/d%d, i%d
		if column > row {
			a.F[i] = a.F[m+column*d+row]
		}
	}
	return choleskyRef(c, []Array{a}, out)
}

// choleskySolveRef is both substitutions, each column's errors relative to the
// largest size that solveTriangularRef gives in it.
func choleskySolveRef(_ *Case, in []Array, out []ops.Spec) []Array {
	lower := solveTriangularRef(&Case{Attr: ops.TriangularAttr{}}, in, out)[0]
	sizes := []Array{in[0], {Spec: lower.Spec, F: lower.Scale}}
	upper := &Case{Attr: ops.TriangularAttr{Transpose: true}}
	size := solveTriangularRef(upper, sizes, out)[0].Scale
	x := solveTriangularRef(upper, []Array{in[0], lower}, out)[0]
	return []Array{x.withScale(func(i int) float64 { return size[i] })}
}

// inverseSPDRef solves for the columns of the identity. Errors are relative to
// the norm of the inverse, as large as the matrix's condition of at most 10
// makes them.
func inverseSPDRef(c *Case, in []Array, out []ops.Spec) []Array {
	l := choleskyRef(c, in, out)[0]
	d := l.Shape[l.Rank-1]
	one := floats(l.Spec, func(i int) float64 { return step(i%d == i/d%d) })
	x := choleskySolveRef(c, []Array{l, one}, out)[0]
	norm := x.rootMeanSquare().Scale
	return []Array{x.withScale(func(i int) float64 { return math.Sqrt(float64(d)) * norm[i] })}
}

// logDetSPDRef sums logarithms; errors are relative to Σ|log| + d.
func logDetSPDRef(c *Case, in []Array, out []ops.Spec) []Array {
	l, y := choleskyRef(c, in, []ops.Spec{in[0].Spec})[0], NewArray(out[0])
	d := l.Shape[l.Rank-1]
	y.Scale = make([]float64, y.Len())
	for m := range y.F {
		for i := range d {
			v := 2 * math.Log(l.F[m*d*d+i*(d+1)])
			y.F[m] += v
			y.Scale[m] += math.Abs(v) + 1
		}
		if !finite(y.F[m]) {
			y.Scale[m] = 0
		}
	}
	return []Array{y}
}

// definite makes symmetric positive definite matrices [batch…, d, d], whose
// eigenvalues lie between 0.5 and about 5: M·Mᵀ/d + 1/2.
func definite(l Layout, shape []int) Gen {
	d := shape[len(shape)-1]
	n := 1
	for _, k := range shape {
		n *= k
	}
	r, out := drawn(dims(shape)), make([]float64, n)
	m := make([]float64, d*d)
	for first := 0; first < n; first += d * d {
		for i := range m {
			m[i] = r.NormFloat64()
		}
		for i := range d {
			for j := range i + 1 {
				sum := 0.5 * step(i == j)
				for k := range d {
					sum += m[i*d+k] * m[j*d+k] / float64(d)
				}
				out[first+i*d+j], out[first+j*d+i] = sum, sum
			}
		}
	}
	return shown(l, shape, func(k int) float64 { return out[k] })
}

func init() {
	add := func(op ops.Op, ref Ref, d ops.DType, l Layout, grad GradMode, shape ...int) {
		pairs := []any{"shape", dims(shape), "view", l.Name, "dtype", d}
		if grad != NoGrad {
			pairs = append(pairs, "grad", grad)
		}
		Add(Case{Name: name(op, pairs...), Op: op, Ref: ref, Class: Summed, Grad: grad, AnyZero: op != "cholesky",
			In: []Input{input(d, l, definite(l, shape), shape...)}})
	}
	refs := map[ops.Op]Ref{"cholesky": choleskyRef, "inverse_spd": inverseSPDRef, "logdet_spd": logDetSPDRef}
	for op, ref := range refs {
		for _, d := range []ops.DType{ops.F32, ops.F64} {
			add(op, ref, d, dense, NoGrad, 13, 13)
			add(op, ref, d, dense, NoGrad, 3, 65, 65)
			add(op, ref, d, dense, GradSecond, 3, 3)
			add(op, ref, d, dense, GradFD, 2, 4, 4)
			add(op, ref, d, transposed, GradFD, 4, 4)
			add(op, ref, d, dense, GradDevice, 2, 33, 33)
		}
		for _, shape := range [][]int{{0, 0}, {0, 3, 3}, {1, 1}, {2, 2}, {5, 2, 3, 3}, {127, 127}} {
			add(op, ref, ops.F32, dense, NoGrad, shape...)
		}
	}
	for _, shape := range [][]int{{15, 15}, {16, 16}, {17, 17}, {89, 89}, {90, 90}, {128, 128}, {300, 300}, {500, 4, 4}, {2, 1, 3, 1, 2, 1, 7, 7}} {
		add("cholesky", choleskyRef, ops.F32, dense, NoGrad, shape...)
	}
	add("cholesky", choleskyRef, ops.F64, dense, NoGrad, 200, 200)
	for _, l := range []Layout{stepped, padded, offset, broadcastFirst, steppedTransposed} {
		add("cholesky", choleskyRef, ops.F32, l, NoGrad, 3, 33, 33)
	}
	addCholeskyEdges()
	addCholeskySolves()
}

// addCholeskyEdges: the upper triangle is not read, and what is not positive
// definite gives NaN from the failing pivot on, in its own matrix only.
func addCholeskyEdges() {
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		shape := []int{4, 20, 20}
		for k, bad := range []float64{nan, -1, 0, inf} {
			values := definite(dense, shape)
			spoiled := Gen(nil)
			memory := floats(ops.NewSpec(ops.F64, shape...), func(i int) float64 { return values(nil, i) })
			for i := range memory.F {
				row, column := i/20%20, i%20
				switch {
				case column > row:
					memory.F[i] = nan
				case i/400 == 1 && row == column && row == 7*k%20 && !math.IsInf(bad, 1):
					memory.F[i] = bad
				}
			}
			spoiled = shown(dense, shape, func(i int) float64 { return memory.F[i] })
			Add(Case{Name: name("cholesky", "shape", dims(shape), "dtype", d, "pivot", bad), Op: "cholesky", Ref: choleskyLower, Class: Summed,
				In: []Input{input(d, dense, spoiled, shape...)}})
		}
	}
}

func addCholeskySolves() {
	add := func(d ops.DType, la, lb Layout, other float64, grad GradMode, shape []int, n int) {
		right := append(append([]int(nil), shape[:len(shape)-1]...), n)
		pairs := []any{"shape", dims(shape) + "," + dims(right), "view", la.Name + "," + lb.Name, "dtype", d}
		if grad != NoGrad {
			pairs = append(pairs, "grad", grad)
		}
		Add(Case{Name: name("cholesky_solve", pairs...), Op: "cholesky_solve", Ref: choleskySolveRef, Class: Summed, AnyZero: true, Grad: grad,
			In: []Input{input(d, la, triangleValues(la, shape, ops.TriangularAttr{}, other), shape...), input(d, lb, normal(0, 1), right...)}})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, dense, dense, nan, NoGrad, []int{13, 13}, 5)
		add(d, dense, dense, nan, NoGrad, []int{3, 65, 65}, 19)
		add(d, dense, dense, 0.5, GradSecond, []int{3, 3}, 2)
		add(d, transposed, dense, 0.5, GradFD, []int{2, 4, 4}, 3)
	}
	for _, k := range []struct {
		shape []int
		n     int
	}{{[]int{0, 0}, 3}, {[]int{4, 4}, 0}, {[]int{1, 1}, 1}, {[]int{127, 127}, 1}, {[]int{70, 3, 3}, 4}} {
		add(ops.F32, dense, dense, nan, NoGrad, k.shape, k.n)
	}
}

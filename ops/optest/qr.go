package optest

import (
	"math"
	"math/rand/v2"

	"github.com/tuff-ml/tuff/ops"
)

// qrRef applies the reflections 1 − 2·v·vᵀ/(vᵀv) to A and, in reverse order, to
// the identity. Errors are relative to the norm of A's column in R, and to 1 in
// Q.
func qrRef(_ *Case, in []Array, out []ops.Spec) []Array {
	a, q, r := in[0].clone(), NewArray(out[0]), NewArray(out[1])
	m, n := q.Shape[q.Rank-2], q.Shape[q.Rank-1]
	q.Scale, r.Scale = make([]float64, q.Len()), make([]float64, r.Len())
	for b := 0; m*n > 0 && b < q.Len()/(m*n); b++ {
		qrOne(a.F[b*m*n:][:m*n], q.F[b*m*n:][:m*n], r.F[b*n*n:][:n*n], m, n)
	}
	for i := range q.Scale {
		q.Scale[i] = 1
	}
	for i := range r.Scale {
		var sum float64
		for k := range m {
			x := in[0].F[i/(n*n)*m*n+k*n+i%n]
			sum += x * x
		}
		if i%n >= i/n%n && finite(sum) {
			r.Scale[i] = math.Sqrt(sum)
		}
	}
	return []Array{q, r}
}

func qrOne(a, q, r []float64, m, n int) {
	vs := make([][]float64, n)
	for k := range n {
		v := make([]float64, m)
		var below compensated
		for i := k + 1; i < m; i++ {
			v[i] = a[i*n+k]
			below.add(v[i] * v[i])
		}
		if below.value() != 0 {
			alpha := a[k*n+k]
			below.add(alpha * alpha)
			v[k] = alpha + math.Copysign(math.Sqrt(below.value()), alpha)
			mirror(v, a, n)
			vs[k] = v
		}
	}
	for i := range n {
		copy(r[i*n+i:(i+1)*n], a[i*n+i:])
		q[i*n+i] = 1
	}
	for k := n - 1; k >= 0; k-- {
		if vs[k] != nil {
			mirror(vs[k], q, n)
		}
	}
}

// mirror applies 1 − 2·v·vᵀ/(vᵀv) to the columns of x [m, n].
func mirror(v, x []float64, n int) {
	var size compensated
	for _, e := range v {
		size.add(e * e)
	}
	for j := range n {
		var sum compensated
		for i, e := range v {
			sum.add(e * x[i*n+j])
		}
		for i, e := range v {
			x[i*n+j] -= 2 * e * sum.value() / size.value()
		}
	}
}

// fullRank makes matrices [batch…, m, n] with well separated columns: 2 on the
// diagonal, of either sign, and numbers of size 1/√m.
func fullRank(l Layout, shape []int) Gen {
	m, n := shape[len(shape)-2], shape[len(shape)-1]
	r := drawn(dims(shape))
	return shown(l, shape, func(k int) float64 {
		x := r.NormFloat64() / math.Sqrt(float64(m))
		if k/n%m == k%n {
			x += math.Copysign(2, r.Float64()-0.5)
		}
		return x
	})
}

func init() {
	add := func(d ops.DType, l Layout, grad GradMode, shape ...int) {
		pairs := []any{"shape", dims(shape), "view", l.Name, "dtype", d}
		if grad != NoGrad {
			pairs = append(pairs, "grad", grad)
		}
		Add(Case{Name: name("qr", pairs...), Op: "qr", Ref: qrRef, Class: Summed, AnyZero: true, Grad: grad,
			In: []Input{input(d, l, fullRank(l, shape), shape...)}})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		for _, shape := range [][]int{{13, 13}, {127, 13}, {3, 65, 33}} {
			add(d, dense, NoGrad, shape...)
		}
		add(d, dense, GradSecond, 3, 2)
		add(d, dense, GradFD, 2, 5, 3)
		add(d, dense, GradFD, 4, 4)
		add(d, transposed, GradFD, 5, 3)
		add(d, dense, GradDevice, 2, 33, 17)
	}
	for _, shape := range [][]int{{0, 0}, {5, 0}, {0, 3, 2}, {1, 1}, {7, 1}, {2, 2}, {16, 16}, {17, 17}, {5, 2, 4, 3}, {300, 40}, {500, 4, 3}, {1000, 3}, {100, 100}} {
		add(ops.F32, dense, NoGrad, shape...)
	}
	for _, l := range []Layout{transposed, stepped, padded, offset, broadcastFirst, steppedTransposed} {
		add(ops.F32, l, NoGrad, 3, 33, 10)
	}
	for label, g := range map[string]Gen{
		"triangular": cycle(2, 3, 4, 0, -5, 6, 0, 0, 7, 0, 0, 0), "zero": constant(0), // nothing to reflect
		"nan": func(_ *rand.Rand, i int) float64 { return []float64{1, 2, 3, 4, 5, 7, nan, 8, 1, 3, 2, 2}[i] },
	} {
		Add(Case{Name: name("qr", "shape", "4x3", "dtype", ops.F32, "values", label), Op: "qr", Ref: qrRef, Class: Summed, AnyZero: true,
			In: []Input{input(ops.F32, dense, g, 4, 3)}})
	}
}

// inverseRef is R⁻¹·Qᵀ; errors are relative to the inverse's norm: an element
// takes a share of those of all others in its row and column.
func inverseRef(c *Case, in []Array, out []ops.Spec) []Array {
	f := qrRef(c, in, []ops.Spec{out[0], out[0]})
	d := out[0].Shape[out[0].Rank-1]
	back := floats(out[0], func(i int) float64 { return f[0].F[i/(d*d)*d*d+i%d*d+i/d%d] })
	x := solveTriangularRef(&Case{Attr: ops.TriangularAttr{Upper: true}}, []Array{f[1], back}, out)[0]
	norm := x.rootMeanSquare().Scale
	return []Array{x.withScale(func(i int) float64 { return math.Sqrt(float64(d)) * norm[i] })}
}

func init() {
	add := func(d ops.DType, l Layout, grad GradMode, shape ...int) {
		pairs := []any{"shape", dims(shape), "view", l.Name, "dtype", d}
		if grad != NoGrad {
			pairs = append(pairs, "grad", grad)
		}
		Add(Case{Name: name("inverse", pairs...), Op: "inverse", Ref: inverseRef, Class: Summed, AnyZero: true, Grad: grad,
			In: []Input{input(d, l, fullRank(l, shape), shape...)}})
	}
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		add(d, dense, NoGrad, 13, 13)
		add(d, dense, NoGrad, 3, 33, 33)
		add(d, dense, GradSecond, 3, 3)
		add(d, dense, GradFD, 2, 4, 4)
		add(d, transposed, GradFD, 4, 4)
	}
	for _, shape := range [][]int{{0, 0}, {0, 3, 3}, {1, 1}, {2, 2}, {5, 2, 3, 3}, {100, 100}} {
		add(ops.F32, dense, NoGrad, shape...)
	}
}

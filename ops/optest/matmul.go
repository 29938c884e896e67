package optest

import (
	"math"
	"math/rand/v2"

	"github.com/tuff-ml/tuff/ops"
)

var activations = map[ops.Activation]func(float64) float64{
	ops.NoActivation: func(x float64) float64 { return x },
	ops.ActReLU:      relu,
	ops.ActSigmoid:   sigmoid,
	ops.ActTanh:      math.Tanh,
	ops.ActGELU:      gelu,
	ops.ActSiLU:      func(x float64) float64 { return x * sigmoid(x) },
}

// matmulRef: c[…, i, j] = act(Σ_p a[…, i, p]·b[…, p, j] + bias[j]). Errors are
// relative to Σ|a·b| + |bias|, which no activation here magnifies.
func matmulRef(c *Case, in []Array, out []ops.Spec) []Array {
	a, b, y := in[0], in[1], NewArray(out[0])
	act := activations[c.Attr.(ops.MatMulAttr).Act]
	r := y.Rank
	m, k, n := a.Shape[r-2], a.Shape[r-1], b.Shape[r-1]
	y.Scale = make([]float64, y.Len())
	for batch := 0; m*n > 0 && batch < y.Len()/(m*n); batch++ {
		for i := range m {
			for j := range n {
				var s compensated
				size := 0.0
				for p := range k {
					v := a.F[(batch*m+i)*k+p] * b.F[(batch*k+p)*n+j]
					s.add(v)
					size += math.Abs(v)
				}
				if len(in) == 3 {
					s.add(in[2].F[j])
					size += math.Abs(in[2].F[j])
				}
				o := (batch*m+i)*n + j
				y.F[o] = act(s.value())
				if finite(size) {
					y.Scale[o] = size
				}
			}
		}
	}
	return []Array{y}
}

// product is one matrix product: batch dimensions, then m, k, n.
type product struct {
	d       ops.DType
	batch   []int
	m, k, n int
	la, lb  Layout
	bias    bool
	act     ops.Activation
	grad    GradMode
	a, b    Gen
	label   string
	large   bool
}

func addProduct(p product) {
	if p.la.build == nil {
		p.la = dense
	}
	if p.lb.build == nil {
		p.lb = dense
	}
	if p.a == nil {
		p.a = normal(0, 1)
	}
	if p.b == nil {
		p.b = normal(0, 1)
	}
	sa, sb := append(append([]int(nil), p.batch...), p.m, p.k), append(append([]int(nil), p.batch...), p.k, p.n)
	in := []Input{input(p.d, p.la, p.a, sa...), input(p.d, p.lb, p.b, sb...)}
	bias := 0
	if p.bias {
		bias = 1
		in = append(in, input(p.d, dense, normal(0, 1), p.n))
	}
	pairs := []any{"shape", dims(sa) + "," + dims(sb), "view", p.la.Name + "," + p.lb.Name, "dtype", p.d, "bias", bias, "act", p.act}
	if p.label != "" {
		pairs = append(pairs, "values", p.label)
	}
	if p.grad != NoGrad {
		pairs = append(pairs, "grad", 1)
	}
	Add(Case{
		Name: name("matmul", pairs...), Op: "matmul", Attr: ops.MatMulAttr{Act: p.act}, In: in, Ref: matmulRef,
		Class: Summed, AnyZero: true, Grad: p.grad, Large: p.large,
	})
}

func init() {
	sizes := [][3]int{
		{1, 1, 1}, {1, 13, 1}, {13, 1, 127}, {13, 127, 17}, {64, 64, 64}, {65, 63, 66}, {127, 129, 131}, {1, 1000, 127}, {1000, 127, 1},
		{257, 64, 3}, {3, 64, 257}, {128, 256, 128}, {129, 17, 257}, {2, 4097, 2}, {0, 5, 7}, {5, 7, 0}, {200, 300, 150},
	}
	for _, s := range sizes {
		addProduct(product{d: ops.F32, m: s[0], k: s[1], n: s[2]})
	}
	plain := product{d: ops.F32, m: 33, k: 127, n: 70}
	layouts := []Layout{transposed, stepped, padded, offset, broadcastFirst, broadcastLast, broadcastAll, steppedTransposed}
	for _, l := range layouts {
		p := plain
		p.la = l
		addProduct(p)
		p.la, p.lb = dense, l
		addProduct(p)
	}
	for _, s := range [][3]int{{65, 63, 66}, {129, 130, 131}} {
		addProduct(product{d: ops.F32, m: s[0], k: s[1], n: s[2], la: transposed, lb: transposed})
		addProduct(product{d: ops.F32, m: s[0], k: s[1], n: s[2], la: transposed})
		addProduct(product{d: ops.F32, m: s[0], k: s[1], n: s[2], lb: transposed})
	}
	for act := ops.NoActivation; act <= ops.ActSiLU; act++ {
		for _, bias := range []bool{false, true} {
			p := product{d: ops.F32, m: 70, k: 33, n: 129, bias: bias, act: act}
			addProduct(p)
			p.d, p.m = ops.F64, 13
			addProduct(p)
			p = product{d: ops.F32, m: 5, k: 3, n: 4, bias: bias, act: act, grad: GradFD}
			if act == ops.ActReLU {
				// Products well away from 0.
				p.a, p.b = uniform(0.5, 1.5), signedColumns(p.n)
			}
			addProduct(p)
			p.d = ops.F64
			addProduct(p)
			p = product{d: ops.F32, m: 70, k: 33, n: 129, bias: bias, act: act, grad: GradDevice, label: "tiles"}
			if act == ops.ActReLU {
				p.a, p.b = uniform(0.5, 1.5), signedColumns(p.n)
			}
			addProduct(p)
		}
	}
	addBatches()
	addProduct(product{d: ops.F32, m: 3, k: 4, n: 2, bias: true, act: ops.ActTanh, grad: GradSecond, label: "second"})
	addProduct(product{d: ops.F32, m: 4, k: 4, n: 5, la: transposed, lb: transposed, grad: GradFD})
	addProduct(product{d: ops.F64, m: 4, k: 4, n: 5, la: transposed, lb: stepped, grad: GradFD})
	addProduct(product{d: ops.F64, m: 13, k: 127, n: 17})
	addProduct(product{d: ops.F64, m: 70, k: 65, n: 66, la: transposed, lb: transposed})
	// 0·inf and NaN spread over their row and column, and nowhere else.
	addProduct(product{d: ops.F32, m: 7, k: 11, n: 9, a: cycle(1, 0, 2, 0, 3), b: func(_ *rand.Rand, i int) float64 {
		return map[int]float64{4: inf, 50: nan}[i] + float64(i%7)
	}, label: "special"})
	addProduct(product{d: ops.F32, m: 5000, k: 8, n: 7000, label: "large", large: true})
}

// signedColumns makes matrices of n columns, each of one sign in turn, so that
// their products with positive numbers stay away from 0.
func signedColumns(n int) Gen {
	return func(r *rand.Rand, i int) float64 {
		x := 0.5 + r.Float64()
		if i%n%2 == 1 {
			return -x
		}
		return x
	}
}

func addBatches() {
	for _, batch := range [][]int{{1}, {2}, {5}, {3, 2}, {2, 1, 2, 1, 2, 1}, {70}} {
		addProduct(product{d: ops.F32, batch: batch, m: 13, k: 17, n: 19})
	}
	b := product{d: ops.F32, batch: []int{3, 2}, m: 33, k: 40, n: 35}
	for _, l := range []Layout{transposed, reversed, stepped, padded, offset, broadcastFirst, steppedTransposed} {
		p := b
		p.la = l
		addProduct(p)
		p.la, p.lb = dense, l
		addProduct(p)
	}
	p := b
	p.bias, p.act = true, ops.ActGELU
	addProduct(p)
	addProduct(product{d: ops.F32, batch: []int{0}, m: 3, k: 4, n: 5})
	addProduct(product{d: ops.F64, batch: []int{4}, m: 13, k: 17, n: 19})
	for _, d := range []ops.DType{ops.F32, ops.F64} {
		addProduct(product{d: d, batch: []int{2}, m: 3, k: 4, n: 5, bias: true, act: ops.ActSigmoid, grad: GradFD})
		addProduct(product{d: d, batch: []int{2}, m: 3, k: 4, n: 5, lb: broadcastFirst, grad: GradFD})
	}
	addProduct(product{d: ops.F32, batch: []int{3}, m: 65, k: 33, n: 66, grad: GradDevice})
}

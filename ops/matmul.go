package ops

import "fmt"

// Activation is a function fused into the end of a matrix product.
type Activation uint8

// The activations.
const (
	NoActivation Activation = iota
	ActReLU
	ActSigmoid
	ActTanh
	ActGELU
	ActSiLU
)

func (a Activation) String() string {
	return [...]string{"none", "relu", "sigmoid", "tanh", "gelu", "silu"}[a]
}

// MatMulAttr is the activation applied to the product and bias.
type MatMulAttr struct{ Act Activation }

var matmulDef *Def

func init() {
	matmulDef = Register(Def{
		Op: "matmul", Kind: Contraction, AnyView: true, Saves: matmulSaves,
		Doc:   "c = act(a·b + bias): a [batch…, m, k], b [batch…, k, n], bias [n]",
		Infer: inferMatMul,
		VJP:   matmulVJP,
	})
}

func matmulSaves(attr any) (in, out uint64) {
	switch attr.(MatMulAttr).Act {
	case NoActivation:
		return 3, 0
	case ActGELU, ActSiLU:
		return 7, 0
	}
	return 3, 1
}

// inferMatMul wants equal batch dimensions; MatMul broadcasts them with views.
func inferMatMul(out, in []Spec, attr any) ([]Spec, error) {
	if len(in) != 2 && len(in) != 3 {
		return nil, fmt.Errorf("wanted a, b and perhaps a bias, got %d inputs", len(in))
	}
	a, ok := attr.(MatMulAttr)
	if !ok || a.Act > ActSiLU {
		return nil, fmt.Errorf("wanted a MatMulAttr, got %v", attr)
	}
	if err := wantSameDType(in); err != nil {
		return nil, err
	}
	if err := wantArithmetic(in[0].DType, false); err != nil {
		return nil, err
	}
	x, y := in[0], in[1]
	r := x.Rank
	if r < 2 || y.Rank != r || x.Shape[r-1] != y.Shape[r-2] {
		return nil, shapeError("a [batch…, m, k] and b [batch…, k, n]", x, y)
	}
	for i := 0; i < r-2; i++ {
		if x.Shape[i] != y.Shape[i] {
			return nil, shapeError("equal batch dimensions", x, y)
		}
	}
	z := x
	z.Shape[r-1] = y.Shape[r-1]
	if len(in) == 3 && (in[2].Rank != 1 || in[2].Shape[0] != z.Shape[r-1]) {
		return nil, fmt.Errorf("wanted a bias [%d], got %v", z.Shape[r-1], in[2])
	}
	return append(out, z), nil
}

// matmulVJP: with z = a·b + bias and dz = dc·act′(z), da = dz·bᵀ, db = aᵀ·dz,
// dbias = Σ dz over all but the last dimension. act′ of gelu and silu needs z,
// which is computed again.
func matmulVJP(g *Grad) []*Tensor {
	d, out := g.D(0), make([]*Tensor, g.Inputs())
	switch g.Attr.(MatMulAttr).Act {
	case ActReLU:
		d = actGrad(reluGradDef, d, g.Out(0), noConst)
	case ActSigmoid:
		d = actGrad(sigmoidGradDef, d, g.Out(0), noConst)
	case ActTanh:
		d = actGrad(tanhGradDef, d, g.Out(0), noConst)
	case ActGELU:
		d = actGrad(geluGradDef, d, preActivation(g), noConst)
	case ActSiLU:
		d = actGrad(siluGradDef, d, preActivation(g), noConst)
	}
	if g.Need(0) {
		out[0] = apply1(matmulDef, MatMulAttr{}, noConst, d, g.In(1).T())
	}
	if g.Need(1) {
		out[1] = apply1(matmulDef, MatMulAttr{}, noConst, g.In(0).T(), d)
	}
	if g.Inputs() == 3 && g.Need(2) {
		dims := make([]int, d.view.Rank-1)
		for i := range dims {
			dims[i] = i
		}
		out[2] = d.Sum(dims...)
	}
	return out
}

func preActivation(g *Grad) *Tensor {
	if g.Inputs() == 3 {
		return apply1(matmulDef, MatMulAttr{}, noConst, g.In(0), g.In(1), g.In(2))
	}
	return apply1(matmulDef, MatMulAttr{}, noConst, g.In(0), g.In(1))
}

// MatMul is the matrix product over the last two dimensions; the others
// broadcast. A one-dimensional operand counts as a row on the left and a
// column on the right, and the added dimension is dropped, as in NumPy.
// Transposed and broadcast views are read in place. dtypes: f32, f64.
func MatMul(a, b *Tensor) *Tensor { return matmul(a, b, nil, NoActivation) }

// MatMulBias is act(a·b + bias) in one pass; bias [n] may be nil.
func MatMulBias(a, b, bias *Tensor, act Activation) *Tensor { return matmul(a, b, bias, act) }

func matmul(a, b, bias *Tensor, act Activation) *Tensor {
	const op = "matmul"
	if a.view.Rank == 0 || b.view.Rank == 0 {
		fail(op, []*Tensor{a, b}, "wanted at least one dimension")
	}
	row, column := a.view.Rank == 1, b.view.Rank == 1
	if row {
		a = a.Unsqueeze(0)
	}
	if column {
		b = b.Unsqueeze(1)
	}
	av, bv := &a.view, &b.view
	if av.Shape[av.Rank-1] != bv.Shape[bv.Rank-2] {
		fail(op, []*Tensor{a, b}, "wanted a [batch…, m, k] and b [batch…, k, n]")
	}
	if av.Shape[av.Rank-1] == 0 {
		return matmulEmpty(a, b, bias, act, row, column)
	}
	var c *Tensor
	if av.Rank > 2 && bv.Rank == 2 && av.Dense() { // one tall product instead of a batch
		n := av.Len() / av.Shape[av.Rank-1]
		dims := a.Shape()
		dims[len(dims)-1] = bv.Shape[1]
		c = product(a.Reshape(n, av.Shape[av.Rank-1]), b, bias, act).Reshape(dims...)
	} else {
		a, b = broadcastBatch(a, b)
		c = product(a, b, bias, act)
	}
	return dropPromoted(c, row, column)
}

func product(a, b, bias *Tensor, act Activation) *Tensor {
	if bias == nil {
		return apply1(matmulDef, MatMulAttr{act}, noConst, a, b)
	}
	return apply1(matmulDef, MatMulAttr{act}, noConst, a, b, bias)
}

// broadcastBatch expands the leading dimensions of both to one shape.
func broadcastBatch(a, b *Tensor) (*Tensor, *Tensor) {
	ar, br := a.view.Rank, b.view.Rank
	if ar == 2 && br == 2 {
		return a, b
	}
	lead := func(t *Tensor) Spec { return NewSpec(t.view.DType, t.view.Shape[:t.view.Rank-2]...) }
	s, err := BroadcastSpecs(lead(a), lead(b))
	if err != nil {
		fail("matmul", []*Tensor{a, b}, "wanted batch dimensions that broadcast")
	}
	grow := func(t *Tensor) *Tensor {
		dims := append(s.Dims(), t.view.Shape[t.view.Rank-2], t.view.Shape[t.view.Rank-1])
		return t.Expand(dims...)
	}
	return grow(a), grow(b)
}

// matmulEmpty is the product over k = 0: zeros, then bias and activation.
func matmulEmpty(a, b, bias *Tensor, act Activation, row, column bool) *Tensor {
	a, b = broadcastBatch(a, b)
	dims := a.Shape()
	dims[len(dims)-1] = b.view.Shape[b.view.Rank-1]
	c := Zeros(scopeOf("matmul", a, b), a.view.DType, dims...)
	if bias != nil {
		c = c.Add(bias)
	}
	return dropPromoted(act.of(c), row, column)
}

// dropPromoted removes the dimensions that one-dimensional operands were given.
func dropPromoted(c *Tensor, row, column bool) *Tensor {
	if column {
		c = c.Squeeze(-1)
	}
	switch {
	case row && column:
		c = c.Squeeze(-1)
	case row:
		c = c.Squeeze(-2)
	}
	return c
}

// of applies the activation as an op of its own.
func (a Activation) of(x *Tensor) *Tensor {
	switch a {
	case ActReLU:
		return x.ReLU()
	case ActSigmoid:
		return x.Sigmoid()
	case ActTanh:
		return x.Tanh()
	case ActGELU:
		return x.GELU()
	case ActSiLU:
		return x.SiLU()
	}
	return x
}

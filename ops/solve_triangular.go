package ops

import "fmt"

// TriangularAttr says which triangle of A is read and how: Upper the upper one
// in place of the lower, Unit with ones in place of its diagonal, Transpose as
// Aᵀ.
type TriangularAttr struct{ Upper, Unit, Transpose bool }

var solveTriangularDef *Def

func init() {
	solveTriangularDef = Register(Def{
		Op: "solve_triangular", Kind: Contraction, SaveIn: 1, SaveOut: 1,
		Doc:   "x = A⁻¹·b or A⁻ᵀ·b: A [batch…, d, d] of which one triangle is read, b [batch…, d, n]",
		Infer: inferSolveTriangular,
		VJP:   solveTriangularVJP,
	})
}

func inferSolveTriangular(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 2); err != nil {
		return nil, err
	}
	if _, ok := attr.(TriangularAttr); !ok {
		return nil, fmt.Errorf("wanted a TriangularAttr, got %T", attr)
	}
	if err := wantSameDType(in); err != nil {
		return nil, err
	}
	if err := wantSquare(in[0]); err != nil {
		return nil, err
	}
	a, b := in[0], in[1]
	same := b.Rank == a.Rank
	for i := 0; same && i < a.Rank-1; i++ {
		same = a.Shape[i] == b.Shape[i]
	}
	if !same {
		return nil, shapeError("A [batch…, d, d] and b [batch…, d, n]", a, b)
	}
	return append(out, b), nil
}

// wantSquare accepts matrices [batch…, d, d] of f32 or f64.
func wantSquare(s Spec) error {
	if err := wantArithmetic(s.DType, false); err != nil {
		return err
	}
	if s.Rank < 2 || s.Shape[s.Rank-1] != s.Shape[s.Rank-2] {
		return shapeError("square matrices [batch…, d, d]", s)
	}
	return nil
}

// solveTriangularVJP: with x = B⁻¹·b, where B is A or Aᵀ, db = B⁻ᵀ·dx and
// dB = −db·xᵀ, of which the triangle that is read counts (Giles 2008,
// "Collected matrix derivative results", section 2.3.1).
func solveTriangularVJP(g *Grad) []*Tensor {
	a, out := g.Attr.(TriangularAttr), make([]*Tensor, 2)
	back := a
	back.Transpose = !a.Transpose
	db := apply1(solveTriangularDef, back, noConst, g.In(0), g.D(0))
	if g.Need(1) {
		out[1] = db
	}
	if g.Need(0) {
		left, right := db, g.Out(0)
		if a.Transpose {
			left, right = right, left
		}
		out[0] = onTriangle(MatMul(left, right.T()).Neg(), a.Upper, a.Unit)
	}
	return out
}

// onTriangle is x [batch…, d, d] with zeros outside one triangle, and on the
// diagonal too where strict is set.
func onTriangle(x *Tensor, upper, strict bool) *Tensor {
	row, column := squareIndices(x)
	var inside *Tensor
	switch {
	case upper && strict:
		inside = column.Gt(row)
	case upper:
		inside = column.Ge(row)
	case strict:
		inside = column.Lt(row)
	default:
		inside = column.Le(row)
	}
	return Where(inside, x, zerosIn(x, NewSpec(x.view.DType)))
}

// squareIndices are the row numbers [d, 1] and column numbers [1, d] of the
// matrices x, as i32.
func squareIndices(x *Tensor) (row, column *Tensor) {
	d := x.view.Shape[x.view.Rank-1]
	i := Arange(scopeOf("arange", x), I32, 0, 1, d)
	return i.Unsqueeze(1), i.Unsqueeze(0)
}

// SolveTriangular solves A·x = b, or Aᵀ·x = b where attr.Transpose is set, by
// substitution: A [batch…, d, d] of which only the triangle that attr names is
// read, b [batch…, d, n], x like b. The leading dimensions broadcast. A zero on
// the diagonal gives infinities or NaN. The gradient of A has zeros where A is
// not read; gradients are made of ops and can be differentiated again. dtypes:
// f32, f64.
func SolveTriangular(a, b *Tensor, attr TriangularAttr) *Tensor {
	check("solve_triangular", a)
	check("solve_triangular", b)
	if a.view.Rank >= 2 && b.view.Rank >= 2 {
		a, b = broadcastBatch(a, b)
	}
	return apply1(solveTriangularDef, attr, noConst, a, b)
}

package ops

var choleskyDef, choleskySolveDef, inverseSPDDef, logDetSPDDef *Def

func init() {
	choleskyDef = Register(Def{
		Op: "cholesky", Kind: Contraction, SaveOut: 1,
		Doc:   "L with A = L·Lᵀ, lower triangular; A [batch…, d, d] symmetric positive definite",
		Infer: inferSquare,
		VJP:   choleskyVJP,
	})
	choleskySolveDef = Register(Def{
		Op: "cholesky_solve", Kind: Composed, Stem: "cholesky",
		Doc: "x = (L·Lᵀ)⁻¹·b: L [batch…, d, d] lower triangular, b [batch…, d, n]",
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			return inferSolveTriangular(out, in, TriangularAttr{})
		},
		Compose: func(in []*Tensor, _ any, _ [2]float64) []*Tensor {
			y := apply1(solveTriangularDef, TriangularAttr{}, noConst, in[0], in[1])
			return []*Tensor{apply1(solveTriangularDef, TriangularAttr{Transpose: true}, noConst, in[0], y)}
		},
	})
	inverseSPDDef = Register(Def{
		Op: "inverse_spd", Kind: Composed, Stem: "cholesky",
		Doc: "y = A⁻¹; A [batch…, d, d] symmetric positive definite", Infer: inferSquare,
		Compose: func(in []*Tensor, _ any, _ [2]float64) []*Tensor {
			x := SolveTriangular(in[0].Cholesky(), identityLike(in[0]), TriangularAttr{})
			return []*Tensor{MatMul(x.T(), x)}
		},
	})
	logDetSPDDef = Register(Def{
		Op: "logdet_spd", Kind: Composed, Stem: "cholesky",
		Doc: "y = log det A, [batch…]; A [batch…, d, d] symmetric positive definite",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			s, err := inferSquare(nil, in, attr)
			if err != nil {
				return nil, err
			}
			return append(out, NewSpec(s[0].DType, s[0].Shape[:s[0].Rank-2]...)), nil
		},
		Compose: func(in []*Tensor, _ any, _ [2]float64) []*Tensor {
			d := in[0].view.Shape[in[0].view.Rank-1]
			diagonal := in[0].Cholesky().Flatten(-2, -1).Slice(-1, 0, SliceEnd, d+1)
			return []*Tensor{diagonal.Log().Sum(-1).MulScalar(2)}
		},
	})
}

func inferSquare(out, in []Spec, _ any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	if err := wantSquare(in[0]); err != nil {
		return nil, err
	}
	return append(out, in[0]), nil
}

// choleskyVJP: with P = Φ(Lᵀ·dL), where Φ takes the lower triangle and half of
// the diagonal, and S = L⁻ᵀ·P·L⁻¹, dA = (S + Sᵀ)/2 (Murray 2016,
// "Differentiation of the Cholesky decomposition", arXiv:1602.07527, equations
// 8 and 10).
func choleskyVJP(g *Grad) []*Tensor {
	l, back := g.Out(0), TriangularAttr{Transpose: true}
	dl := onTriangle(g.D(0), false, false)
	p := MatMul(l.T(), dl)
	row, column := squareIndices(p)
	p = Where(column.Eq(row), p.MulScalar(0.5), onTriangle(p, false, true))
	left := apply1(solveTriangularDef, back, noConst, l, p)
	s := apply1(solveTriangularDef, back, noConst, l, left.T())
	return []*Tensor{s.Add(s.T()).MulScalar(0.5)}
}

// identityLike is the identity matrix [d, d] for matrices x [batch…, d, d].
func identityLike(x *Tensor) *Tensor {
	row, column := squareIndices(x)
	return column.Eq(row).Cast(x.view.DType)
}

// Cholesky factors symmetric positive definite matrices x [batch…, d, d] as
// L·Lᵀ: L has their shape, is lower triangular with a positive diagonal and
// zeros above it. Only the lower triangle of x is read; x counts as symmetric,
// and so its gradient is. A matrix that is not positive definite is no error,
// since none could be reported without waiting for the device: in such a
// matrix the rows from the failing pivot on are NaN in the lower triangle.
// Gradients are made of ops and can be differentiated again. dtypes: f32, f64.
func (x *Tensor) Cholesky() *Tensor { return apply1(choleskyDef, nil, noConst, x) }

// CholeskySolve solves L·Lᵀ·x = b for the factor L [batch…, d, d] that Cholesky
// gives and b [batch…, d, n]; x is like b. The leading dimensions broadcast. It
// is made of two calls of SolveTriangular. dtypes: f32, f64.
func CholeskySolve(l, b *Tensor) *Tensor {
	check("cholesky_solve", l)
	check("cholesky_solve", b)
	if l.view.Rank >= 2 && b.view.Rank >= 2 {
		l, b = broadcastBatch(l, b)
	}
	return apply1(choleskySolveDef, nil, noConst, l, b)
}

// InverseSPD is the inverse of symmetric positive definite matrices x [batch…,
// d, d], made of Cholesky, SolveTriangular and MatMul, with NaN where x is not
// positive definite. To multiply by an inverse, CholeskySolve is cheaper and
// more exact. dtypes: f32, f64.
func (x *Tensor) InverseSPD() *Tensor { return apply1(inverseSPDDef, nil, noConst, x) }

// LogDetSPD is the logarithm of the determinant of symmetric positive definite
// matrices x [batch…, d, d], shape [batch…]: twice the sum of the logarithms of
// the Cholesky factor's diagonal; NaN where x is not positive definite. dtypes:
// f32, f64.
func (x *Tensor) LogDetSPD() *Tensor { return apply1(logDetSPDDef, nil, noConst, x) }

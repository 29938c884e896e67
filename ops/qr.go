package ops

var qrDef, inverseDef *Def

func init() {
	qrDef = Register(Def{
		Op: "qr", Kind: Contraction, SaveOut: 3,
		Doc:   "A = Q·R: A, Q [batch…, m, n] with m ≥ n and QᵀQ = 1, R [batch…, n, n] upper triangular",
		Infer: inferQR,
		VJP:   qrVJP,
	})
	inverseDef = Register(Def{
		Op: "inverse", Kind: Composed, Stem: "qr",
		Doc: "y = A⁻¹ = R⁻¹·Qᵀ; A [batch…, d, d]", Infer: inferSquare,
		Compose: func(in []*Tensor, _ any, _ [2]float64) []*Tensor {
			q, r := in[0].QR()
			return []*Tensor{SolveTriangular(r, q.T(), TriangularAttr{Upper: true})}
		},
	})
}

func inferQR(out, in []Spec, _ any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	a := in[0]
	if err := wantArithmetic(a.DType, false); err != nil {
		return nil, err
	}
	if a.Rank < 2 || a.Shape[a.Rank-2] < a.Shape[a.Rank-1] {
		return nil, shapeError("matrices [batch…, m, n] with m ≥ n", a)
	}
	r := a
	r.Shape[r.Rank-2] = r.Shape[r.Rank-1]
	return append(out, a, r), nil
}

// qrVJP: with M = R·dRᵀ − dQᵀ·Q, and C the symmetric matrix that has M's lower
// triangle, dA = (dQ + Q·C)·R⁻ᵀ (Walter, Lehmann and Lamour 2012, "On evaluating
// higher-order derivatives of the QR decomposition of tall matrices with full
// column rank in forward and reverse mode algorithmic differentiation").
func qrVJP(g *Grad) []*Tensor {
	q, r, dq := g.Out(0), g.Out(1), g.D(0)
	m := MatMul(r, onTriangle(g.D(1), true, false).T()).Sub(MatMul(dq.T(), q))
	c := onTriangle(m, false, false).Add(onTriangle(m, false, true).T())
	x := dq.Add(MatMul(q, c))
	return []*Tensor{apply1(solveTriangularDef, TriangularAttr{Upper: true}, noConst, r, x.T()).T()}
}

// QR factors matrices x [batch…, m, n] with m ≥ n by Householder's reflections:
// x = q·r with q [batch…, m, n], whose columns are orthonormal, and r [batch…, n,
// n], upper triangular (torch's reduced mode). As in LAPACK, an element of r's
// diagonal may be negative: its sign is the opposite of that of the element
// that was reflected there, or the same where nothing lay below it. Numbers
// whose squares overflow or vanish in the dtype are not scaled first. The
// gradient wants full column rank; it is made of ops and can be differentiated
// again. dtypes: f32, f64.
func (x *Tensor) QR() (q, r *Tensor) {
	out := applyN(scopeOf("qr", x), qrDef, nil, noConst, x)
	return out[0], out[1]
}

// Inverse is the inverse of matrices x [batch…, d, d], made of QR and
// SolveTriangular; that of a singular matrix has infinities, NaN or numbers
// without meaning, and is no error. InverseSPD is cheaper where it applies.
// dtypes: f32, f64.
func (x *Tensor) Inverse() *Tensor { return apply1(inverseDef, nil, noConst, x) }

package ops

// Gradients of activations, one op each so that a backward step reads and
// writes once: dx[i] = dy[i]·f′. Inputs are dy and a: the activation's output
// y for tanh, sigmoid and relu, its input x for the others. Constants are the
// activation's own. Same shape, same dtype, f32 and f64. They have gradients
// themselves, for higher orders.
var (
	reluGradDef, leakyReLUGradDef, tanhGradDef, sigmoidGradDef, geluGradDef, siluGradDef, softplusGradDef *Def
	eluGradDef, clampGradDef, hardswishGradDef, mishGradDef, geluTanhGradDef                              *Def
)

func init() {
	reluGradDef = unaryGrad("relu_grad", "dx = dy where y > 0, else 0", func(dy, a *Tensor, c [2]float64) *Tensor { return nil })
	leakyReLUGradDef = unaryGrad("leaky_relu_grad", "dx = dy where x > 0, else c₀·dy", func(dy, a *Tensor, c [2]float64) *Tensor { return nil })
	tanhGradDef = unaryGrad("tanh_grad", "dx = dy·(1−y²)", func(dy, y *Tensor, c [2]float64) *Tensor { return dy.Mul(y).MulScalar(-2) })
	sigmoidGradDef = unaryGrad("sigmoid_grad", "dx = dy·y·(1−y)", func(dy, y *Tensor, c [2]float64) *Tensor {
		return dy.Mul(y.MulScalar(-2).AddScalar(1))
	})
	geluGradDef = unaryGrad("gelu_grad", "dx = dy·(Φ(x) + x·φ(x))", geluSecond)
	siluGradDef = unaryGrad("silu_grad", "dx = dy·s·(1 + x·(1−s)), s = sigmoid(x)", siluSecond)
	softplusGradDef = unaryGrad("softplus_grad", "dx = dy·sigmoid(c₀x), dy where c₀x > c₁", softplusSecond)
	eluGradDef = unaryGrad("elu_grad", "dx = dy where x > 0, else c₀·dy·eˣ", eluSecond)
	clampGradDef = unaryGrad("clamp_grad", "dx = dy where c₀ ≤ x ≤ c₁, else 0", func(dy, x *Tensor, c [2]float64) *Tensor { return nil })
	hardswishGradDef = unaryGrad("hardswish_grad", "dx = 0 where x < −3, dy·(x/3+½) where x ≤ 3, else dy", hardswishSecond)
	mishGradDef = unaryGrad("mish_grad", "dx = dy·(t + x·t′), t = tanh(ln(1+eˣ))", mishSecond)
	geluTanhGradDef = unaryGrad("gelu_tanh_grad", "dx = dy·(s + x·s′), s = ½·(1 + tanh(√(2/π)·(x + 0.044715·x³)))", geluTanhSecond)
}

// unaryGrad registers dx = dy·h(a); second returns dy·h′(a), nil where it is 0.
func unaryGrad(op Op, doc string, second func(dy, a *Tensor, c [2]float64) *Tensor) *Def {
	var self *Def
	self = Register(Def{
		Op: op, Kind: Elementwise, Stem: "unary_grad", Doc: doc, AnyView: true, SaveIn: 3,
		Infer: func(out, in []Spec, _ any) ([]Spec, error) {
			if err := wantInputs(in, 2); err != nil {
				return nil, err
			}
			if err := wantSameDType(in); err != nil {
				return nil, err
			}
			if err := wantArithmetic(in[0].DType, false); err != nil {
				return nil, err
			}
			if in[0] != in[1] {
				return nil, shapeError("two inputs of one shape", in[0], in[1])
			}
			return append(out, in[0]), nil
		},
		VJP: func(g *Grad) []*Tensor {
			d, dy, a := g.D(0), g.In(0), g.In(1)
			out := []*Tensor{actGrad(self, d, a, g.Const), nil}
			if g.Need(1) {
				if h := second(dy, a, g.Const); h != nil {
					out[1] = d.Mul(h)
				}
			}
			return out
		},
	})
	return self
}

func actGrad(d *Def, dy, a *Tensor, c [2]float64) *Tensor { return apply1(d, nil, c, dy, a) }

// geluSecond: d/dx (Φ + x·φ) = φ·(2 − x²), φ(x) = e^(−x²/2)/√(2π).
func geluSecond(dy, x *Tensor, _ [2]float64) *Tensor {
	const invSqrt2Pi = 0.3989422804014327
	x2 := x.Square()
	phi := x2.MulScalar(-0.5).Exp().MulScalar(invSqrt2Pi)
	return dy.Mul(phi.Mul(x2.Neg().AddScalar(2)))
}

// siluSecond: with s = sigmoid(x), s·(1−s)·(2 + x·(1−2s)).
func siluSecond(dy, x *Tensor, _ [2]float64) *Tensor {
	s := x.Sigmoid()
	ds := s.Mul(s.Neg().AddScalar(1))
	return dy.Mul(ds.Mul(x.Mul(s.MulScalar(-2).AddScalar(1)).AddScalar(2)))
}

// softplusSecond: c₀·s·(1−s) with s = sigmoid(c₀x), 0 where c₀x > c₁.
func softplusSecond(dy, x *Tensor, c [2]float64) *Tensor {
	bx := x.MulScalar(c[0])
	s := bx.Sigmoid()
	ds := s.Mul(s.Neg().AddScalar(1)).MulScalar(c[0])
	inside := bx.LeScalar(c[1]).Cast(x.DType())
	return dy.Mul(ds).Mul(inside)
}

// eluSecond: c₀·eˣ where x ≤ 0.
func eluSecond(dy, x *Tensor, c [2]float64) *Tensor {
	negative := x.LeScalar(0).Cast(x.DType())
	return dy.Mul(x.MinimumScalar(0).Exp()).Mul(negative).MulScalar(c[0])
}

// hardswishSecond: ⅓ where −3 ≤ x ≤ 3.
func hardswishSecond(dy, x *Tensor, _ [2]float64) *Tensor {
	return dy.Mul(x.Abs().LeScalar(3).Cast(x.DType())).DivScalar(3)
}

// mishSecond: 2t′ + x·t″. With u = eˣ and d = u² + 2u + 2, t = 1 − 2/d, so
// t′ = 2d′/d² and t″ = 2(d″d − 2d′²)/d³, d′ = 2u(u+1), d″ = 2u(2u+1). From 20 on
// all this is below 10⁻¹⁶ of t, and u is held there.
func mishSecond(dy, x *Tensor, _ [2]float64) *Tensor {
	u := x.MinimumScalar(20).Exp()
	d := u.Mul(u.AddScalar(2)).AddScalar(2)
	d1 := u.Mul(u.AddScalar(1)).MulScalar(2)
	d2 := u.Mul(u.MulScalar(2).AddScalar(1)).MulScalar(2)
	q := d1.Div(d)
	first := q.Div(d).MulScalar(4)
	second := d2.Div(d).Sub(q.Square().MulScalar(2)).Div(d).MulScalar(2)
	return dy.Mul(first.Add(x.Mul(second)))
}

// geluTanhSecond: 2s′ + x·s″ for s = sigmoid(2z), z = √(2/π)·(x + a·x³):
// s′ = 2s(1−s)·z′, s″ = 2s(1−s)·(2(1−2s)·z′² + z″).
func geluTanhSecond(dy, x *Tensor, _ [2]float64) *Tensor {
	const k, a = 0.7978845608028654, 0.044715
	x2 := x.Square()
	z := x.Mul(x2.MulScalar(a).AddScalar(1)).MulScalar(2 * k)
	s, rest := z.Sigmoid(), z.Neg().Sigmoid() // 1 − s, where s rounds to 1 too
	w := s.Mul(rest).MulScalar(2)
	z1 := x2.MulScalar(3 * a).AddScalar(1).MulScalar(k)
	z2 := x.MulScalar(6 * a * k)
	inner := rest.Sub(s).Mul(z1.Square()).MulScalar(2).Add(z2)
	return dy.Mul(w.Mul(z1.MulScalar(2).Add(x.Mul(inner))))
}

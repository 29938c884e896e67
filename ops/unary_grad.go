package ops

// Gradients of activations, one op each so that a backward step reads and
// writes once: dx[i] = dy[i]·f′. Inputs are dy and a: the activation's output
// y for tanh, sigmoid and relu, its input x for the others. Constants are the
// activation's own. Same shape, same dtype, f32 and f64. They have gradients
// themselves, for higher orders.
var reluGradDef, leakyReLUGradDef, tanhGradDef, sigmoidGradDef, geluGradDef, siluGradDef, softplusGradDef *Def

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

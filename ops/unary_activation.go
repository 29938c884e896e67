package ops

// Further activations of the unary family; their gradients are ops of the
// family unary_grad.
var eluDef, clampDef, hardswishDef, mishDef, geluTanhDef *Def

func init() {
	eluDef = unary("elu", "y = x where x > 0, else c₀·(eˣ−1)", false, 1, 0, func(g *Grad) *Tensor { return actGrad(eluGradDef, g.D(0), g.In(0), g.Const) })
	clampDef = unaryOf("clamp", "y = min(max(x, c₀), c₁)", wantNumber, 1, 0, func(g *Grad) *Tensor { return actGrad(clampGradDef, g.D(0), g.In(0), g.Const) })
	hardswishDef = unary("hardswish", "y = x·min(max(x+3, 0), 6)/6", false, 1, 0, func(g *Grad) *Tensor { return actGrad(hardswishGradDef, g.D(0), g.In(0), g.Const) })
	mishDef = unary("mish", "y = x·tanh(ln(1+eˣ))", false, 1, 0, func(g *Grad) *Tensor { return actGrad(mishGradDef, g.D(0), g.In(0), g.Const) })
	geluTanhDef = unary("gelu_tanh", "y = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))", false, 1, 0, func(g *Grad) *Tensor { return actGrad(geluTanhGradDef, g.D(0), g.In(0), g.Const) })
}

// ELU is x where x > 0 and alpha·(eˣ−1) elsewhere (Clevert, Unterthiner and
// Hochreiter 2016); torch's default for alpha is 1. The slope at 0 is alpha.
// dtypes: f32, f64.
func (x *Tensor) ELU(alpha float64) *Tensor {
	return apply1(eluDef, nil, [2]float64{alpha}, x)
}

// Clamp is min(max(x, lo), hi), so hi where lo > hi; NaN stays. An infinite
// bound is none. The gradient passes where lo ≤ x ≤ hi, the bounds included.
// Bounds of integer tensors are rounded toward zero, and saturate. dtypes:
// f32, f64, i32, i64, u8.
func (x *Tensor) Clamp(lo, hi float64) *Tensor {
	if lo != lo || hi != hi {
		fail("clamp", []*Tensor{x}, "wanted bounds that are numbers, got %v and %v", lo, hi)
	}
	return apply1(clampDef, nil, [2]float64{lo, hi}, x)
}

// Hardtanh is Clamp(−1, 1). At the two bounds the gradient passes, as Clamp's
// does there; torch's own hardtanh stops it.
func (x *Tensor) Hardtanh() *Tensor { return x.Clamp(-1, 1) }

// Hardswish is x·min(max(x+3, 0), 6)/6 (Howard et al. 2019): 0 up to −3, and at
// −inf, where torch's is NaN; x from 3 on. The slope at ±3 is x/3 + 1/2.
// dtypes: f32, f64.
func (x *Tensor) Hardswish() *Tensor { return apply1(hardswishDef, nil, noConst, x) }

// Mish is x·tanh(softplus(x)) (Misra 2019). dtypes: f32, f64.
func (x *Tensor) Mish() *Tensor { return apply1(mishDef, nil, noConst, x) }

// GELUTanh is GELU's approximation x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
// (Hendrycks and Gimpel 2016), torch's gelu with approximate="tanh". dtypes:
// f32, f64.
func (x *Tensor) GELUTanh() *Tensor { return apply1(geluTanhDef, nil, noConst, x) }

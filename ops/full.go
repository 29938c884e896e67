package ops

var fullDef *Def

func init() {
	fullDef = Register(Def{
		Op: "full", Kind: Creation, Doc: "y = c₀ everywhere",
		Infer: inferCreate(0, func(DType) bool { return true }),
	})
}

// Full makes a tensor that holds v everywhere. dtypes: any.
func Full(s *Scope, d DType, v float64, shape ...int) *Tensor {
	return applyIn(s, fullDef, createAttr(NewSpec(d, shape...)), [2]float64{v})
}

// Zeros is Full with 0.
func Zeros(s *Scope, d DType, shape ...int) *Tensor { return Full(s, d, 0, shape...) }

// Ones is Full with 1.
func Ones(s *Scope, d DType, shape ...int) *Tensor { return Full(s, d, 1, shape...) }

// zerosLike makes zeros of x's spec in x's scope.
func zerosLike(x *Tensor) *Tensor { return zerosIn(x, x.view.Spec) }

// zerosIn makes zeros of a spec in x's scope.
func zerosIn(x *Tensor, s Spec) *Tensor {
	return applyIn(scopeOf("full", x), fullDef, createAttr(s), noConst)
}

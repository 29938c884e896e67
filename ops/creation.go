package ops

import "fmt"

// CreateAttr is dtype and shape of a tensor made out of nothing.
type CreateAttr struct {
	DType DType
	ShapeAttr
}

func createAttr(s Spec) CreateAttr { return CreateAttr{s.DType, ShapeAttr{s.Rank, s.Shape}} }

// Spec is the spec that the attribute describes.
func (a CreateAttr) Spec() Spec { return Spec{DType: a.DType, Rank: a.Rank, Shape: a.Shape} }

func inferCreate(inputs int, allowed func(DType) bool) func(out, in []Spec, attr any) ([]Spec, error) {
	return func(out, in []Spec, attr any) ([]Spec, error) {
		if err := wantInputs(in, inputs); err != nil {
			return nil, err
		}
		a, ok := attr.(CreateAttr)
		if !ok || a.DType == InvalidDType || a.DType > Bool {
			return nil, fmt.Errorf("wanted dtype and shape, got %v", attr)
		}
		if !allowed(a.DType) {
			return nil, fmt.Errorf("wanted another dtype than %v; use Cast", a.DType)
		}
		s, err := shapeAttr(a.DType, a.ShapeAttr)
		if err != nil {
			return nil, err
		}
		return append(out, s), nil
	}
}

var fullDef, arangeDef *Def

func init() {
	fullDef = Register(Def{
		Op: "full", Kind: Creation, Doc: "y = c₀ everywhere",
		Infer: inferCreate(0, func(DType) bool { return true }),
	})
	arangeDef = Register(Def{
		Op: "arange", Kind: Creation, Doc: "y[i] = c₀ + i·c₁",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			s, err := inferCreate(0, func(d DType) bool { return wantArithmetic(d, true) == nil })(out, in, attr)
			if err == nil && attr.(CreateAttr).Rank != 1 {
				err = fmt.Errorf("wanted one dimension, got %v", attr)
			}
			return s, err
		},
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

// Arange makes [n] numbers start, start+step, … dtypes: f32, f64, i32, i64.
func Arange(s *Scope, d DType, start, step float64, n int) *Tensor {
	return applyIn(s, arangeDef, createAttr(NewSpec(d, n)), [2]float64{start, step})
}

// zerosLike makes zeros of x's spec in x's scope.
func zerosLike(x *Tensor) *Tensor { return zerosIn(x, x.view.Spec) }

// zerosIn makes zeros of a spec in x's scope.
func zerosIn(x *Tensor, s Spec) *Tensor {
	return applyIn(scopeOf("full", x), fullDef, createAttr(s), noConst)
}

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

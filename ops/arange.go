package ops

import "fmt"

var arangeDef *Def

func init() {
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

// Arange makes [n] numbers start, start+step, … dtypes: f32, f64, i32, i64.
func Arange(s *Scope, d DType, start, step float64, n int) *Tensor {
	return applyIn(s, arangeDef, createAttr(NewSpec(d, n)), [2]float64{start, step})
}

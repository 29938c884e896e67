package ops

import "fmt"

// AdamAttr holds what is constant over a run of Adam (Kingma and Ba 2015) or,
// with Decoupled, AdamW (Loshchilov and Hutter 2019).
type AdamAttr struct {
	N                              int // number of parameters
	Beta1, Beta2, Eps, WeightDecay float64
	Decoupled                      bool
}

var adamDef *Def

func init() {
	adamDef = Register(Def{
		Op: "adam", Kind: Update,
		Doc: "g += wd·p, or p −= lr·wd·p when decoupled; m += (1−β₁)(g−m); v = β₂v + (1−β₂)g²; " +
			"p −= lr/(1−β₁ᵗ)·m/(√v/√(1−β₂ᵗ) + ε)",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			a, ok := attr.(AdamAttr)
			if !ok {
				return nil, fmt.Errorf("wanted an AdamAttr, got %T", attr)
			}
			return inferStep(out, in, a.N, 4)
		},
		// Outputs: the parameters, the first and the second moments.
		Alias: func(attr any, out int) int { return stepAlias(attr.(AdamAttr).N, out) },
	})
}

// AdamStep updates params and the moments m and v in place from grads. lr and
// step are one-element tensors of the parameters' dtype; step counts from 1.
// Matches torch.optim.Adam and AdamW.
func AdamStep(s *Scope, a AdamAttr, lr, step *Tensor, params, grads, m, v []*Tensor) {
	a.N = len(params)
	applyStep(s, adamDef, a, lr, step, params, grads, m, v)
}

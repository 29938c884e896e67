package ops

import "fmt"

// SGDAttr holds what is constant over a run of stochastic gradient descent.
type SGDAttr struct {
	N                                int // number of parameters
	Momentum, Dampening, WeightDecay float64
	Nesterov                         bool
}

var sgdDef *Def

func init() {
	sgdDef = Register(Def{
		Op: "sgd", Kind: Update,
		Doc: "g += wd·p; m = g at t = 1, else µ·m + (1−τ)·g; p −= lr·(m, or g + µ·m with nesterov)",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			a, ok := attr.(SGDAttr)
			if !ok {
				return nil, fmt.Errorf("wanted an SGDAttr, got %T", attr)
			}
			lists := 2
			if a.Momentum != 0 {
				lists = 3
			}
			return inferStep(out, in, a.N, lists)
		},
		// Outputs: the parameters, then the momenta.
		Alias: func(attr any, out int) int { return stepAlias(attr.(SGDAttr).N, out) },
	})
}

// SGDStep updates params in place from grads. lr and step are one-element
// tensors of the parameters' dtype; step counts from 1. momenta is used, and
// updated, where a.Momentum is not 0. Matches torch.optim.SGD.
func SGDStep(s *Scope, a SGDAttr, lr, step *Tensor, params, grads, momenta []*Tensor) {
	a.N = len(params)
	lists := [][]*Tensor{params, grads}
	if a.Momentum != 0 {
		lists = append(lists, momenta)
	}
	applyStep(s, sgdDef, a, lr, step, lists...)
}

package ops

import "fmt"

// What optimizer steps share: inputs are learning rate and step count, then
// lists of n tensors.

// inferStep checks lr, step and lists of n tensors: parameters, gradients and
// state, each like its parameter. The outputs are the parameters and the state.
func inferStep(out, in []Spec, n, lists int) ([]Spec, error) {
	if n < 1 || len(in) != 2+n*lists {
		return nil, fmt.Errorf("wanted lr, step and %d lists of %d tensors, got %d inputs", lists, n, len(in))
	}
	p := in[2]
	if err := wantArithmetic(p.DType, false); err != nil {
		return nil, err
	}
	for i, name := range [...]string{"learning rate", "step count"} {
		if in[i].Len() != 1 || in[i].DType != p.DType {
			return nil, fmt.Errorf("wanted a %s of one %v element, got %v", name, p.DType, in[i])
		}
	}
	for k := 0; k < lists; k++ {
		for i := 0; i < n; i++ {
			if x := in[2+k*n+i]; x != in[2+i] || x.DType != p.DType {
				return nil, fmt.Errorf("wanted tensors like parameter %d, %v, got %v", i, in[2+i], x)
			}
			if k != 1 {
				out = append(out, in[2+i])
			}
		}
	}
	return out, nil
}

// stepAlias: output lists are parameters (input list 0), then state (input
// lists 2 and up; list 1 holds the gradients).
func stepAlias(n, out int) int {
	if out < n {
		return 2 + out
	}
	return 2 + n + out
}

func applyStep(s *Scope, d *Def, attr any, lr, step *Tensor, lists ...[]*Tensor) {
	in := make([]*Tensor, 0, 2+len(lists)*len(lists[0]))
	in = append(in, lr, step)
	for _, l := range lists {
		if len(l) != len(lists[0]) {
			fail(d.Op, nil, "wanted lists of %d tensors, got one of %d", len(lists[0]), len(l))
		}
		in = append(in, l...)
	}
	if len(lists[0]) > 0 {
		applyN(s, d, attr, noConst, in...)
	}
}

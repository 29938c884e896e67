package ops

import "fmt"

// ReserveAttr is the number of blocks that rand_reserve sets aside.
type ReserveAttr struct{ Blocks int64 }

var randReserveDef *Def

func init() {
	randReserveDef = Register(Def{
		Op: "rand_reserve", Kind: Update, Doc: "y = state; then counter += blocks",
		Alias: func(_ any, out int) int { return out - 1 }, // output 1 is the state
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if err := wantInputs(in, 1); err != nil {
				return nil, err
			}
			if _, ok := attr.(ReserveAttr); !ok {
				return nil, fmt.Errorf("wanted a ReserveAttr, got %T", attr)
			}
			if err := wantState(in[0]); err != nil {
				return nil, err
			}
			return append(out, in[0], in[0]), nil
		},
	})
}

// reserve takes blocks from the scope's generator for n elements.
func reserve(s *Scope, op Op, n int) *Tensor {
	if s == nil {
		fail(op, nil, "wanted a scope, got nil")
	}
	if s.rng == nil {
		fail(op, nil, "wanted a generator: open the scope with ops.Train(rng) or ops.Infer(rng)")
	}
	return applyN(s, randReserveDef, ReserveAttr{int64(n+3) / 4}, noConst, s.rng.state)[0]
}

package ops

import (
	"fmt"
	"slices"
)

// FlipAttr is a bit mask of the dimensions that are turned round.
type FlipAttr struct{ Dims int }

// RollAttr is how far each dimension is shifted; entries from the rank on are
// zero.
type RollAttr struct{ Shifts [MaxRank]int }

var flipDef, rollDef *Def

// Both are pads of as much on one side as is cut off on the other: reflected,
// a row of n with n−1 before and −(n−1) after is turned round; gone round, one
// with k before and −k after is shifted by k.
func init() {
	flipDef = Register(Def{
		Op: "flip", Kind: Composed, Doc: "y[i] = x[n − 1 − i] along the dimensions named",
		Infer: inferFlip,
		Compose: func(in []*Tensor, attr any, _ [2]float64) []*Tensor {
			a := PadAttr{Mode: PadReflect}
			for i, n := range in[0].view.Shape[:in[0].view.Rank] {
				if attr.(FlipAttr).Dims>>i&1 == 1 {
					a.Before[i], a.After[i] = n-1, 1-n
				}
			}
			return moved(in[0], a)
		},
	})
	rollDef = Register(Def{
		Op: "roll", Kind: Composed, Stem: "flip", Doc: "y[(i + shift) mod n] = x[i] along each dimension",
		Infer: inferRoll,
		Compose: func(in []*Tensor, attr any, _ [2]float64) []*Tensor {
			a := PadAttr{Mode: PadCircular}
			for i, n := range in[0].view.Shape[:in[0].view.Rank] {
				if n > 0 {
					k := attr.(RollAttr).Shifts[i] % n
					if k < 0 {
						k += n
					}
					a.Before[i], a.After[i] = k, -k
				}
			}
			return moved(in[0], a)
		},
	})
}

func moved(x *Tensor, a PadAttr) []*Tensor {
	if x.view.Len() == 0 {
		return []*Tensor{x.Clone()}
	}
	return []*Tensor{apply1(padDef, a, noConst, x)}
}

func inferFlip(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	if a, ok := attr.(FlipAttr); !ok || a.Dims < 0 || a.Dims >= 1<<in[0].Rank {
		return nil, fmt.Errorf("wanted a mask of %d dimensions, got %v", in[0].Rank, attr)
	}
	return append(out, in[0]), nil
}

func inferRoll(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	a, ok := attr.(RollAttr)
	if !ok {
		return nil, fmt.Errorf("wanted a RollAttr, got %T", attr)
	}
	for _, k := range a.Shifts[in[0].Rank:] {
		if k != 0 {
			return nil, fmt.Errorf("wanted zeros behind the rank, got %v", a.Shifts)
		}
	}
	return append(out, in[0]), nil
}

// Flip turns the elements of the dimensions named round. It is one Pad, and
// its gradient flips back. dtypes: any.
func (x *Tensor) Flip(dims ...int) *Tensor {
	var a FlipAttr
	for _, d := range dims {
		bit := 1 << x.dim("flip", d)
		if a.Dims&bit != 0 {
			fail("flip", []*Tensor{x}, "wanted each dimension once, got %v", dims)
		}
		a.Dims |= bit
	}
	return apply1(flipDef, a, noConst, x)
}

// Roll shifts the elements along dimension dims[i] by shifts[i] places; those
// that leave at one end come in at the other. Without dims, x is rolled as if
// it were flat, by one shift. A dimension named twice is shifted by the sum.
// It is one Pad, and its gradient rolls back. dtypes: any.
func (x *Tensor) Roll(shifts, dims []int) *Tensor {
	if len(dims) == 0 && len(shifts) == 1 {
		return x.Reshape(-1).Roll(shifts, []int{0}).Reshape(slices.Clone(x.view.Shape[:x.view.Rank])...)
	}
	if len(shifts) != len(dims) || len(dims) == 0 {
		fail("roll", []*Tensor{x}, "wanted as many shifts as dimensions, got %v and %v", shifts, dims)
	}
	var a RollAttr
	for k, d := range dims {
		i := x.dim("roll", d)
		if n := x.view.Shape[i]; n > 0 {
			a.Shifts[i] = (a.Shifts[i] + shifts[k]%n) % n
		}
	}
	return apply1(rollDef, a, noConst, x)
}

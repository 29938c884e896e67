package ops

import "fmt"

// RepeatAttr is how often each dimension is repeated; entries from the rank on
// are zero.
type RepeatAttr struct{ Times [MaxRank]int }

var repeatDef *Def

func init() {
	repeatDef = Register(Def{
		Op: "repeat", Kind: Composed, Doc: "y[i, j] = x[i mod n, j mod m]",
		Infer: inferRepeat,
		Compose: func(in []*Tensor, attr any, _ [2]float64) []*Tensor {
			return []*Tensor{tile(in[0], attr.(RepeatAttr).Times)}
		},
	})
}

func inferRepeat(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	a, ok := attr.(RepeatAttr)
	if !ok {
		return nil, fmt.Errorf("wanted a RepeatAttr, got %T", attr)
	}
	s := in[0]
	for i, n := range a.Times {
		switch {
		case i >= s.Rank && n != 0:
			return nil, fmt.Errorf("wanted zeros behind the rank, got %v", a.Times)
		case i >= s.Rank:
		case n < 0:
			return nil, fmt.Errorf("wanted each dimension at least 0 times, got %v", a.Times[:s.Rank])
		case n > 0 && s.Shape[i] > maxLen/n:
			return nil, shapeError(fmt.Sprintf("fewer than 2⁵⁶ elements in %v times", a.Times[:s.Rank]), s)
		default:
			s.Shape[i] *= n
		}
	}
	return append(out, s), nil
}

// tile repeats by expanded views and a copy, up to three dimensions of more
// than one element at a time: each takes two dimensions of the view, [times,
// its size times those behind it].
func tile(x *Tensor, times [MaxRank]int) *Tensor {
	s := x.view.Spec
	for i := range s.Rank { // no elements, and what a view alone repeats
		if times[i] == 0 {
			s.Shape[i] = 0
		} else if s.Shape[i] == 1 {
			s.Shape[i], times[i] = times[i], 1
		}
	}
	if s.Len() == 0 {
		for i := range s.Rank {
			s.Shape[i] *= times[i]
		}
		return x.zeroFromNothing(s)
	}
	x = x.Expand(s.Shape[:s.Rank]...)
	copied := false
	for end := s.Rank; end > 0; {
		shape, wide, tail := []int{}, []int{}, 1
		cuts, i := 0, end-1
		for ; i >= 0; i-- {
			if times[i] > 1 {
				if cuts == 3 {
					break
				}
				cuts++
				shape, wide = append(shape, s.Shape[i]*tail, 1), append(wide, s.Shape[i]*tail, times[i])
				tail = 1
			} else {
				tail *= s.Shape[i]
			}
		}
		if cuts == 0 {
			break
		}
		for k := range i + 1 { // not yet repeated
			tail *= s.Shape[k]
		}
		shape, wide = append(shape, tail), append(wide, tail)
		for k := i + 1; k < end; k++ {
			s.Shape[k] *= times[k]
		}
		// What lies behind end was repeated before and belongs to the first cut.
		behind := 1
		for k := end; k < s.Rank; k++ {
			behind *= s.Shape[k]
		}
		shape[0], wide[0] = shape[0]*behind, wide[0]*behind
		x = x.Reshape(turned(shape)...).Expand(turned(wide)...).Reshape(s.Shape[:s.Rank]...)
		end, copied = i+1, true
	}
	if !copied {
		x = x.Clone()
	}
	return x
}

// turned is a list in the opposite order.
func turned(a []int) []int {
	out := make([]int, len(a))
	for i, n := range a {
		out[len(a)-1-i] = n
	}
	return out
}

// zeroFromNothing is an empty tensor of spec s whose gradient flows to x, as
// zeros.
func (x *Tensor) zeroFromNothing(s Spec) *Tensor {
	for i := range x.view.Rank {
		if s.Shape[i] == 0 && x.view.Shape[i] > 0 {
			x = x.Narrow(i, 0, 0)
		}
	}
	return x.Reshape(s.Shape[:s.Rank]...)
}

// Repeat copies x times[i] times along dimension i, as torch's repeat and
// NumPy's tile do. More numbers than x has dimensions add dimensions in front;
// fewer are an error, as in torch. Where 0 times are wanted the result is
// empty. The gradient of an element is the sum over its copies. dtypes: any.
//
// It is made of an expanded view and one copy, for each three dimensions that
// are repeated.
func (x *Tensor) Repeat(times ...int) *Tensor {
	if len(times) < x.view.Rank || len(times) > MaxRank {
		fail("repeat", []*Tensor{x}, "wanted %d to %d numbers for %v, got %v", x.view.Rank, MaxRank, x.view.Spec, times)
	}
	shape := make([]int, len(times)-x.view.Rank, MaxRank)
	for i := range shape {
		shape[i] = 1
	}
	var a RepeatAttr
	copy(a.Times[:], times)
	return apply1(repeatDef, a, noConst, x.Reshape(append(shape, x.view.Shape[:x.view.Rank]...)...))
}

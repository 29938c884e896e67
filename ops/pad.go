package ops

import "fmt"

// PadMode says what stands in the places that padding adds.
type PadMode uint8

// The modes, with the row [1 2 3 4] padded by two on either side.
const (
	PadConstant  PadMode = iota // c c 1 2 3 4 c c
	PadReflect                  // 3 2 1 2 3 4 3 2
	PadReplicate                // 1 1 1 2 3 4 4 4
	PadCircular                 // 3 4 1 2 3 4 1 2
)

var padModeNames = [...]string{"constant", "reflect", "replicate", "circular"}

func (m PadMode) String() string {
	if int(m) < len(padModeNames) {
		return padModeNames[m]
	}
	return fmt.Sprintf("pad mode %d", uint8(m))
}

// PadAttr is the mode and how many places are added before and after the
// elements of each dimension. Negative numbers cut off; zero keeps the
// dimension; entries from the rank on are zero.
type PadAttr struct {
	Mode          PadMode
	Before, After [MaxRank]int
}

// PadGradAttr is one dimension of a PadAttr.
type PadGradAttr struct {
	Mode               PadMode
	Dim, Before, After int
}

var padDef, padGradDef *Def

func init() {
	padDef = Register(Def{
		Op: "pad", Kind: Copy, Doc: "y[i] = x[i − before], and beyond its ends c₀ or elements of x by the mode",
		Infer: inferPad,
		VJP: func(g *Grad) []*Tensor {
			a, s, d := g.Attr.(PadAttr), g.Spec(0), g.D(0)
			if d.view.Len() == 0 { // all was cut off
				return []*Tensor{zerosIn(d, s)}
			}
			if a.Mode == PadConstant {
				back := PadAttr{}
				for i := range s.Rank {
					back.Before[i], back.After[i] = -a.Before[i], -a.After[i]
				}
				return []*Tensor{apply1(padDef, back, noConst, d)}
			}
			for i := range s.Rank {
				if a.Before[i] != 0 || a.After[i] != 0 {
					d = apply1(padGradDef, PadGradAttr{a.Mode, i, a.Before[i], a.After[i]}, noConst, d)
				}
			}
			return []*Tensor{d}
		},
	})
	padGradDef = Register(Def{
		Op: "pad_grad", Kind: Copy, Stem: "pad",
		Doc:   "x[i] = the sum of y over the places along dim that pad fills from i: the gradient of pad",
		Infer: inferPadGrad,
		VJP: func(g *Grad) []*Tensor {
			a := g.Attr.(PadGradAttr)
			p := PadAttr{Mode: a.Mode}
			p.Before[a.Dim], p.After[a.Dim] = a.Before, a.After
			return []*Tensor{apply1(padDef, p, noConst, g.D(0))}
		},
		Empty: func(any) float64 { return 0 },
	})
}

// padded is the size of a dimension of n elements once it is padded.
func (m PadMode) padded(n, before, after int) (int, error) {
	if before == 0 && after == 0 {
		return n, nil
	}
	switch most := max(before, after); {
	case before > maxLen || after > maxLen || before < -n || after < -n || before+after < -n:
		return 0, fmt.Errorf("wanted to cut off at most the %d elements there are, got %d before and %d after", n, before, after)
	case m == PadConstant:
	case n == 0:
		return 0, fmt.Errorf("wanted elements to %s, got a dimension of size 0 padded by %d and %d", m, before, after)
	case m == PadReflect && most >= n:
		return 0, fmt.Errorf("wanted padding smaller than the dimension to reflect, got %d and %d for size %d", before, after, n)
	case m == PadCircular && most > n:
		return 0, fmt.Errorf("wanted padding no larger than the dimension to go round, got %d and %d for size %d", before, after, n)
	}
	return n + before + after, nil
}

func inferPad(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	a, ok := attr.(PadAttr)
	if !ok || a.Mode > PadCircular {
		return nil, fmt.Errorf("wanted a PadAttr with a known mode, got %v", attr)
	}
	s := in[0]
	for i := range a.Before {
		if i >= s.Rank {
			if a.Before[i] != 0 || a.After[i] != 0 {
				return nil, fmt.Errorf("wanted zeros behind the rank, got %v and %v", a.Before, a.After)
			}
			continue
		}
		n, err := a.Mode.padded(s.Shape[i], a.Before[i], a.After[i])
		if err != nil {
			return nil, fmt.Errorf("dimension %d: %w", i, err)
		}
		s.Shape[i] = n
	}
	return append(out, s), nil
}

func inferPadGrad(out, in []Spec, attr any) ([]Spec, error) {
	if err := wantInputs(in, 1); err != nil {
		return nil, err
	}
	a, ok := attr.(PadGradAttr)
	if !ok || a.Mode > PadCircular || a.Dim < 0 || a.Dim >= in[0].Rank {
		return nil, fmt.Errorf("wanted a PadGradAttr with a known mode and a dimension below %d, got %v", in[0].Rank, attr)
	}
	if !in[0].DType.IsFloat() {
		return nil, fmt.Errorf("wanted f32, f64, f16 or bf16, got %v", in[0].DType)
	}
	s := in[0]
	m := s.Shape[a.Dim]
	for _, p := range [...]int{a.Before, a.After} {
		if p > maxLen || p < -maxLen {
			return nil, fmt.Errorf("wanted padding below 2⁵⁶, got %d", p)
		}
	}
	n := m - a.Before - a.After
	if n < 0 {
		return nil, fmt.Errorf("wanted a dimension as long as its padding, got %d for %d and %d", m, a.Before, a.After)
	}
	if _, err := a.Mode.padded(n, a.Before, a.After); err != nil {
		return nil, err
	}
	s.Shape[a.Dim] = n
	return append(out, s), nil
}

// Pad adds pads[2k] places before and pads[2k+1] after the elements of
// dimension rank−1−k: pairs go from the last dimension to the first, as in
// torch, and dimensions without a pair stay. Negative numbers cut off. In the
// mode PadConstant the places hold v, converted to the dtype as Full does; in
// the others they repeat elements, and v is not used. PadReflect wants less
// padding than the dimension has elements, PadCircular no more than it has.
// dtypes: any; the gradient of an element is the sum over its copies, in a
// fixed order, for float dtypes (half types sum in f32 along a dimension).
func (x *Tensor) Pad(mode PadMode, v float64, pads ...int) *Tensor {
	r := x.view.Rank
	if len(pads)%2 != 0 || len(pads) > 2*r {
		fail("pad", []*Tensor{x}, "wanted at most %d pairs of numbers for %v, got %v", r, x.view.Spec, pads)
	}
	a := PadAttr{Mode: mode}
	for k := range len(pads) / 2 {
		a.Before[r-1-k], a.After[r-1-k] = pads[2*k], pads[2*k+1]
	}
	c := noConst
	if mode == PadConstant {
		c[0] = v
	}
	if x.view.Len() == 0 {
		outs, err := inferPad(nil, []Spec{x.view.Spec}, a)
		if err != nil {
			failErr("pad", []*Tensor{x}, err)
		}
		return applyIn(scopeOf("pad", x), fullDef, createAttr(outs[0]), c) // nothing of x is in it
	}
	return apply1(padDef, a, c, x)
}

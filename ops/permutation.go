package ops

var permutationDef *Def

func init() {
	infer := inferCreate(1, func(d DType) bool { return d == I64 })
	permutationDef = Register(Def{
		Op: "permutation", Kind: Random,
		Doc: "y = 0 … n−1 sorted by random words, equal words by number",
		Infer: func(out, in []Spec, attr any) ([]Spec, error) {
			if len(in) == 1 {
				if err := wantState(in[0]); err != nil {
					return nil, err
				}
			}
			s, err := infer(out, in, attr)
			if err == nil && attr.(CreateAttr).Rank != 1 {
				return nil, shapeError("one dimension", attr.(CreateAttr).Spec())
			}
			return s, err
		},
	})
}

// Permutation is a random order of 0 … n−1, i64 [n]: the numbers sorted by
// words of the scope's generator (word i of the stream belongs to number i).
func Permutation(s *Scope, n int) *Tensor { return draw(s, permutationDef, I64, noConst, []int{n}) }

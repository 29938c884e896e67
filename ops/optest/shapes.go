package optest

import "github.com/tuff-ml/tuff/ops"

// walk calls f for each element of s in row-major order with its flat number
// and its position, which f must not keep.
func walk(s ops.Spec, f func(i int, at []int)) {
	at := make([]int, s.Rank)
	for i := range s.Len() {
		f(i, at)
		for k := s.Rank - 1; k >= 0; k-- {
			if at[k]++; at[k] < s.Shape[k] {
				break
			}
			at[k] = 0
		}
	}
}

// flat is the row-major number of a position in s.
func flat(s ops.Spec, at []int) int {
	n := 0
	for k := range s.Rank {
		n = n*s.Shape[k] + at[k]
	}
	return n
}

// pick makes an array of spec s whose element at a position is x's element at
// the position that from gives.
func pick(x Array, s ops.Spec, from func(at, src []int)) Array {
	out, src := NewArray(s), make([]int, x.Rank)
	walk(s, func(i int, at []int) {
		from(at, src)
		out.copyFrom(i, &x, flat(x.Spec, src))
	})
	return out
}

// stretch is x broadcast to the shape of s by NumPy's rule.
func stretch(x Array, s ops.Spec) Array {
	s.DType = x.DType
	if x.Spec == s {
		return x
	}
	add := s.Rank - x.Rank
	return pick(x, s, func(at, src []int) {
		for k := range src {
			src[k] = at[k+add]
			if x.Shape[k] == 1 {
				src[k] = 0
			}
		}
	})
}

// rows calls f for each line of s along dim: first is the flat number of its
// first element, step the distance between neighbours, n their number.
func rows(s ops.Spec, dim int, f func(first, step, n int)) {
	step, n := 1, s.Shape[dim]
	for k := dim + 1; k < s.Rank; k++ {
		step *= s.Shape[k]
	}
	if n == 0 {
		return
	}
	for outer := 0; outer < s.Len(); outer += n * step {
		for inner := range step {
			f(outer+inner, step, n)
		}
	}
}

package ops

// Eye makes [n, m] with ones on the diagonal and zeros elsewhere. dtypes: f32,
// f64, i32, i64. It is OneHot of 0, 1, …; where n is larger than m, the result
// is a transposed view.
func Eye(s *Scope, d DType, n, m int) *Tensor {
	if n < 0 || m < 0 {
		fail("eye", nil, "wanted sizes of at least 0, got %d and %d", n, m)
	}
	if err := wantArithmetic(d, true); err != nil {
		failErr("eye", nil, err)
	}
	if n == 0 || m == 0 {
		return Zeros(s, d, n, m)
	}
	if n > m {
		return Eye(s, d, m, n).T()
	}
	i := Arange(s, I64, 0, 1, n)
	y := i.OneHot(m, d)
	i.Release()
	return y
}

// Linspace makes [n] numbers in equal steps from start to end, both of them
// included exactly; n = 1 gives start. As in torch the first half counts up
// from start and the second down from end, so that neither end is off by
// rounding. dtypes: f32, f64.
func Linspace(s *Scope, d DType, start, end float64, n int) *Tensor {
	if n < 0 {
		fail("linspace", nil, "wanted at least 0 numbers, got %d", n)
	}
	if err := wantArithmetic(d, false); err != nil {
		failErr("linspace", nil, err)
	}
	if n < 2 {
		return Full(s, d, start, n)
	}
	step, half := (end-start)/float64(n-1), n/2
	low := Arange(s, d, start, step, half)
	return Tidy(low, func() *Tensor {
		left := Arange(s, d, float64(n-half-1), -1, n-half) // steps to the end
		return Concat(0, low, left.MulScalar(-step).AddScalar(end))
	})
}

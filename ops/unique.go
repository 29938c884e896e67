package ops

import "context"

// Unique gives the different elements of x in ascending order, [count], and how
// often each occurs, i64 [count], as torch.unique of a whole tensor. −0 equals
// +0 (the first one found stands for both), and NaN differs from everything,
// itself too; where a device flushes subnormal numbers, they equal 0. The
// result's size depends on data, so the count is read back: it waits for the
// device and is refused inside Capture. It is made of a sort. No gradient.
// dtypes: f32, f64, i32, i64, u8, bool.
func (x *Tensor) Unique(ctx context.Context) (values, counts *Tensor, err error) {
	const op = "unique"
	s := hostSized(op, x)
	if x.view.DType == F16 || x.view.DType == BF16 {
		fail(op, []*Tensor{x}, "wanted f32, f64, i32, i64, u8 or bool, got %v; use Cast", x.view.DType)
	}
	n := x.view.Len()
	if n == 0 {
		return Zeros(s, x.view.DType, 0), Zeros(s, I64, 0), nil
	}
	out, err := s.hostTidy(func() ([]*Tensor, error) {
		sorted, _ := x.Detach().Reshape(n).Sort(0, false)
		starts, end := Zeros(s, I64, 1), Full(s, I64, float64(n), 1)
		if n > 1 {
			changes, err := trueIndices(ctx, s, sorted.Narrow(0, 1, n-1).Ne(sorted.Narrow(0, 0, n-1)))
			if err != nil {
				return nil, err
			}
			starts = Concat(0, starts, changes.AddScalar(1))
		}
		ends := Concat(0, starts.Narrow(0, 1, starts.view.Len()-1), end)
		return []*Tensor{sorted.Gather(0, starts), ends.Sub(starts)}, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return out[0], out[1], nil
}

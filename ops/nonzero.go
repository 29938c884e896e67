package ops

import (
	"context"
	"slices"
)

// NonZero gives the positions of the elements of x that are not 0, in row-major
// order: i64 [count, dimensions of x], as torch.nonzero. NaN is not 0;
// subnormal numbers are where a device flushes them. The result's size depends
// on data, so the count is read back: it waits for the device and is refused
// inside Capture; Where and masks need neither. It is made of a stable sort of
// the mask. No gradient. dtypes: f32, f64, i32, i64, u8, bool.
func (x *Tensor) NonZero(ctx context.Context) (*Tensor, error) {
	const op = "nonzero"
	s := hostSized(op, x)
	out, err := s.hostTidy(func() ([]*Tensor, error) {
		mask := x.Detach()
		if x.view.DType != Bool {
			mask = mask.NeScalar(0)
		}
		at, err := trueIndices(ctx, s, mask)
		if err != nil {
			return nil, err
		}
		return []*Tensor{coordinates(s, at, x.view.Spec)}, nil
	})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// hostSized is the scope of an op whose result's size is read back.
func hostSized(op Op, x ...*Tensor) *Scope {
	s := scopeOf(op, x...)
	for _, t := range x {
		s.use(op, t)
	}
	s.refuseInCapture(op, "results whose size is read back")
	return s
}

// hostTidy is Tidy for several results and an error.
func (s *Scope) hostTidy(f func() ([]*Tensor, error)) ([]*Tensor, error) {
	mark := s.mark()
	out, err := f()
	s.freeFrom(mark, func(t *Tensor) bool { return slices.Contains(out, t) })
	return out, err
}

// trueIndices are the row-major numbers of the true elements of mask, i64
// [count]: true ones first is a stable descending order.
func trueIndices(ctx context.Context, s *Scope, mask *Tensor) (*Tensor, error) {
	n := mask.view.Len()
	if n == 0 {
		return Zeros(s, I64, 0), nil
	}
	flat := mask.Reshape(n)
	count, err := flat.Cast(I64).Sum().Item(ctx)
	if err != nil {
		return nil, err
	}
	return flat.ArgSort(0, true).Narrow(0, 0, int(count)).Clone(), nil
}

// coordinates are the positions in a tensor like spec of row-major numbers,
// i64 [numbers, rank]: each column gathered from a table of one coordinate.
func coordinates(s *Scope, at *Tensor, spec Spec) *Tensor {
	n := at.view.Len()
	if n == 0 || spec.Rank == 0 {
		return Zeros(s, I64, n, spec.Rank)
	}
	cols := make([]*Tensor, spec.Rank)
	for d := range cols {
		if spec.Rank == 1 {
			cols[d] = at.Reshape(n, 1)
			continue
		}
		size := make([]int, spec.Rank)
		for i := range size {
			size[i] = 1
		}
		size[d] = spec.Shape[d]
		table := Arange(s, I64, 0, 1, spec.Shape[d]).Reshape(size...).Expand(spec.Dims()...).Reshape(spec.Len())
		cols[d] = table.Gather(0, at).Reshape(n, 1)
	}
	return Concat(1, cols...)
}

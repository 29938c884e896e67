package ops

import (
	"context"
	"fmt"
)

// MaskedSelect gives the elements of x where mask holds, in row-major order:
// [count], as torch.masked_select. mask is bool and broadcasts to x's shape.
// The result's size depends on data, so the count is read back: it waits for
// the device and is refused inside Capture; Where and MaskedFill need neither.
// The gradient goes back to the places that were taken, for the dtypes of
// ScatterAdd. x: any dtype.
func (x *Tensor) MaskedSelect(ctx context.Context, mask *Tensor) (*Tensor, error) {
	const op = "masked_select"
	s := hostSized(op, x, mask)
	if mask.view.DType != Bool {
		failErr(op, []*Tensor{x, mask}, fmt.Errorf("wanted a bool mask, got %v", mask.view.DType))
	}
	if _, err := inferExpand(nil, []Spec{mask.view.Spec}, ShapeAttr{x.view.Rank, x.view.Shape}); err != nil {
		failErr(op, []*Tensor{x, mask}, err)
	}
	at, err := s.hostTidy(func() ([]*Tensor, error) {
		at, err := trueIndices(ctx, s, mask.Expand(x.Shape()...))
		return []*Tensor{at}, err
	})
	if err != nil {
		return nil, err
	}
	return x.Reshape(x.view.Len()).Gather(0, at[0]), nil
}

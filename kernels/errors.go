package kernels

import (
	"errors"
	"fmt"

	"github.com/tuff-ml/tuff/gpu"
	"github.com/tuff-ml/tuff/ops"
)

// wrap gives an error of package gpu the sentinel that ops knows. What gpu
// said stays within reach of errors.Is and errors.As.
func wrap(err error) error {
	var fault *gpu.Fault
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gpu.ErrOutOfMemory):
		return fmt.Errorf("%w: %w", ops.ErrOutOfMemory, err)
	case errors.Is(err, gpu.ErrLost):
		return fmt.Errorf("%w: %w", ops.ErrDeviceLost, err)
	case errors.As(err, &fault):
		index := &ops.IndexError{Op: faultOp(fault.Code), Index: fault.Value, Limit: int64(fault.Limit)}
		return fmt.Errorf("%w (%w)", index, err)
	}
	return err
}

// unsupported is an ops.ErrUnsupported with the reason.
func unsupported(format string, args ...any) error {
	return fmt.Errorf("kernels: %w: %s", ops.ErrUnsupported, fmt.Sprintf(format, args...))
}

// needsDense is an ops.ErrDense with the reason.
func needsDense(rank int) error {
	return fmt.Errorf("kernels: %w: wanted at most %d dimensions after merging, got %d", ops.ErrDense, maxDims, rank)
}

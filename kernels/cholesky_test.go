package kernels

import (
	"errors"
	"testing"

	"github.com/tuff-ml/tuff/ops"
)

func TestCholeskyPlans(t *testing.T) {
	for _, x := range []struct {
		d, size, group int
		held           bool
		want           error
	}{
		{1, 4, 16, true, nil}, {3, 4, 64, true, nil}, {16, 4, 256, true, nil},
		{126, 4, 256, true, nil}, {127, 4, 256, false, nil}, {89, 8, 256, true, nil}, {90, 8, 256, false, nil},
		{8192, 4, 256, false, nil}, {8193, 4, 0, false, ops.ErrUnsupported},
	} {
		group, held, err := chooseCholesky(small(), x.d, x.size)
		if group != x.group || held != x.held || !errors.Is(err, x.want) {
			t.Errorf("%d rows of %d bytes: wanted %d threads, held %v, error %v, got %d, %v, %v", x.d, x.size, x.group, x.held, x.want, group, held, err)
		}
	}
}

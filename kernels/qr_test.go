package kernels

import "testing"

func TestQRPlans(t *testing.T) {
	for _, x := range []struct {
		m, n, size, group int
		held              bool
	}{
		{1, 1, 4, 16, true}, {7, 3, 4, 64, true}, {100, 16, 4, 256, true}, {500, 16, 4, 256, false}, {495, 16, 4, 256, true}, {100, 40, 8, 256, false},
	} {
		p, err := chooseQR(small(), x.m, x.n, x.size)
		if err != nil || p.group != x.group || p.held != x.held || p.rounds < x.n {
			t.Errorf("%d×%d of %d bytes: wanted %d threads, held %v, got %+v, %v", x.m, x.n, x.size, x.group, x.held, p, err)
		}
	}
	if _, err := chooseQR(small(), 9000, 8000, 4); err == nil {
		t.Error("8000 columns: wanted an error, as their τ do not fit shared memory")
	}
}

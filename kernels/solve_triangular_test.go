package kernels

import "testing"

func TestTriangularPlans(t *testing.T) {
	for _, x := range []struct {
		d, n, size int
		want       triangularPlan
	}{
		{1, 1, 4, triangularPlan{1, 1, true}},
		{13, 5, 4, triangularPlan{128, 8, true}},
		{13, 1000, 4, triangularPlan{256, 16, true}},
		{512, 16, 4, triangularPlan{256, 16, true}},
		{513, 16, 4, triangularPlan{256, 8, true}},
		{2048, 16, 4, triangularPlan{256, 4, true}},
		{2049, 16, 4, triangularPlan{256, 16, false}},
		{2049, 2, 4, triangularPlan{256, 2, true}},
		{1024, 16, 8, triangularPlan{256, 4, true}},
	} {
		if got := chooseTriangular(small(), x.d, x.n, x.size); got != x.want {
			t.Errorf("%d equations, %d right sides of %d bytes: wanted %v, got %v", x.d, x.n, x.size, x.want, got)
		}
	}
}

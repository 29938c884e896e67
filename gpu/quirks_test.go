package gpu

import (
	"slices"
	"testing"
)

func TestQuirksGoByDriverAndVersion(t *testing.T) {
	for _, c := range []struct {
		driver   string
		id, lane int
		want     []string
	}{
		{"llvmpipe Mesa 26.1.6 (LLVM 19.1.7)", driverLavapipe, 8, nil},
		{"llvmpipe Mesa 26.1.6 (LLVM 19.1.7)", driverLavapipe, 16, []string{"lavapipe: no 64-bit packing above vector width 256"}},
		{"llvmpipe Mesa 22.3.6 (LLVM 15.0.6)", driverLavapipe, 8, []string{"lavapipe before 26: loops end after 65535 iterations"}},
		{"NVIDIA 550.54", 4, 32, nil},
	} {
		i := Info{Driver: c.driver, DriverID: c.id}
		i.Limits.SubgroupSize = c.lane
		applyQuirks(&i)
		if !slices.Equal(i.Quirks, c.want) {
			t.Errorf("%s, subgroups of %d: wanted quirks %q, got %q", c.driver, c.lane, c.want, i.Quirks)
		}
		if i.splitPack != (c.id == driverLavapipe && c.lane > 8) {
			t.Errorf("%s, subgroups of %d: splitPack is %v", c.driver, c.lane, i.splitPack)
		}
	}
}

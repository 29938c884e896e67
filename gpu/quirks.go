package gpu

import (
	"fmt"
	"strings"
)

// A quirk takes features away from a driver that gets them wrong.
type quirk struct {
	name     string
	driverID int // VkDriverId
	applies  func(*Info) bool
	fix      func(*Info)
}

const driverLavapipe = 13 // VK_DRIVER_ID_MESA_LLVMPIPE

// quirks is the table of known faults, one line each with how it was seen.
var quirks = []quirk{
	{
		// Mesa 26.1: with LP_NATIVE_VECTOR_WIDTH=512 (subgroup size 16)
		// cooperative-matrix pipelines crash; they work at 256 (size 8).
		name:     "lavapipe: coopmat only at vector width 256",
		driverID: driverLavapipe,
		applies:  func(i *Info) bool { return i.Features.CoopMat && i.Limits.SubgroupSize != 8 },
		fix:      func(i *Info) { i.Features.CoopMat, i.CoopMats = false, nil },
	},
	{
		// Mesa 22.3.6: a shader's loops stop after 65,535 iterations without
		// an error; 26.1 is right. Which release between is the first that is
		// right was not tried, so all of them count as wrong.
		name:     "lavapipe before 26: loops end after 65535 iterations",
		driverID: driverLavapipe,
		applies:  func(i *Info) bool { return mesaMajor(i.Driver) < 26 },
		fix:      func(i *Info) { i.Limits.MaxLoop = 65535 },
	},
	{
		// Mesa 26.1: "stack smashing detected" while it compiles a bitcast of
		// two 32-bit words to 64 bits at LP_NATIVE_VECTOR_WIDTH=512 and 1024.
		name:     "lavapipe: no 64-bit packing above vector width 256",
		driverID: driverLavapipe,
		applies:  func(i *Info) bool { return i.Limits.SubgroupSize > 8 },
		fix:      func(i *Info) { i.splitPack = true },
	},
}

// mesaMajor is the number after "Mesa" in a driver's text, 0 when there is none.
func mesaMajor(driver string) int {
	_, rest, _ := strings.Cut(driver, "Mesa ")
	n := 0
	fmt.Sscanf(rest, "%d", &n)
	return n
}

func applyQuirks(i *Info) {
	for _, q := range quirks {
		if q.driverID == i.DriverID && q.applies(i) {
			q.fix(i)
			i.Quirks = append(i.Quirks, q.name)
		}
	}
}

// features maps the names that Options.Disable and TUFF_DISABLE take.
var features = []struct {
	name string
	off  func(*Info)
}{
	{"coopmat", func(i *Info) { i.Features.CoopMat, i.CoopMats = false, nil }},
	{"f16", func(i *Info) { i.Features.Float16 = false }},
	{"f64", func(i *Info) { i.Features.Float64 = false }},
	{"i8", func(i *Info) { i.Features.Int8 = false }},
	{"i16", func(i *Info) { i.Features.Int16 = false }},
	{"timeline", func(i *Info) { i.Features.Timeline = false }},
	{"subgroup_size_control", func(i *Info) { i.Features.SubgroupSizeControl, i.Features.FullSubgroups = false, false }},
	{"subgroup_extended", func(i *Info) { i.Features.SubgroupExtended = false }},
	{"maintenance4", func(i *Info) { i.Features.Maintenance4 = false }},
	{"memory_budget", func(i *Info) { i.Features.MemoryBudget = false }},
	{"scalar_layout", func(i *Info) { i.Features.ScalarLayout = false }},
	{"int_dot", func(i *Info) { i.Features.IntDot = false }},
	{"timestamps", func(i *Info) { i.Features.Timestamps = false }},
}

// FeatureNames lists what Options.Disable and TUFF_DISABLE can switch off.
// Names that only other parts of Tuff know are ignored here.
func FeatureNames() []string {
	out := make([]string, len(features))
	for i, f := range features {
		out[i] = f.name
	}
	return out
}

func disable(i *Info, names []string) {
	for _, n := range names {
		for _, f := range features {
			if strings.EqualFold(strings.TrimSpace(n), f.name) {
				f.off(i)
			}
		}
	}
	if !i.Features.SubgroupSizeControl {
		i.Limits.MinSubgroupSize, i.Limits.MaxSubgroupSize = i.Limits.SubgroupSize, i.Limits.SubgroupSize
	}
}

package tuff

import (
	"cmp"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"unicode"

	cpu "github.com/tuff-ml/tuff/fallback_cpu"
	"github.com/tuff-ml/tuff/gpu"
)

// Kind is the sort of a device.
type Kind string

// The kinds, in the order in which Open prefers them. Software and Other are
// taken only by name.
const (
	Discrete   Kind = "discrete"   // a GPU with memory of its own
	Integrated Kind = "integrated" // a GPU that shares the processor's memory
	Virtual    Kind = "virtual"    // a GPU lent by a virtual machine's host
	CPU        Kind = "cpu"        // Tuff's own CPU backend
	Software   Kind = "software"   // a Vulkan driver that runs on the processor
	Other      Kind = "other"      // a Vulkan driver that does not say
)

var kindOrder = []Kind{Discrete, Integrated, Virtual, CPU, Software, Other}

// byNameOnly says whether Open takes such a device only when asked for it.
func (k Kind) byNameOnly() bool { return k == Software || k == Other }

// Candidate is a device that Open can choose.
type Candidate struct {
	ID      string   `json:"id"` // what Options.Device takes: "cpu", "vulkan:0"
	Name    string   `json:"name"`
	Kind    Kind     `json:"kind"`
	Driver  string   `json:"driver"`
	Missing []string `json:"missing,omitempty"` // what Tuff needs and the device lacks; Open refuses it
	Caps    Caps     `json:"capabilities"`

	info *gpu.Info // nil for the CPU backend
}

// Caps is what a device can do. Sizes are bytes; 0 means unknown or, on the
// CPU, without meaning.
type Caps struct {
	Threads           int      `json:"threads,omitempty"` // of the CPU backend
	API               string   `json:"api,omitempty"`     // Vulkan's version
	Memory            uint64   `json:"memory,omitempty"`  // the device's own
	MaxAllocation     int      `json:"max_allocation,omitempty"`
	SharedMemory      int      `json:"shared_memory,omitempty"` // of a workgroup
	SubgroupSize      int      `json:"subgroup_size,omitempty"`
	WorkgroupSize     int      `json:"workgroup_size,omitempty"` // most invocations
	PushConstants     int      `json:"push_constants,omitempty"`
	Features          []string `json:"features,omitempty"`
	CooperativeMatrix []string `json:"cooperative_matrix,omitempty"` // shapes M×N×K with input and result dtypes
	Quirks            []string `json:"quirks,omitempty"`             // known faults of the driver that are worked around
}

// String is the candidate in a few words.
func (c Candidate) String() string {
	if c.Kind == CPU {
		return c.Name
	}
	s := fmt.Sprintf("%s (%s, %s", c.ID, c.Name, c.Kind)
	if len(c.Missing) > 0 {
		s += ", lacks " + strings.Join(c.Missing, ", ")
	}
	return s + ")"
}

// rank sorts candidates best first; of equals, those with all that is needed
// come first, then those with more memory, then Vulkan's order.
func rank(list []Candidate) {
	slices.SortStableFunc(list, func(a, b Candidate) int {
		return cmp.Or(
			cmp.Compare(slices.Index(kindOrder, a.Kind), slices.Index(kindOrder, b.Kind)),
			cmp.Compare(min(len(a.Missing), 1), min(len(b.Missing), 1)),
			cmp.Compare(b.Caps.Memory, a.Caps.Memory),
		)
	})
}

func vulkanCandidate(i gpu.Info) Candidate {
	kinds := map[gpu.DeviceType]Kind{gpu.Discrete: Discrete, gpu.Integrated: Integrated, gpu.Virtual: Virtual, gpu.Software: Software}
	kind, ok := kinds[i.Type]
	switch {
	case i.Software:
		kind = Software
	case !ok:
		kind = Other
	}
	v := i.APIVersion
	return Candidate{
		ID: fmt.Sprintf("vulkan:%d", i.Index), Name: i.Name, Kind: kind, Driver: i.Driver, Missing: i.Missing,
		Caps: Caps{
			API:    fmt.Sprintf("%d.%d.%d", v>>22&0x7f, v>>12&0x3ff, v&0xfff),
			Memory: i.Memory, MaxAllocation: i.Limits.MaxAllocation, SharedMemory: i.Limits.MaxSharedMemory,
			SubgroupSize: i.Limits.SubgroupSize, WorkgroupSize: i.Limits.MaxWorkgroupInvocations,
			PushConstants: i.Limits.MaxPushConstants, Features: featureNames(i.Features),
			CooperativeMatrix: matrixShapes(i.CoopMats), Quirks: i.Quirks,
		},
		info: &i,
	}
}

// featureNames lists the fields of f that are set, as in_snake_case.
func featureNames(f gpu.Features) []string {
	var out []string
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		if !v.Field(i).Bool() {
			continue
		}
		var b strings.Builder
		for j, r := range v.Type().Field(i).Name {
			if j > 0 && unicode.IsUpper(r) {
				b.WriteByte('_')
			}
			b.WriteRune(unicode.ToLower(r))
		}
		out = append(out, b.String())
	}
	return out
}

func matrixShapes(ms []gpu.CoopMat) []string {
	var out []string
	for _, m := range ms {
		s := fmt.Sprintf("%dx%dx%d %v→%v", m.M, m.N, m.K, m.A, m.D)
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// cpuCandidate asks the CPU backend what it would be. Where it cannot be made,
// opening it says why.
func cpuCandidate(opt Options) Candidate {
	c := Candidate{ID: "cpu", Name: "cpu", Kind: CPU, Driver: "Go on " + runtime.GOOS + "/" + runtime.GOARCH}
	b, err := cpu.New(opt.CPU)
	if err != nil {
		return c
	}
	defer b.Close()
	c.Name = b.Name()
	c.Caps = Caps{Threads: b.Threads(), Memory: uint64(b.MemStats().Budget)}
	return c
}

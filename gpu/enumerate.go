//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package gpu

import (
	"fmt"
	"strings"
	"unsafe"

	vk "github.com/vulkan-go/vulkan"

	"github.com/tuff-ml/tuff/gpu/internal/vkx"
)

// handle turns a stored handle into the binding's type. Handles are 64 bits
// wide on every platform this file builds for.
func handle[T any](h uint64) T { return *(*T)(unsafe.Pointer(&h)) }

// raw is the inverse of handle.
func raw[T any](h T) uint64 { return *(*uint64)(unsafe.Pointer(&h)) }

// Enumerate lists all Vulkan devices in Vulkan's own order, those below the
// floor included. Errors are ErrNoLoader, ErrNoDriver or ErrNoDevice, wrapped
// in what was looked for and what to do.
func Enumerate(opt *Options) ([]Info, error) {
	opt = withDefaults(opt)
	in, err := newInstance(opt)
	if err != nil {
		return nil, err
	}
	defer in.Destroy()
	phys, err := physicals(in)
	if err != nil {
		return nil, err
	}
	out := make([]Info, len(phys))
	for i, p := range phys {
		out[i], _ = describe(in, p, i, opt)
	}
	return out, nil
}

func physicals(in *vkx.Instance) ([]uint64, error) {
	phys, r := in.Physicals()
	if r != vkx.Success && r != vkx.Incomplete {
		return nil, fmt.Errorf("gpu: enumerate devices: %w", r)
	}
	if len(phys) == 0 {
		return nil, fmt.Errorf("gpu: %w: the driver lists none; %s; check that this user may open the GPU (/dev/dri, /dev/nvidia*)", ErrNoDevice, driverSearch())
	}
	return phys, nil
}

// describe reads everything Info holds.
func describe(in *vkx.Instance, phys uint64, index int, opt *Options) (Info, *vkx.Phys) {
	var p vk.PhysicalDeviceProperties
	vk.GetPhysicalDeviceProperties(handle[vk.PhysicalDevice](phys), &p)
	p.Deref()
	p.Limits.Deref()
	l := p.Limits
	q := in.Query(phys, p.ApiVersion)
	info := Info{
		Index: index, Name: vk.ToString(p.DeviceName[:]), DriverID: int(q.DriverID),
		Type: deviceType(p.DeviceType), VendorID: p.VendorID, DeviceID: p.DeviceID,
		APIVersion: p.ApiVersion, DriverVersion: p.DriverVersion, UUID: q.UUID,
	}
	info.Software = info.Type == Software
	info.Driver = driverText(q, p.VendorID, p.DriverVersion)
	for _, h := range q.Heaps {
		if h.Flags&1 != 0 {
			info.Memory += h.Size
		}
	}
	info.Limits = Limits{
		MaxStorageBufferRange: int(l.MaxStorageBufferRange), MaxPushConstants: int(l.MaxPushConstantsSize),
		MaxSharedMemory: int(l.MaxComputeSharedMemorySize), MaxWorkgroupInvocations: int(l.MaxComputeWorkGroupInvocations),
		SubgroupSize: int(q.SubgroupSize), MinSubgroupSize: int(q.MinSubgroup), MaxSubgroupSize: int(q.MaxSubgroup),
		TimestampPeriod: float64(l.TimestampPeriod), TimestampBits: int(q.TimestampBits),
		MaxAllocation: maxAllocation(q),
	}
	for i := range 3 {
		info.Limits.MaxWorkgroupSize[i] = int(l.MaxComputeWorkGroupSize[i])
		info.Limits.MaxWorkgroupCount[i] = int(l.MaxComputeWorkGroupCount[i])
	}
	p.Free()
	info.Features = readFeatures(q)
	if info.Features.CoopMat {
		info.CoopMats = coopMats(in, phys)
	}
	info.Missing = missing(q, &info)
	if info.Features.HostVisible && opt.ForceStaging {
		info.Features.HostVisible, info.Features.HostCached = false, false
	}
	applyQuirks(&info)
	disable(&info, opt.Disable)
	return info, q
}

func deviceType(t vk.PhysicalDeviceType) DeviceType {
	switch t {
	case vk.PhysicalDeviceTypeDiscreteGpu:
		return Discrete
	case vk.PhysicalDeviceTypeIntegratedGpu:
		return Integrated
	case vk.PhysicalDeviceTypeVirtualGpu:
		return Virtual
	case vk.PhysicalDeviceTypeCpu:
		return Software
	}
	return Other
}

func driverText(q *vkx.Phys, vendor, version uint32) string {
	v := versionText(version)
	if vendor == 0x10de { // NVIDIA packs 10.8.8.6 bits
		v = fmt.Sprintf("%d.%d.%d", version>>22, version>>14&0xff, version>>6&0xff)
	}
	s := strings.TrimSpace(q.DriverName + " " + q.DriverInfo)
	if s == "" {
		return "version " + v
	}
	if strings.Contains(s, v) {
		return s
	}
	return s + " (" + v + ")"
}

// maxAllocation is the largest buffer: memory and buffer limits together. A
// driver that reports none gets the specification's minimum of 1 GiB.
func maxAllocation(q *vkx.Phys) int {
	n := q.MaxAllocation
	if n == 0 {
		n = 1 << 30
	}
	if q.MaxBuffer != 0 {
		n = min(n, q.MaxBuffer)
	}
	return int(min(n, 1<<62))
}

func readFeatures(q *vkx.Phys) Features {
	f := Features{
		Float16: q.F16, Float64: q.F64, Int8: q.I8, Int16: q.I16, Int64: q.I64,
		Int8Storage: q.Storage8, Int16Storage: q.Storage16,
		Timeline: q.Timeline, Maintenance4: q.Maintenance4, MemoryBudget: q.Budget, Timestamps: q.TimestampBits > 0,
		SubgroupSizeControl: q.SubgroupSizeControl && q.FullSubgroupStages&0x20 != 0,
		FullSubgroups:       q.SubgroupSizeControl && q.FullSubgroups,
		SubgroupExtended:    q.SubgroupExtended,
		SubgroupShuffle:     q.SubgroupOps&0x10 != 0, SubgroupBallot: q.SubgroupOps&0x8 != 0,
		ScalarLayout: q.Scalar, MemoryModel: q.MemoryModel, IntDot: q.IntDot,
		CoopMat: q.CoopMat, InfNanPreserve32: q.InfNan32, DenormPreserve32: q.DenormKeep32,
	}
	t := deviceMemoryType(q, false)
	if t >= 0 {
		f.HostVisible = q.Types[t].Flags&memMapped == memMapped
		f.HostCached = f.HostVisible && q.Types[t].Flags&memCached != 0
	}
	return f
}

func coopMats(in *vkx.Instance, phys uint64) []CoopMat {
	var out []CoopMat
	for _, c := range in.CoopMats(phys) {
		out = append(out, CoopMat{
			M: int(c.M), N: int(c.N), K: int(c.K), A: ComponentType(c.A), B: ComponentType(c.B), C: ComponentType(c.C),
			D: ComponentType(c.Result), Saturating: c.Saturating, WorkgroupOp: c.Scope == 2,
		})
	}
	return out
}

// missing names what is below the floor.
func missing(q *vkx.Phys, info *Info) []string {
	if info.APIVersion < api12 {
		return []string{"Vulkan 1.2 (has " + versionText(info.APIVersion) + ")"}
	}
	var out []string
	for _, c := range []struct {
		ok   bool
		name string
	}{
		{q.BufferAddress, "bufferDeviceAddress"},
		{q.Storage8, "storageBuffer8BitAccess"},
		{q.Storage16, "storageBuffer16BitAccess"},
		{q.I64, "shaderInt64"},
		{q.SubgroupStages&0x20 != 0 && q.SubgroupOps&0x4 != 0, "subgroup arithmetic in compute shaders"},
		{q.Family >= 0, "a compute queue"},
		{info.Limits.MaxPushConstants >= 128, "128 bytes of push constants"},
	} {
		if !c.ok {
			out = append(out, c.name)
		}
	}
	return out
}

// Memory property flags.
const (
	memLocal    = 0x1
	memVisible  = 0x2
	memCoherent = 0x4
	memCached   = 0x8
	memMapped   = memVisible | memCoherent
)

// deviceMemoryType picks the type for buffers: device-local, in the largest
// such heap, mappable when that costs no room (integrated, software, resizable
// BAR), cached before not.
func deviceMemoryType(q *vkx.Phys, forceStaging bool) int {
	var largest uint64
	for _, t := range q.Types {
		if t.Flags&memLocal != 0 {
			largest = max(largest, q.Heaps[t.Heap].Size)
		}
	}
	best, score := -1, -1
	for i, t := range q.Types {
		if t.Flags&memLocal == 0 || q.Heaps[t.Heap].Size < largest || t.Flags&^uint32(0xf) != 0 {
			continue
		}
		s := 1
		if t.Flags&memMapped == memMapped && !forceStaging {
			s = 2
			if t.Flags&memCached != 0 {
				s = 3
			}
		}
		if s > score {
			best, score = i, s
		}
	}
	return best
}

// hostMemoryType picks the type for staging: mappable and coherent, cached when
// there is one, outside device memory when there is a choice.
func hostMemoryType(q *vkx.Phys, cached bool) int {
	best, score := -1, -1
	for i, t := range q.Types {
		if t.Flags&memMapped != memMapped || t.Flags&^uint32(0xf) != 0 {
			continue
		}
		s := 0
		if (t.Flags&memCached != 0) == cached {
			s += 2
		}
		if t.Flags&memLocal == 0 {
			s++
		}
		if s > score {
			best, score = i, s
		}
	}
	return best
}

package gpu

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Options say how devices are found and opened. The zero value, and a nil
// pointer, are the defaults.
type Options struct {
	Logger       *slog.Logger  // nil: silent
	Validate     bool          // validation layer; also TUFF_VALIDATE=1
	CacheDir     string        // pipeline cache; "": tuff/pipelines in the user's cache folder; "-": off
	Disable      []string      // features to switch off, besides TUFF_DISABLE
	Profile      bool          // time every command; also on with TUFF_PROFILE=trace.json
	ProfilePath  string        // where Close writes the trace; "": TUFF_PROFILE's value
	ForceStaging bool          // treat device memory as not mappable; also TUFF_FORCE_STAGING=1
	MemoryLimit  int64         // most bytes of device memory to reserve; 0: the driver's budget
	WaitLimit    time.Duration // longest time without progress before the device counts as lost; 0: 60 s
	Reclaim      func()        // called when memory is out, before the last try: a place to release buffers
}

// DeviceType is the kind of a device, best first.
type DeviceType int

// The kinds of device.
const (
	Discrete DeviceType = iota
	Integrated
	Virtual
	Software
	Other
)

func (t DeviceType) String() string {
	if t < Discrete || t > Other {
		return fmt.Sprintf("DeviceType(%d)", int(t))
	}
	return [...]string{"discrete", "integrated", "virtual", "software", "other"}[t]
}

// Info describes a device.
type Info struct {
	Index         int    // position in Vulkan's own list
	Name          string // as the driver reports it
	Driver        string // driver name, its own info line and version, for people
	DriverID      int    // VkDriverId
	Type          DeviceType
	Software      bool // runs on the CPU
	VendorID      uint32
	DeviceID      uint32
	APIVersion    uint32 // packed as VK_MAKE_API_VERSION
	DriverVersion uint32 // packed as the vendor likes
	UUID          [16]byte
	Memory        uint64   // device-local bytes
	Missing       []string // what is below the floor; Open refuses, naming it
	Quirks        []string // names of the quirks applied, see the table in quirks.go
	Features      Features
	Limits        Limits
	CoopMats      []CoopMat // shapes of KHR cooperative matrix, when Features.CoopMat
	splitPack     bool      // rewrite programs with spirv.SplitPack
}

// Features are the optional abilities that Open will enable: what the device
// has, less what Options.Disable, TUFF_DISABLE and quirks take away.
type Features struct {
	Float16, Float64, Int8, Int16, Int64             bool // arithmetic in shaders
	Int8Storage, Int16Storage                        bool // loads and stores
	Timeline, Maintenance4, MemoryBudget, Timestamps bool
	SubgroupSizeControl, FullSubgroups               bool
	SubgroupExtended                                 bool // subgroup ops on 8, 16 and 64 bit types
	SubgroupShuffle, SubgroupBallot                  bool
	ScalarLayout, MemoryModel, IntDot, CoopMat       bool
	InfNanPreserve32, DenormPreserve32               bool // SPIR-V execution modes for float32
	HostVisible                                      bool // device memory is written through a mapping
	HostCached                                       bool // and read through it
}

// Limits of the device. Sizes are bytes.
type Limits struct {
	MaxStorageBufferRange   int // of a descriptor; buffer addresses are not bound by it
	MaxAllocation           int // largest buffer
	MaxPushConstants        int
	MaxSharedMemory         int
	SubgroupSize            int
	MinSubgroupSize         int // equal to SubgroupSize without size control
	MaxSubgroupSize         int
	MaxWorkgroupInvocations int
	MaxWorkgroupSize        [3]int
	MaxWorkgroupCount       [3]int
	TimestampPeriod         float64 // nanoseconds a tick
	TimestampBits           int
	MaxLoop                 int // iterations of a shader's loops by which a driver stops them silently; 0: none known
}

// CoopMat is one shape D[M,N] = A[M,K]·B[K,N] + C[M,N] that the device
// multiplies in one subgroup or workgroup.
type CoopMat struct {
	M, N, K     int
	A, B, C, D  ComponentType
	Saturating  bool
	WorkgroupOp bool // scope is the workgroup, not the subgroup
}

// ComponentType is a VkComponentTypeKHR.
type ComponentType uint32

// The component types in use.
const (
	CompF16 ComponentType = iota
	CompF32
	CompF64
	CompI8
	CompI16
	CompI32
	CompI64
	CompU8
	CompU16
	CompU32
	CompU64
	CompBF16 ComponentType = 1000141000
)

func (c ComponentType) String() string {
	if c == CompBF16 {
		return "bf16"
	}
	if c > CompU64 {
		return fmt.Sprintf("component(%d)", uint32(c))
	}
	return [...]string{"f16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"}[c]
}

// Program is a compute shader ready to become a pipeline. It has no descriptor
// sets: addresses and sizes come in push constants.
type Program struct {
	Name          string      // for messages and, with Hash and Spec, the key of the cache
	SPIRV         []byte      // one module with the entry point "main"
	Hash          string      // of the source, hex; "": the SPIR-V's own
	PushBytes     int         // size of the push-constant block, a multiple of 4
	Spec          []SpecConst // specialization constants
	SubgroupSize  int         // 0: any; else required through subgroup size control
	FullSubgroups bool        // every subgroup full; needs Features.FullSubgroups
}

// SpecConst is one 32-bit specialization constant.
type SpecConst struct{ ID, Value uint32 }

// Range is a piece of a buffer that a command uses, in bytes.
type Range struct {
	Buf      *Buffer
	Off, Len int
	Write    bool // written, or read and written
}

// Stats describes a device's memory pool. Sizes are bytes.
type Stats struct {
	InUse            int // held by live buffers
	Peak             int // highest InUse
	Reserved         int // taken from the driver
	Pooled           int // Reserved less InUse
	Largest          int // largest free piece
	Budget           int // what the driver lets this process take; 0: unknown
	Buffers          int // live buffers
	Blocks           int // driver allocations
	Allocations      int // buffers ever made
	Submissions      int // batches ever submitted
	Commands         int // commands ever submitted
	Barriers         int // barriers ever placed between commands
	StagedWrites     int // uploads that went through the staging ring
	PipelinesMade    int
	PipelineFileHits int // cache files that were accepted
}

// OpStat is the time one label took, summed over the profile.
type OpStat struct {
	Label string
	Count int
	Time  time.Duration
}

// Errors to compare with errors.Is.
var (
	ErrUnavailable = errors.New("gpu: this build has no Vulkan: it needs cgo on a 64-bit Linux or Windows (on macOS also -tags vulkan)")
	ErrNoLoader    = errors.New("no Vulkan loader")
	ErrNoDriver    = errors.New("no Vulkan driver")
	ErrNoDevice    = errors.New("no Vulkan device")
	ErrBelowFloor  = errors.New("device is below the floor")
	ErrOutOfMemory = errors.New("out of device memory")
	ErrLost        = errors.New("device lost")
	ErrClosed      = errors.New("closed")
	ErrValidation  = errors.New("validation messages")
	ErrFault       = errors.New("fault in a kernel")
)

// OutOfMemory says what was asked for and what there was, in bytes.
// errors.Is(err, ErrOutOfMemory) holds.
type OutOfMemory struct {
	Device                                string
	Asked, InUse, Pooled, Largest, Budget int
	Reason                                string // the driver's or the limit that said no
}

func (e *OutOfMemory) Error() string {
	s := fmt.Sprintf("gpu: %s: alloc: wanted %s, got no memory: %s in use, %s pooled (largest free piece %s)",
		e.Device, sizeText(e.Asked), sizeText(e.InUse), sizeText(e.Pooled), sizeText(e.Largest))
	if e.Budget > 0 {
		s += ", budget " + sizeText(e.Budget)
	}
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

// Is makes the error an ErrOutOfMemory.
func (e *OutOfMemory) Is(target error) bool { return target == ErrOutOfMemory }

// Fault is what a kernel wrote into its stream's fault record: a code of the
// kernel's choosing, the limit that was broken and the value that broke it.
type Fault struct {
	Device string
	Code   uint32
	Limit  uint32
	Value  int64
	Ops    []string // labels of the stream's last operations, oldest first
}

func (e *Fault) Error() string {
	return fmt.Sprintf("gpu: %s: fault code %d: value %d is outside the limit %d%s", e.Device, e.Code, e.Value, e.Limit, opsText(e.Ops))
}

// Is makes the error an ErrFault.
func (e *Fault) Is(target error) bool { return target == ErrFault }

// LostError is sticky: after it every call on the device fails with it.
type LostError struct {
	Device string
	Reason string
	Ops    []string // labels of the last submitted operations, oldest first
}

func (e *LostError) Error() string {
	return fmt.Sprintf("gpu: %s: device lost: %s%s", e.Device, e.Reason, opsText(e.Ops))
}

// Is makes the error an ErrLost.
func (e *LostError) Is(target error) bool { return target == ErrLost }

func opsText(ops []string) string {
	if len(ops) == 0 {
		return ""
	}
	return "; last submitted operations: " + strings.Join(ops, ", ")
}

// sizeText writes a size in bytes with a binary unit.
func sizeText(n int) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%d bytes (%.2f GiB)", n, float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%d bytes (%.1f MiB)", n, float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d bytes (%.1f KiB)", n, float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

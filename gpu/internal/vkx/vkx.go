//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

package vkx

/*
#cgo linux LDFLAGS: -ldl
#cgo CFLAGS: -O2
#include <stdlib.h>
#include "vkx.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Result is a VkResult: 0 is success, negative values are errors.
type Result int32

// The results that callers tell apart.
const (
	Success            Result = 0
	NotReady           Result = 1
	Timeout            Result = 2
	Incomplete         Result = 5
	OutOfHostMemory    Result = -1
	OutOfDeviceMemory  Result = -2
	InitFailed         Result = -3
	DeviceLost         Result = -4
	LayerNotPresent    Result = -6
	IncompatibleDriver Result = -9
)

var resultNames = map[Result]string{
	NotReady: "VK_NOT_READY", Timeout: "VK_TIMEOUT", Incomplete: "VK_INCOMPLETE",
	OutOfHostMemory: "VK_ERROR_OUT_OF_HOST_MEMORY", OutOfDeviceMemory: "VK_ERROR_OUT_OF_DEVICE_MEMORY",
	InitFailed: "VK_ERROR_INITIALIZATION_FAILED", DeviceLost: "VK_ERROR_DEVICE_LOST",
	-5: "VK_ERROR_MEMORY_MAP_FAILED", LayerNotPresent: "VK_ERROR_LAYER_NOT_PRESENT",
	-7: "VK_ERROR_EXTENSION_NOT_PRESENT", -8: "VK_ERROR_FEATURE_NOT_PRESENT",
	IncompatibleDriver: "VK_ERROR_INCOMPATIBLE_DRIVER", -10: "VK_ERROR_TOO_MANY_OBJECTS",
	-13: "VK_ERROR_UNKNOWN", -1000012000: "VK_ERROR_INVALID_SHADER_NV",
}

// Error names the result as the Vulkan headers do.
func (r Result) Error() string {
	if s, ok := resultNames[r]; ok {
		return s
	}
	return fmt.Sprintf("VkResult %d", int32(r))
}

// Err is nil for success and non-error codes, r otherwise.
func (r Result) Err() error {
	if r >= 0 {
		return nil
	}
	return r
}

// Loader is an opened Vulkan loader library; it stays open for the process.
type Loader struct {
	Name string
	gipa unsafe.Pointer
}

// OpenLoader opens one library by file name or path.
func OpenLoader(name string) (*Loader, error) {
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname))
	msg := (*C.char)(C.calloc(1, 512))
	defer C.free(unsafe.Pointer(msg))
	var gipa unsafe.Pointer
	if C.vkx_loader_open(cname, &gipa, msg, 512) != 0 {
		return nil, fmt.Errorf("%s: %s", name, C.GoString(msg))
	}
	return &Loader{Name: name, gipa: gipa}, nil
}

// Proc is vkGetInstanceProcAddr, for the binding.
func (l *Loader) Proc() unsafe.Pointer { return l.gipa }

// Version is the highest instance version the loader offers.
func (l *Loader) Version() uint32 { return uint32(C.vkx_instance_version(l.gipa)) }

// HasLayer says whether a layer of this name can be enabled.
func (l *Loader) HasLayer(name string) bool {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	return C.vkx_has_layer(l.gipa, c) != 0
}

// HasExtension says whether the loader, or the layer when one is named, offers
// an instance extension.
func (l *Loader) HasExtension(layer, name string) bool {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	var cl *C.char
	if layer != "" {
		cl = C.CString(layer)
		defer C.free(unsafe.Pointer(cl))
	}
	return C.vkx_has_instance_ext(l.gipa, cl, c) != 0
}

// Instance is a VkInstance, with a messenger when validation is on.
type Instance struct{ c *C.vkx_instance }

// NewInstance creates an instance for the given API version.
func (l *Loader) NewInstance(api uint32, validate, portability bool) (*Instance, Result) {
	var in *C.vkx_instance
	r := C.vkx_instance_create(l.gipa, C.uint32_t(api), cint(validate), cint(portability), &in)
	if r != 0 {
		return nil, Result(r)
	}
	return &Instance{in}, Success
}

// Handle is the VkInstance.
func (in *Instance) Handle() uint64 { return uint64(C.vkx_instance_handle(in.c)) }

// Destroy destroys messenger and instance.
func (in *Instance) Destroy() { C.vkx_instance_destroy(in.c) }

// Message is one message of the validation layer.
type Message struct {
	Severity uint32 // VkDebugUtilsMessageSeverityFlagBitsEXT
	Text     string
}

// Messages takes what the messenger has stored since the last call.
func (in *Instance) Messages() []Message {
	var out []Message
	buf := (*C.char)(C.malloc(2048))
	defer C.free(unsafe.Pointer(buf))
	var sev C.uint32_t
	for C.vkx_message(in.c, buf, 2048, &sev) != 0 {
		out = append(out, Message{uint32(sev), C.GoString(buf)})
	}
	return out
}

// PutMessage stores a message as the layer's callback would (for tests).
func (in *Instance) PutMessage(severity uint32, text string) {
	c := C.CString(text)
	defer C.free(unsafe.Pointer(c))
	C.vkx_message_put(in.c, C.uint32_t(severity), c)
}

// Physicals lists the physical devices.
func (in *Instance) Physicals() ([]uint64, Result) {
	n := C.uint32_t(64)
	var h [64]C.uint64_t
	r := Result(C.vkx_phys_list(in.c, &h[0], &n))
	if r < 0 {
		return nil, r
	}
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(h[i])
	}
	return out, Success
}

// MemoryType is a memory type's property flags and heap.
type MemoryType struct{ Flags, Heap uint32 }

// MemoryHeap is a heap's size in bytes and flags.
type MemoryHeap struct {
	Size  uint64
	Flags uint32
}

// Phys is what a physical device reports through extension chains.
type Phys struct {
	UUID                                                 [16]byte
	DriverID                                             uint32
	DriverName, DriverInfo                               string
	MaxAllocation, MaxBuffer                             uint64
	SubgroupSize, MinSubgroup, MaxSubgroup               uint32
	SubgroupStages, SubgroupOps, FullSubgroupStages      uint32
	F64, I64, I16, F16, I8, Storage8, Storage16          bool
	Timeline, BufferAddress, Scalar, MemoryModel         bool
	MemoryModelDevice, SubgroupExtended                  bool
	SubgroupSizeControl, FullSubgroups, Maintenance4     bool
	CoopMat, IntDot, Budget, Portability                 bool
	InfNan32, DenormKeep32, ExtSizeControl, ExtMaintain4 bool
	Family                                               int
	TimestampBits                                        uint32
	Types                                                []MemoryType
	Heaps                                                []MemoryHeap
}

// Query reads the properties of one physical device of the given API version.
func (in *Instance) Query(phys uint64, api uint32) *Phys {
	var o C.vkx_phys
	C.vkx_phys_info(in.c, C.uint64_t(phys), C.uint32_t(api), &o)
	p := &Phys{
		DriverID: uint32(o.driver_id), DriverName: C.GoString(&o.driver_name[0]), DriverInfo: C.GoString(&o.driver_info[0]),
		MaxAllocation: uint64(o.max_allocation), MaxBuffer: uint64(o.max_buffer),
		SubgroupSize: uint32(o.subgroup_size), MinSubgroup: uint32(o.min_subgroup), MaxSubgroup: uint32(o.max_subgroup),
		SubgroupStages: uint32(o.subgroup_stages), SubgroupOps: uint32(o.subgroup_ops), FullSubgroupStages: uint32(o.full_subgroup_stages),
		F64: o.f64 != 0, I64: o.i64 != 0, I16: o.i16 != 0, F16: o.f16 != 0, I8: o.i8 != 0,
		Storage8: o.st8 != 0, Storage16: o.st16 != 0, Timeline: o.timeline != 0, BufferAddress: o.bda != 0,
		Scalar: o.scalar != 0, MemoryModel: o.memory_model != 0, MemoryModelDevice: o.memory_model_device != 0,
		SubgroupExtended: o.subgroup_ext != 0, SubgroupSizeControl: o.subgroup_size_control != 0,
		FullSubgroups: o.full_subgroups != 0, Maintenance4: o.maintenance4 != 0, CoopMat: o.coopmat != 0,
		IntDot: o.int_dot != 0, Budget: o.budget != 0, Portability: o.portability != 0,
		InfNan32: o.inf_nan32 != 0, DenormKeep32: o.denorm_keep32 != 0,
		ExtSizeControl: o.ext_size_control != 0, ExtMaintain4: o.ext_maintenance4 != 0,
		Family: int(o.family), TimestampBits: uint32(o.timestamp_bits),
	}
	for i := range p.UUID {
		p.UUID[i] = byte(o.uuid[i])
	}
	for i := range int(o.type_count) {
		p.Types = append(p.Types, MemoryType{uint32(o.type_flags[i]), uint32(o.type_heap[i])})
	}
	for i := range int(o.heap_count) {
		p.Heaps = append(p.Heaps, MemoryHeap{uint64(o.heap_size[i]), uint32(o.heap_flags[i])})
	}
	return p
}

// CoopMat is one shape of cooperative matrix; A, B, C and Result are
// VkComponentTypeKHR values, Scope a VkScopeKHR.
type CoopMat struct {
	M, N, K, A, B, C, Result uint32
	Saturating               bool
	Scope                    uint32
}

// CoopMats lists the shapes the device multiplies.
func (in *Instance) CoopMats(phys uint64) []CoopMat {
	var p [256]C.vkx_coopmat
	n := C.uint32_t(len(p))
	if C.vkx_phys_coopmat(in.c, C.uint64_t(phys), &p[0], &n) < 0 {
		return nil
	}
	out := make([]CoopMat, n)
	for i := range out {
		c := &p[i]
		out[i] = CoopMat{uint32(c.m), uint32(c.n), uint32(c.k), uint32(c.a), uint32(c.b), uint32(c.c), uint32(c.result), c.saturating != 0, uint32(c.scope)}
	}
	return out
}

// Budget returns each heap's budget and current use in bytes. It needs
// VK_EXT_memory_budget.
func (in *Instance) Budget(phys uint64) (budget, usage [16]uint64) {
	var b, u [16]C.uint64_t
	C.vkx_budget(in.c, C.uint64_t(phys), &b[0], &u[0])
	for i := range b {
		budget[i], usage[i] = uint64(b[i]), uint64(u[i])
	}
	return budget, usage
}

// Enable says which optional features a device is created with.
type Enable struct {
	Family                                               int
	F64, I16, F16, I8, Timeline, Scalar                  bool
	MemoryModel, MemoryModelDevice                       bool
	SubgroupExtended, SubgroupSizeControl, FullSubgroups bool
	Maintenance4, CoopMat, IntDot, Budget, Portability   bool
	ExtSizeControl, ExtMaintain4/* core since Vulkan 1.3 */ bool
}

// Device is a VkDevice and the functions loaded from it.
type Device struct{ c *C.vkx_device }

// NewDevice creates a logical device with one queue of the given family and
// the features of the floor (buffer addresses, 8- and 16-bit storage, 64-bit
// integers) plus those in e.
func (in *Instance) NewDevice(phys uint64, e Enable) (*Device, Result) {
	c := C.vkx_enable{
		family: C.uint32_t(e.Family), f64: u32(e.F64), i16: u32(e.I16), f16: u32(e.F16), i8: u32(e.I8),
		timeline: u32(e.Timeline), scalar: u32(e.Scalar), memory_model: u32(e.MemoryModel),
		memory_model_device: u32(e.MemoryModelDevice), subgroup_ext: u32(e.SubgroupExtended),
		subgroup_size_control: u32(e.SubgroupSizeControl), full_subgroups: u32(e.FullSubgroups),
		maintenance4: u32(e.Maintenance4), coopmat: u32(e.CoopMat), int_dot: u32(e.IntDot),
		ext_size_control: u32(e.ExtSizeControl), ext_maintenance4: u32(e.ExtMaintain4),
		budget: u32(e.Budget), portability: u32(e.Portability),
	}
	var d *C.vkx_device
	r := C.vkx_device_create(in.c, C.uint64_t(phys), &c, &d)
	if r != 0 {
		return nil, Result(r)
	}
	return &Device{d}, Success
}

// Handle is the VkDevice.
func (d *Device) Handle() uint64 { return uint64(C.vkx_device_handle(d.c)) }

// Free releases the function table; the VkDevice is destroyed by the caller.
func (d *Device) Free() { C.vkx_device_free(d.c) }

// BufferAddress is the device address of a bound buffer.
func (d *Device) BufferAddress(buffer uint64) uint64 {
	return uint64(C.vkx_buffer_address(d.c, C.uint64_t(buffer)))
}

// AddressChain is a constant pNext for allocations that back buffer addresses.
func AddressChain() unsafe.Pointer { return C.vkx_chain_address() }

// TimelineChain is a constant pNext that makes a timeline semaphore starting at 1.
func TimelineChain() unsafe.Pointer { return C.vkx_chain_timeline() }

// PipelineArgs describes one compute pipeline without descriptor sets.
type PipelineArgs struct {
	Cache       uint64
	SPIRV       []byte
	PushBytes   int
	IDs, Values []uint32 // specialization constants
	Subgroup    uint32   // required size, 0 for any
	Full        bool
}

// NewPipeline creates a pipeline and its layout.
func (d *Device) NewPipeline(a *PipelineArgs) (layout, pipeline uint64, r Result) {
	var l, p C.uint64_t
	var ids, values *C.uint32_t
	if len(a.IDs) > 0 {
		ids, values = (*C.uint32_t)(&a.IDs[0]), (*C.uint32_t)(&a.Values[0])
	}
	r = Result(C.vkx_pipeline(d.c, C.uint64_t(a.Cache), unsafe.Pointer(unsafe.SliceData(a.SPIRV)), C.uint64_t(len(a.SPIRV)),
		C.uint32_t(a.PushBytes), C.uint32_t(len(a.IDs)), ids, values, C.uint32_t(a.Subgroup), cint(a.Full), &l, &p))
	return uint64(l), uint64(p), r
}

// Kinds of command.
const (
	Dispatch = C.VKX_DISPATCH
	Copy     = C.VKX_COPY
	Fill     = C.VKX_FILL
)

// Cmd is one recorded command; its layout is vkx_cmd's.
type Cmd struct {
	Kind, Barrier          uint32
	Grid                   [3]uint32
	PushOff, PushLen, Mark uint32
	H0, H1                 uint64 // dispatch: pipeline, layout; copy: source, target; fill: -, target
	A, B, N                uint64 // offsets in source and target, bytes
}

// A Cmd is handed to C as it lies.
var _ [unsafe.Sizeof(C.vkx_cmd{})]byte = [unsafe.Sizeof(Cmd{})]byte{}

// Replay records cmds into a command buffer in one call: begin, barrier against
// earlier submissions, the commands, barrier to the host, end. queries is a
// timestamp pool with two slots a command, or 0.
func (d *Device) Replay(cb uint64, cmds []Cmd, push []byte, queries uint64) Result {
	r := C.vkx_replay(d.c, C.uint64_t(cb), (*C.vkx_cmd)(unsafe.Pointer(unsafe.SliceData(cmds))), C.uint32_t(len(cmds)),
		unsafe.Pointer(unsafe.SliceData(push)), C.uint64_t(queries))
	runtime.KeepAlive(cmds)
	runtime.KeepAlive(push)
	return Result(r)
}

// Submit puts one command buffer on the queue; it signals value on the timeline
// semaphore, or the fence, whichever is not 0.
func (d *Device) Submit(queue, cb, semaphore, value, fence uint64) Result {
	return Result(C.vkx_submit(d.c, C.uint64_t(queue), C.uint64_t(cb), C.uint64_t(semaphore), C.uint64_t(value), C.uint64_t(fence)))
}

// WaitValue waits until the semaphore reaches value, at most ns nanoseconds.
func (d *Device) WaitValue(semaphore, value, ns uint64) Result {
	return Result(C.vkx_wait_value(d.c, C.uint64_t(semaphore), C.uint64_t(value), C.uint64_t(ns)))
}

// Counter reads a timeline semaphore.
func (d *Device) Counter(semaphore uint64) (uint64, Result) {
	var v C.uint64_t
	r := C.vkx_counter(d.c, C.uint64_t(semaphore), &v)
	return uint64(v), Result(r)
}

// WaitFence waits for a fence, at most ns nanoseconds.
func (d *Device) WaitFence(fence, ns uint64) Result {
	return Result(C.vkx_wait_fence(d.c, C.uint64_t(fence), C.uint64_t(ns)))
}

// ResetFence makes a fence unsignalled.
func (d *Device) ResetFence(fence uint64) Result {
	return Result(C.vkx_reset_fence(d.c, C.uint64_t(fence)))
}

// QueryResults reads the first len(out) 64-bit results of a pool.
func (d *Device) QueryResults(pool uint64, out []uint64) Result {
	return Result(C.vkx_query_results(d.c, C.uint64_t(pool), C.uint32_t(len(out)), (*C.uint64_t)(unsafe.SliceData(out))))
}

// Alloc copies data into C memory, for create-info fields that the binding
// stores as plain pointers; release it with Free.
func Alloc(data []byte) unsafe.Pointer { return C.CBytes(data) }

// Free releases C memory.
func Free(p unsafe.Pointer) { C.free(p) }

func u32(b bool) C.uint32_t {
	if b {
		return 1
	}
	return 0
}

func cint(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// Bytes copies n bytes of C memory.
func Bytes(p unsafe.Pointer, n int) []byte { return C.GoBytes(p, C.int(n)) }

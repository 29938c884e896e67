// Package gpu is Tuff's device manager: it finds Vulkan devices, opens them,
// and gives out memory, pipelines and streams of work. It knows no tensor and
// no op; kernels decide what to run, gpu runs it in order and safely.
//
// # Memory
//
// Buffers are pieces of large device blocks and are addressed in shaders by
// 64-bit device addresses. A released buffer's memory is free at once: work runs
// in the order of submission on one queue, so a later user of the same bytes is
// ordered behind the earlier one by the same tracking that orders two uses of
// one buffer. Only writes by the host look at whether the device is done.
//
// # Order
//
// A [Stream] records commands as flat structs and hands a whole batch to Vulkan
// in one call. Within a batch a barrier stands only where byte ranges of reads
// and writes overlap since the last barrier. Every batch begins with a barrier
// against all earlier ones. When a stream is about to use a buffer that an
// unsubmitted batch of another stream writes (or, for a write, reads), that
// other batch is submitted first. So commands take effect in the order in which
// they were recorded, over all streams, wherever they touch the same buffer.
//
// # Failure
//
// A lost device, or one that makes no progress for Options.WaitLimit, is a
// sticky [*LostError] that names the device and its last operations; nothing
// waits forever.
//
// # Builds
//
// The implementation needs cgo and a 64-bit Linux or Windows (macOS with -tags
// vulkan, because the binding links MoltenVK). In every other build the same
// types exist and the functions return [ErrUnavailable]. No Vulkan header or
// library is needed to build; the loader is opened at run time.
//
// # Environment
//
//	TUFF_VULKAN_LOADER   path of the loader to open instead of the usual names
//	TUFF_VALIDATE=1      validation layer on; Close fails if it said anything
//	TUFF_DISABLE=a,b     features to switch off, see [FeatureNames]
//	TUFF_FORCE_STAGING=1 never touch device memory through a mapping
//	TUFF_PROFILE=f.json  time every operation; Close writes a Chrome trace
package gpu

/* The part of the Vulkan interface that vkx.c needs, declared by hand from the
   Vulkan 1.3 specification. Field order and sizes follow the specification;
   names are shortened. 64-bit hosts pass non-dispatchable handles as pointers
   and 32-bit hosts as uint64_t: both are a uint64_t here, so only hosts with
   64-bit pointers are supported (see the build lines of the Go files). */
#ifndef TUFF_VKMIN_H
#define TUFF_VKMIN_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define VKAPI __stdcall
#else
#define VKAPI
#endif

typedef uint32_t Bool32;
typedef uint64_t Handle;

enum {
	ST_APPLICATION_INFO = 0,
	ST_INSTANCE_CREATE = 1,
	ST_QUEUE_CREATE = 2,
	ST_DEVICE_CREATE = 3,
	ST_SUBMIT = 4,
	ST_SHADER_MODULE = 16,
	ST_SHADER_STAGE = 18,
	ST_COMPUTE_PIPELINE = 29,
	ST_PIPELINE_LAYOUT = 30,
	ST_COMMAND_BEGIN = 42,
	ST_MEMORY_BARRIER = 46,
	ST_FEATURES2 = 1000059000,
	ST_PROPERTIES2 = 1000059001,
	ST_MEMORY2 = 1000059006,
	ST_MEMORY_ALLOCATE_FLAGS = 1000060000,
	ST_ID_PROPERTIES = 1000071004,
	ST_FLOAT16_INT8 = 1000082000,
	ST_STORAGE16 = 1000083000,
	ST_SUBGROUP_PROPERTIES = 1000094000,
	ST_DEBUG_CREATE = 1000128004,
	ST_MAINTENANCE3 = 1000168000,
	ST_SUBGROUP_EXTENDED = 1000175000,
	ST_STORAGE8 = 1000177000,
	ST_DRIVER_PROPERTIES = 1000196000,
	ST_FLOAT_CONTROLS = 1000197000,
	ST_TIMELINE_FEATURES = 1000207000,
	ST_SEMAPHORE_TYPE = 1000207002,
	ST_TIMELINE_SUBMIT = 1000207003,
	ST_SEMAPHORE_WAIT = 1000207004,
	ST_MEMORY_MODEL = 1000211000,
	ST_SCALAR_LAYOUT = 1000221000,
	ST_SUBGROUP_SIZE_PROPERTIES = 1000225000,
	ST_SUBGROUP_SIZE_REQUIRED = 1000225001,
	ST_SUBGROUP_SIZE_FEATURES = 1000225002,
	ST_MEMORY_BUDGET = 1000237000,
	ST_BUFFER_ADDRESS_INFO = 1000244001,
	ST_BUFFER_ADDRESS_FEATURES = 1000257000,
	ST_MAINTENANCE4_FEATURES = 1000413000,
	ST_MAINTENANCE4_PROPERTIES = 1000413001,
	ST_COOPMAT_FEATURES = 1000506000,
	ST_COOPMAT_PROPERTIES = 1000506001,
	ST_INT_DOT_FEATURES = 1000280000,
};

enum {
	STAGE_TOP = 0x1, STAGE_COMPUTE = 0x800, STAGE_TRANSFER = 0x1000,
	STAGE_BOTTOM = 0x2000, STAGE_HOST = 0x4000, STAGE_ALL = 0x10000,
	ACCESS_SHADER_READ = 0x20, ACCESS_SHADER_WRITE = 0x40,
	ACCESS_TRANSFER_READ = 0x800, ACCESS_TRANSFER_WRITE = 0x1000,
	ACCESS_HOST_READ = 0x2000, ACCESS_HOST_WRITE = 0x4000,
	ACCESS_MEMORY_READ = 0x8000, ACCESS_MEMORY_WRITE = 0x10000,
	SHADER_COMPUTE = 0x20, BIND_COMPUTE = 1,
	PIPELINE_STAGE_FULL_SUBGROUPS = 0x2,
};

/* Every extensible structure begins with these two. */
#define HEAD uint32_t sType; void *pNext

typedef struct { HEAD; } Base;
typedef struct { HEAD; const char *app; uint32_t appVersion; const char *engine; uint32_t engineVersion, api; } AppInfo;
typedef struct { HEAD; uint32_t flags; const AppInfo *app; uint32_t layerCount; const char *const *layers; uint32_t extCount; const char *const *exts; } InstanceInfo;
typedef struct { HEAD; uint32_t flags, family, count; const float *priorities; } QueueInfo;
typedef struct { HEAD; uint32_t flags, queueCount; const QueueInfo *queues; uint32_t layerCount; const char *const *layers; uint32_t extCount; const char *const *exts; const void *features; } DeviceInfo;
typedef struct { char name[256]; uint32_t version; } ExtProps;
typedef struct { char name[256]; uint32_t spec, impl; char description[256]; } LayerProps;
typedef struct { uint32_t flags, count, timestampBits, granularity[3]; } QueueFamily;

/* VkPhysicalDeviceProperties is read through the binding; here it only has to
   be large enough (824 bytes in Vulkan 1.0 to 1.4). */
typedef struct { HEAD; uint64_t opaque[128]; } Properties2;
typedef struct { HEAD; Bool32 f[55]; } Features2;
enum { F_SHADER_FLOAT64 = 39, F_SHADER_INT64 = 40, F_SHADER_INT16 = 41 };

typedef struct { uint32_t flags, heap; } MemoryType;
typedef struct { uint64_t size; uint32_t flags; } MemoryHeap;
typedef struct { HEAD; uint32_t typeCount; MemoryType types[32]; uint32_t heapCount; MemoryHeap heaps[16]; } Memory2;
typedef struct { HEAD; uint64_t budget[16], usage[16]; } MemoryBudget;

typedef struct { HEAD; uint8_t device[16], driver[16], luid[8]; uint32_t nodeMask; Bool32 luidValid; } IDProps;
typedef struct { HEAD; uint32_t id; char name[256], info[256]; uint8_t conformance[4]; } DriverProps;
typedef struct { HEAD; uint32_t size, stages, operations; Bool32 quad; } SubgroupProps;
typedef struct { HEAD; uint32_t min, max, maxPerGroup, stages; } SubgroupSizeProps;
typedef struct { HEAD; uint32_t descriptors; uint64_t maxAllocation; } Maintenance3;
typedef struct { HEAD; uint64_t maxBuffer; } Maintenance4Props;
typedef struct { HEAD; uint32_t denormIndependence, roundIndependence; Bool32 szInfNan[3], denormKeep[3], denormFlush[3], rte[3], rtz[3]; } FloatControls;

typedef struct { HEAD; Bool32 on; } Feature1;
typedef struct { HEAD; Bool32 on[2]; } Feature2;
typedef struct { HEAD; Bool32 on[3]; } Feature3;
typedef struct { HEAD; Bool32 on[4]; } Feature4;

typedef struct { HEAD; uint32_t m, n, k, a, b, c, result; Bool32 saturating; uint32_t scope; } CoopMatProps;
typedef struct { HEAD; uint32_t flags, mask; } AllocateFlags;
typedef struct { HEAD; uint32_t type; uint64_t initial; } SemaphoreType;
typedef struct { HEAD; uint32_t waitCount; const uint64_t *waits; uint32_t signalCount; const uint64_t *signals; } TimelineSubmit;
typedef struct { HEAD; uint32_t flags, count; const Handle *semaphores; const uint64_t *values; } SemaphoreWait;
typedef struct { HEAD; Handle buffer; } AddressInfo;

typedef struct { HEAD; uint32_t waitCount; const Handle *waits; const uint32_t *stages; uint32_t cmdCount; const Handle *cmds; uint32_t signalCount; const Handle *signals; } SubmitInfo;
typedef struct { HEAD; uint32_t flags; const void *inherit; } CommandBegin;
typedef struct { HEAD; uint32_t src, dst; } Barrier;
typedef struct { uint64_t src, dst, size; } CopyRegion;

typedef struct { HEAD; uint32_t flags; size_t size; const uint32_t *code; } ModuleInfo;
typedef struct { uint32_t stages, offset, size; } PushRange;
typedef struct { HEAD; uint32_t flags, setCount; const Handle *sets; uint32_t rangeCount; const PushRange *ranges; } LayoutInfo;
typedef struct { uint32_t id, offset; size_t size; } SpecEntry;
typedef struct { uint32_t count; const SpecEntry *entries; size_t size; const void *data; } SpecInfo;
typedef struct { HEAD; uint32_t flags, stage; Handle module; const char *entry; const SpecInfo *spec; } StageInfo;
typedef struct { HEAD; uint32_t size; } RequiredSize;
typedef struct { HEAD; uint32_t flags; StageInfo stage; Handle layout, base; int32_t baseIndex; } PipelineInfo;

typedef struct { HEAD; uint32_t flags; const char *idName; int32_t idNumber; const char *message; /* more, unused */ } DebugData;
typedef Bool32 (VKAPI *DebugFn)(uint32_t severity, uint32_t types, const DebugData *, void *);
typedef struct { HEAD; uint32_t flags, severities, types; DebugFn fn; void *user; } DebugInfo;

typedef void (VKAPI *VoidFn)(void);
typedef VoidFn (VKAPI *GetInstanceProc)(void *instance, const char *name);
typedef VoidFn (VKAPI *GetDeviceProc)(void *device, const char *name);

#endif

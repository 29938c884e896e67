//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

/* Loader, instance, validation messages and what physical devices report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vkmin.h"
#include "vkx.h"
#include "objects.h"

#if defined(_WIN32)
#include <windows.h>
int vkx_loader_open(const char *name, void **gipa, char *err, int errn) {
	HMODULE lib = LoadLibraryA(name);
	if (!lib) {
		snprintf(err, errn, "Windows error %lu", (unsigned long)GetLastError());
		return -1;
	}
	*gipa = (void *)GetProcAddress(lib, "vkGetInstanceProcAddr");
	if (!*gipa) {
		snprintf(err, errn, "no vkGetInstanceProcAddr inside");
		FreeLibrary(lib);
		return -1;
	}
	return 0;
}
#else
#include <dlfcn.h>
int vkx_loader_open(const char *name, void **gipa, char *err, int errn) {
	void *lib = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		snprintf(err, errn, "%s", dlerror());
		return -1;
	}
	*gipa = dlsym(lib, "vkGetInstanceProcAddr");
	if (!*gipa) {
		snprintf(err, errn, "no vkGetInstanceProcAddr inside");
		dlclose(lib);
		return -1;
	}
	return 0;
}
#endif

#define GLOBAL(gipa, inst, name) (((GetInstanceProc)(gipa))((inst), (name)))

uint32_t vkx_instance_version(void *gipa) {
	int (VKAPI *fn)(uint32_t *) = (void *)GLOBAL(gipa, NULL, "vkEnumerateInstanceVersion");
	uint32_t v = 1u << 22;
	if (fn && fn(&v) != 0)
		v = 1u << 22;
	return v;
}

int vkx_has_layer(void *gipa, const char *name) {
	int (VKAPI *fn)(uint32_t *, LayerProps *) = (void *)GLOBAL(gipa, NULL, "vkEnumerateInstanceLayerProperties");
	uint32_t n = 0;
	int found = 0;
	if (!fn || fn(&n, NULL) != 0 || n == 0)
		return 0;
	LayerProps *p = calloc(n, sizeof *p);
	if (fn(&n, p) >= 0)
		for (uint32_t i = 0; i < n; i++)
			found |= strcmp(p[i].name, name) == 0;
	free(p);
	return found;
}

int vkx_has_instance_ext(void *gipa, const char *layer, const char *name) {
	int (VKAPI *fn)(const char *, uint32_t *, ExtProps *) = (void *)GLOBAL(gipa, NULL, "vkEnumerateInstanceExtensionProperties");
	uint32_t n = 0;
	int found = 0;
	if (!fn || fn(layer, &n, NULL) != 0 || n == 0)
		return 0;
	ExtProps *p = calloc(n, sizeof *p);
	if (fn(layer, &n, p) >= 0)
		for (uint32_t i = 0; i < n; i++)
			found |= strcmp(p[i].name, name) == 0;
	free(p);
	return found;
}

/* Messages are kept in a ring: when the reader falls behind, the newest are
   dropped, because the first message is the one that explains the others. */
void vkx_message_put(vkx_instance *in, uint32_t severity, const char *text) {
	while (__atomic_test_and_set(&in->lock, __ATOMIC_ACQUIRE))
		;
	if (in->head - in->tail < MESSAGES) {
		message *m = &in->ring[in->head++ % MESSAGES];
		m->severity = severity;
		snprintf(m->text, sizeof m->text, "%s", text ? text : "");
	}
	__atomic_clear(&in->lock, __ATOMIC_RELEASE);
}

int vkx_message(vkx_instance *in, char *buf, int n, uint32_t *severity) {
	int got = 0;
	while (__atomic_test_and_set(&in->lock, __ATOMIC_ACQUIRE))
		;
	if (in->head != in->tail) {
		message *m = &in->ring[in->tail++ % MESSAGES];
		snprintf(buf, n, "%s", m->text);
		*severity = m->severity;
		got = 1;
	}
	__atomic_clear(&in->lock, __ATOMIC_RELEASE);
	return got;
}

static Bool32 VKAPI on_message(uint32_t severity, uint32_t types, const DebugData *d, void *user) {
	(void)types;
	vkx_message_put(user, severity, d ? d->message : NULL);
	return 0;
}

int vkx_instance_create(void *gipa, uint32_t api, int validate, int portability, vkx_instance **out) {
	int (VKAPI *create)(const InstanceInfo *, const void *, void **) = (void *)GLOBAL(gipa, NULL, "vkCreateInstance");
	if (!create)
		return -3;
	vkx_instance *in = calloc(1, sizeof *in);
	if (!in)
		return -1;
	in->gipa = (GetInstanceProc)gipa;
	AppInfo app = {.sType = ST_APPLICATION_INFO, .app = "tuff", .engine = "tuff", .api = api};
	const char *layers[1] = {"VK_LAYER_KHRONOS_validation"};
	const char *exts[2];
	uint32_t n = 0;
	if (validate)
		exts[n++] = "VK_EXT_debug_utils";
	if (portability)
		exts[n++] = "VK_KHR_portability_enumeration";
	DebugInfo dbg = {.sType = ST_DEBUG_CREATE, .severities = 0x1100, .types = 0x7, .fn = on_message, .user = in};
	InstanceInfo ci = {.sType = ST_INSTANCE_CREATE, .pNext = validate ? &dbg : NULL,
		.flags = portability ? 1 : 0, .app = &app, .layerCount = validate ? 1 : 0,
		.layers = layers, .extCount = n, .exts = exts};
	int r = create(&ci, NULL, &in->handle);
	if (r != 0) {
		free(in);
		return r;
	}
#define LOAD(f) in->f = (void *)in->gipa(in->handle, "vk" #f)
	LOAD(DestroyInstance);
	LOAD(EnumeratePhysicalDevices);
	LOAD(EnumerateDeviceExtensionProperties);
	LOAD(GetPhysicalDeviceQueueFamilyProperties);
	LOAD(GetPhysicalDeviceProperties2);
	LOAD(GetPhysicalDeviceFeatures2);
	LOAD(GetPhysicalDeviceMemoryProperties2);
	LOAD(GetPhysicalDeviceCooperativeMatrixPropertiesKHR);
	LOAD(CreateDevice);
	LOAD(GetDeviceProcAddr);
#undef LOAD
	if (validate) {
		int (VKAPI *make)(void *, const DebugInfo *, const void *, Handle *) = (void *)in->gipa(in->handle, "vkCreateDebugUtilsMessengerEXT");
		if (make)
			make(in->handle, &dbg, NULL, &in->messenger);
	}
	*out = in;
	return 0;
}

void vkx_instance_destroy(vkx_instance *in) {
	if (in->messenger) {
		void (VKAPI *kill)(void *, Handle, const void *) = (void *)in->gipa(in->handle, "vkDestroyDebugUtilsMessengerEXT");
		if (kill)
			kill(in->handle, in->messenger, NULL);
	}
	if (in->DestroyInstance)
		in->DestroyInstance(in->handle, NULL);
	free(in);
}

uint64_t vkx_instance_handle(vkx_instance *in) { return (uint64_t)(uintptr_t)in->handle; }

int vkx_phys_list(vkx_instance *in, uint64_t *out, uint32_t *n) {
	uint32_t room = *n;
	void **h = calloc(room ? room : 1, sizeof *h);
	int r = in->EnumeratePhysicalDevices(in->handle, n, h);
	for (uint32_t i = 0; r >= 0 && i < *n && i < room; i++)
		out[i] = (uint64_t)(uintptr_t)h[i];
	free(h);
	return r;
}

static int has(const ExtProps *p, uint32_t n, const char *name) {
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(p[i].name, name) == 0)
			return 1;
	return 0;
}

static void *link_to(void *head, void *node, uint32_t type) {
	Base *b = node;
	b->sType = type;
	b->pNext = ((Base *)head)->pNext;
	((Base *)head)->pNext = b;
	return node;
}

/* The properties and features that need a chain. Structures newer than what
   the device reports are left out, as the specification asks. */
void vkx_phys_info(vkx_instance *in, uint64_t phys, uint32_t api, vkx_phys *o) {
	void *pd = (void *)(uintptr_t)phys;
	const uint32_t v12 = (1u << 22) | (2u << 12), v13 = (1u << 22) | (3u << 12);
	uint32_t n = 0;
	memset(o, 0, sizeof *o);
	in->EnumerateDeviceExtensionProperties(pd, NULL, &n, NULL);
	ExtProps *ext = calloc(n ? n : 1, sizeof *ext);
	in->EnumerateDeviceExtensionProperties(pd, NULL, &n, ext);
	o->ext_size_control = api < v13 && has(ext, n, "VK_EXT_subgroup_size_control");
	o->ext_maintenance4 = api < v13 && has(ext, n, "VK_KHR_maintenance4");
	o->budget = has(ext, n, "VK_EXT_memory_budget");
	o->portability = has(ext, n, "VK_KHR_portability_subset");
	int coop = has(ext, n, "VK_KHR_cooperative_matrix");
	free(ext);
	int sized = api >= v13 || o->ext_size_control, m4 = api >= v13 || o->ext_maintenance4;

	if (api >= v12) {
		Properties2 p = {.sType = ST_PROPERTIES2};
		IDProps id = {0};
		DriverProps drv = {0};
		SubgroupProps sg = {0};
		SubgroupSizeProps sgs = {0};
		Maintenance3 mt3 = {0};
		Maintenance4Props mt4 = {0};
		FloatControls fc = {0};
		link_to(&p, &id, ST_ID_PROPERTIES);
		link_to(&p, &drv, ST_DRIVER_PROPERTIES);
		link_to(&p, &sg, ST_SUBGROUP_PROPERTIES);
		link_to(&p, &mt3, ST_MAINTENANCE3);
		link_to(&p, &fc, ST_FLOAT_CONTROLS);
		if (sized)
			link_to(&p, &sgs, ST_SUBGROUP_SIZE_PROPERTIES);
		if (m4)
			link_to(&p, &mt4, ST_MAINTENANCE4_PROPERTIES);
		in->GetPhysicalDeviceProperties2(pd, &p);
		memcpy(o->uuid, id.device, 16);
		o->driver_id = drv.id;
		memcpy(o->driver_name, drv.name, 256);
		memcpy(o->driver_info, drv.info, 256);
		o->max_allocation = mt3.maxAllocation;
		o->max_buffer = mt4.maxBuffer;
		o->subgroup_size = sg.size;
		o->subgroup_stages = sg.stages;
		o->subgroup_ops = sg.operations;
		o->min_subgroup = sgs.min;
		o->max_subgroup = sgs.max;
		o->full_subgroup_stages = sgs.stages;
		o->inf_nan32 = fc.szInfNan[1];
		o->denorm_keep32 = fc.denormKeep[1];

		Features2 f = {.sType = ST_FEATURES2};
		Feature2 f16 = {0}, coopf = {0}, ssc = {0};
		Feature3 st8 = {0}, bda = {0}, mm = {0};
		Feature4 st16 = {0};
		Feature1 tl = {0}, scalar = {0}, sge = {0}, mt4f = {0}, dot = {0};
		link_to(&f, &f16, ST_FLOAT16_INT8);
		link_to(&f, &st8, ST_STORAGE8);
		link_to(&f, &st16, ST_STORAGE16);
		link_to(&f, &bda, ST_BUFFER_ADDRESS_FEATURES);
		link_to(&f, &mm, ST_MEMORY_MODEL);
		link_to(&f, &tl, ST_TIMELINE_FEATURES);
		link_to(&f, &scalar, ST_SCALAR_LAYOUT);
		link_to(&f, &sge, ST_SUBGROUP_EXTENDED);
		if (sized)
			link_to(&f, &ssc, ST_SUBGROUP_SIZE_FEATURES);
		if (m4)
			link_to(&f, &mt4f, ST_MAINTENANCE4_FEATURES);
		if (api >= v13)
			link_to(&f, &dot, ST_INT_DOT_FEATURES);
		if (coop)
			link_to(&f, &coopf, ST_COOPMAT_FEATURES);
		in->GetPhysicalDeviceFeatures2(pd, &f);
		o->f64 = f.f[F_SHADER_FLOAT64];
		o->i64 = f.f[F_SHADER_INT64];
		o->i16 = f.f[F_SHADER_INT16];
		o->f16 = f16.on[0];
		o->i8 = f16.on[1];
		o->st8 = st8.on[0];
		o->st16 = st16.on[0];
		o->bda = bda.on[0];
		o->memory_model = mm.on[0];
		o->memory_model_device = mm.on[1];
		o->timeline = tl.on;
		o->scalar = scalar.on;
		o->subgroup_ext = sge.on;
		o->subgroup_size_control = ssc.on[0];
		o->full_subgroups = ssc.on[1];
		o->maintenance4 = mt4f.on;
		o->int_dot = dot.on;
		o->coopmat = coopf.on[0] && mm.on[0];
	}

	Memory2 m = {.sType = ST_MEMORY2};
	in->GetPhysicalDeviceMemoryProperties2(pd, &m);
	o->type_count = m.typeCount;
	o->heap_count = m.heapCount;
	for (uint32_t i = 0; i < m.typeCount; i++) {
		o->type_flags[i] = m.types[i].flags;
		o->type_heap[i] = m.types[i].heap;
	}
	for (uint32_t i = 0; i < m.heapCount; i++) {
		o->heap_flags[i] = m.heaps[i].flags;
		o->heap_size[i] = m.heaps[i].size;
	}

	/* A compute family without graphics is preferred: on desktop GPUs it is
	   not throttled by the display. */
	o->family = -1;
	n = 0;
	in->GetPhysicalDeviceQueueFamilyProperties(pd, &n, NULL);
	QueueFamily *q = calloc(n ? n : 1, sizeof *q);
	in->GetPhysicalDeviceQueueFamilyProperties(pd, &n, q);
	for (uint32_t i = 0; i < n; i++) {
		if (!(q[i].flags & 2) || q[i].count == 0)
			continue;
		if (o->family < 0 || ((q[o->family].flags & 1) && !(q[i].flags & 1)))
			o->family = (int32_t)i;
	}
	if (o->family >= 0)
		o->timestamp_bits = q[o->family].timestampBits;
	free(q);
}

int vkx_phys_coopmat(vkx_instance *in, uint64_t phys, vkx_coopmat *out, uint32_t *n) {
	uint32_t room = *n;
	*n = 0;
	if (!in->GetPhysicalDeviceCooperativeMatrixPropertiesKHR)
		return 0;
	CoopMatProps *p = calloc(room, sizeof *p);
	for (uint32_t i = 0; i < room; i++)
		p[i].sType = ST_COOPMAT_PROPERTIES;
	*n = room;
	int r = in->GetPhysicalDeviceCooperativeMatrixPropertiesKHR((void *)(uintptr_t)phys, n, p);
	if (r < 0)
		*n = 0;
	for (uint32_t i = 0; i < *n; i++)
		out[i] = (vkx_coopmat){p[i].m, p[i].n, p[i].k, p[i].a, p[i].b, p[i].c, p[i].result, p[i].saturating, p[i].scope};
	free(p);
	return r;
}

void vkx_budget(vkx_instance *in, uint64_t phys, uint64_t *budget, uint64_t *usage) {
	Memory2 m = {.sType = ST_MEMORY2};
	MemoryBudget b = {.sType = ST_MEMORY_BUDGET};
	m.pNext = &b;
	in->GetPhysicalDeviceMemoryProperties2((void *)(uintptr_t)phys, &m);
	memcpy(budget, b.budget, sizeof b.budget);
	memcpy(usage, b.usage, sizeof b.usage);
}

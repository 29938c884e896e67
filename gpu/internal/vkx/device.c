//go:build cgo && (linux || windows || (darwin && vulkan)) && (amd64 || arm64 || ppc64le || riscv64 || loong64)

/* Logical device, pipelines, replay of recorded commands, submission, waiting. */
#include <stdlib.h>
#include <string.h>
#include "vkmin.h"
#include "vkx.h"
#include "objects.h"

static void chain(void *head, void *node, uint32_t type) {
	Base *b = node;
	b->sType = type;
	b->pNext = ((Base *)head)->pNext;
	((Base *)head)->pNext = b;
}

static int load(vkx_instance *in, vkx_device *d, int timeline) {
	int ok = 1;
#define LOAD(f) (d->f = (void *)in->GetDeviceProcAddr(d->handle, "vk" #f), ok &= d->f != NULL)
	LOAD(GetBufferDeviceAddress);
	LOAD(CreateShaderModule);
	LOAD(DestroyShaderModule);
	LOAD(CreatePipelineLayout);
	LOAD(DestroyPipelineLayout);
	LOAD(CreateComputePipelines);
	LOAD(BeginCommandBuffer);
	LOAD(EndCommandBuffer);
	LOAD(CmdBindPipeline);
	LOAD(CmdPushConstants);
	LOAD(CmdDispatch);
	LOAD(CmdCopyBuffer);
	LOAD(CmdFillBuffer);
	LOAD(CmdPipelineBarrier);
	LOAD(CmdResetQueryPool);
	LOAD(CmdWriteTimestamp);
	LOAD(GetQueryPoolResults);
	LOAD(QueueSubmit);
	LOAD(WaitForFences);
	LOAD(ResetFences);
	if (timeline) {
		LOAD(WaitSemaphores);
		LOAD(GetSemaphoreCounterValue);
	}
#undef LOAD
	return ok;
}

int vkx_device_create(vkx_instance *in, uint64_t phys, const vkx_enable *e, vkx_device **out) {
	const char *ext[8];
	uint32_t n = 0;
	Features2 f = {.sType = ST_FEATURES2};
	Feature2 f16 = {.on = {e->f16, e->i8}}, coop = {.on = {1, 0}}, ssc = {.on = {1, e->full_subgroups}};
	Feature3 st8 = {.on = {1, 0, 0}}, bda = {.on = {1, 0, 0}}, mm = {.on = {1, e->memory_model_device, 0}};
	Feature4 st16 = {.on = {1, 0, 0, 0}};
	Feature1 tl = {.on = 1}, scalar = {.on = 1}, sge = {.on = 1}, m4 = {.on = 1}, dot = {.on = 1};
	f.f[F_SHADER_INT64] = 1;
	f.f[F_SHADER_FLOAT64] = e->f64;
	f.f[F_SHADER_INT16] = e->i16;
	chain(&f, &st8, ST_STORAGE8);
	chain(&f, &st16, ST_STORAGE16);
	chain(&f, &bda, ST_BUFFER_ADDRESS_FEATURES);
	if (e->f16 || e->i8)
		chain(&f, &f16, ST_FLOAT16_INT8);
	if (e->timeline)
		chain(&f, &tl, ST_TIMELINE_FEATURES);
	if (e->scalar)
		chain(&f, &scalar, ST_SCALAR_LAYOUT);
	if (e->memory_model)
		chain(&f, &mm, ST_MEMORY_MODEL);
	if (e->subgroup_ext)
		chain(&f, &sge, ST_SUBGROUP_EXTENDED);
	if (e->subgroup_size_control) {
		chain(&f, &ssc, ST_SUBGROUP_SIZE_FEATURES);
		if (e->ext_size_control)
			ext[n++] = "VK_EXT_subgroup_size_control";
	}
	if (e->maintenance4) {
		chain(&f, &m4, ST_MAINTENANCE4_FEATURES);
		if (e->ext_maintenance4)
			ext[n++] = "VK_KHR_maintenance4";
	}
	if (e->int_dot)
		chain(&f, &dot, ST_INT_DOT_FEATURES);
	if (e->coopmat) {
		chain(&f, &coop, ST_COOPMAT_FEATURES);
		ext[n++] = "VK_KHR_cooperative_matrix";
	}
	if (e->budget)
		ext[n++] = "VK_EXT_memory_budget";
	if (e->portability)
		ext[n++] = "VK_KHR_portability_subset";

	float priority = 1;
	QueueInfo q = {.sType = ST_QUEUE_CREATE, .family = e->family, .count = 1, .priorities = &priority};
	DeviceInfo ci = {.sType = ST_DEVICE_CREATE, .pNext = &f, .queueCount = 1, .queues = &q, .extCount = n, .exts = ext};
	vkx_device *d = calloc(1, sizeof *d);
	if (!d)
		return -1;
	int r = in->CreateDevice((void *)(uintptr_t)phys, &ci, NULL, &d->handle);
	if (r == 0 && !load(in, d, e->timeline))
		r = -3; /* VK_ERROR_INITIALIZATION_FAILED: a function of the floor is missing */
	if (r != 0) {
		void (VKAPI *kill)(void *, const void *) = d->handle ? (void *)in->GetDeviceProcAddr(d->handle, "vkDestroyDevice") : NULL;
		if (kill)
			kill(d->handle, NULL);
		free(d);
		return r;
	}
	*out = d;
	return 0;
}

void vkx_device_free(vkx_device *d) { free(d); }
uint64_t vkx_device_handle(vkx_device *d) { return (uint64_t)(uintptr_t)d->handle; }

uint64_t vkx_buffer_address(vkx_device *d, uint64_t buffer) {
	AddressInfo i = {.sType = ST_BUFFER_ADDRESS_INFO, .buffer = buffer};
	return d->GetBufferDeviceAddress(d->handle, &i);
}

/* Constant chains for the binding's create calls; never freed, never written. */
void *vkx_chain_address(void) {
	static AllocateFlags f = {.sType = ST_MEMORY_ALLOCATE_FLAGS, .flags = 2};
	return &f;
}

void *vkx_chain_timeline(void) {
	static SemaphoreType t = {.sType = ST_SEMAPHORE_TYPE, .type = 1, .initial = 1};
	return &t;
}

int vkx_pipeline(vkx_device *d, uint64_t cache, const void *code, uint64_t bytes, uint32_t push,
	uint32_t nspec, const uint32_t *ids, const uint32_t *values, uint32_t subgroup, int full,
	uint64_t *layout, uint64_t *pipeline) {
	Handle module = 0;
	uint32_t *words = malloc(bytes);
	SpecEntry *entries = calloc(nspec ? nspec : 1, sizeof *entries);
	uint32_t *data = calloc(nspec ? nspec : 1, sizeof *data);
	*layout = *pipeline = 0;
	int r = -1;
	if (!words || !entries || !data)
		goto done;
	memcpy(words, code, bytes);
	for (uint32_t i = 0; i < nspec; i++) {
		entries[i] = (SpecEntry){ids[i], i * 4, 4};
		data[i] = values[i];
	}
	ModuleInfo mi = {.sType = ST_SHADER_MODULE, .size = bytes, .code = words};
	if ((r = d->CreateShaderModule(d->handle, &mi, NULL, &module)) != 0)
		goto done;
	PushRange range = {SHADER_COMPUTE, 0, push};
	LayoutInfo li = {.sType = ST_PIPELINE_LAYOUT, .rangeCount = push ? 1 : 0, .ranges = &range};
	if ((r = d->CreatePipelineLayout(d->handle, &li, NULL, layout)) != 0)
		goto done;
	SpecInfo spec = {nspec, entries, (size_t)nspec * 4, data};
	RequiredSize size = {.sType = ST_SUBGROUP_SIZE_REQUIRED, .size = subgroup};
	PipelineInfo pi = {.sType = ST_COMPUTE_PIPELINE, .layout = *layout, .baseIndex = -1,
		.stage = {.sType = ST_SHADER_STAGE, .pNext = subgroup ? &size : NULL,
			.flags = full ? PIPELINE_STAGE_FULL_SUBGROUPS : 0, .stage = SHADER_COMPUTE,
			.module = module, .entry = "main", .spec = nspec ? &spec : NULL}};
	r = d->CreateComputePipelines(d->handle, cache, 1, &pi, NULL, pipeline);
done:
	if (module)
		d->DestroyShaderModule(d->handle, module, NULL);
	if (r != 0 && *layout) {
		d->DestroyPipelineLayout(d->handle, *layout, NULL);
		*layout = 0;
	}
	free(words);
	free(entries);
	free(data);
	return r;
}

/* Records n commands into cb, between a barrier against every earlier
   submission and one that makes the results visible to the host. With queries,
   commands are kept apart by barriers so that each pair of timestamps measures
   one command alone. */
int vkx_replay(vkx_device *d, uint64_t handle, const vkx_cmd *c, uint32_t n, const void *push, uint64_t queries) {
	void *cb = (void *)(uintptr_t)handle;
	const uint32_t work = STAGE_COMPUTE | STAGE_TRANSFER;
	const uint32_t reads = ACCESS_SHADER_READ | ACCESS_TRANSFER_READ, writes = ACCESS_SHADER_WRITE | ACCESS_TRANSFER_WRITE;
	CommandBegin begin = {.sType = ST_COMMAND_BEGIN, .flags = 1};
	Barrier mem = {.sType = ST_MEMORY_BARRIER, .src = writes, .dst = reads | writes};
	Barrier host = {.sType = ST_MEMORY_BARRIER, .src = writes, .dst = ACCESS_HOST_READ | ACCESS_HOST_WRITE};
	uint64_t bound = 0;
	int r = d->BeginCommandBuffer(cb, &begin);
	if (r != 0)
		return r;
	if (queries)
		d->CmdResetQueryPool(cb, queries, 0, 2 * n);
	d->CmdPipelineBarrier(cb, work, work, 0, 1, &mem, 0, NULL, 0, NULL);
	for (uint32_t i = 0; i < n; i++, c++) {
		if (c->barrier || (queries && i > 0))
			d->CmdPipelineBarrier(cb, work, work, 0, 1, &mem, 0, NULL, 0, NULL);
		if (queries)
			d->CmdWriteTimestamp(cb, STAGE_BOTTOM, queries, 2 * i);
		switch (c->kind) {
		case VKX_DISPATCH:
			if (c->h0 != bound) {
				d->CmdBindPipeline(cb, BIND_COMPUTE, c->h0);
				bound = c->h0;
			}
			if (c->push_len)
				d->CmdPushConstants(cb, c->h1, SHADER_COMPUTE, 0, c->push_len, (const char *)push + c->push_off);
			d->CmdDispatch(cb, c->g[0], c->g[1], c->g[2]);
			break;
		case VKX_COPY: {
			CopyRegion region = {c->a, c->b, c->n};
			d->CmdCopyBuffer(cb, c->h0, c->h1, 1, &region);
			break;
		}
		case VKX_FILL:
			d->CmdFillBuffer(cb, c->h1, c->b, c->n, c->g[0]);
			break;
		}
		if (queries)
			d->CmdWriteTimestamp(cb, STAGE_BOTTOM, queries, 2 * i + 1);
	}
	d->CmdPipelineBarrier(cb, work, STAGE_HOST, 0, 1, &host, 0, NULL, 0, NULL);
	return d->EndCommandBuffer(cb);
}

int vkx_submit(vkx_device *d, uint64_t queue, uint64_t cb, uint64_t semaphore, uint64_t value, uint64_t fence) {
	TimelineSubmit t = {.sType = ST_TIMELINE_SUBMIT, .signalCount = 1, .signals = &value};
	SubmitInfo s = {.sType = ST_SUBMIT, .cmdCount = 1, .cmds = &cb};
	if (semaphore) {
		s.pNext = &t;
		s.signalCount = 1;
		s.signals = &semaphore;
	}
	return d->QueueSubmit((void *)(uintptr_t)queue, 1, &s, fence);
}

int vkx_wait_value(vkx_device *d, uint64_t semaphore, uint64_t value, uint64_t ns) {
	SemaphoreWait w = {.sType = ST_SEMAPHORE_WAIT, .count = 1, .semaphores = &semaphore, .values = &value};
	return d->WaitSemaphores(d->handle, &w, ns);
}

int vkx_counter(vkx_device *d, uint64_t semaphore, uint64_t *value) {
	return d->GetSemaphoreCounterValue(d->handle, semaphore, value);
}

int vkx_wait_fence(vkx_device *d, uint64_t fence, uint64_t ns) { return d->WaitForFences(d->handle, 1, &fence, 1, ns); }
int vkx_reset_fence(vkx_device *d, uint64_t fence) { return d->ResetFences(d->handle, 1, &fence); }

int vkx_query_results(vkx_device *d, uint64_t pool, uint32_t n, uint64_t *out) {
	return d->GetQueryPoolResults(d->handle, pool, 0, n, (size_t)n * 8, out, 8, 1);
}

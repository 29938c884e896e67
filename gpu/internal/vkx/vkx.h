/* What the Go side of package vkx calls. Handles are uint64_t; results are
   VkResult values. */
#ifndef TUFF_VKX_H
#define TUFF_VKX_H

#include <stdint.h>

typedef struct vkx_instance vkx_instance;
typedef struct vkx_device vkx_device;

typedef struct {
	uint8_t uuid[16];
	uint32_t driver_id;
	char driver_name[256], driver_info[256];
	uint64_t max_allocation, max_buffer;
	uint32_t subgroup_size, subgroup_stages, subgroup_ops, min_subgroup, max_subgroup, full_subgroup_stages;
	uint32_t f64, i64, i16, f16, i8, st8, st16, timeline, bda, scalar, memory_model, memory_model_device;
	uint32_t subgroup_ext, subgroup_size_control, full_subgroups, maintenance4, coopmat, int_dot;
	uint32_t budget, portability, inf_nan32, denorm_keep32;
	uint32_t ext_size_control, ext_maintenance4;
	int32_t family;
	uint32_t timestamp_bits;
	uint32_t type_count, heap_count;
	uint32_t type_flags[32], type_heap[32], heap_flags[16];
	uint64_t heap_size[16];
} vkx_phys;

typedef struct { uint32_t m, n, k, a, b, c, result, saturating, scope; } vkx_coopmat;

typedef struct {
	uint32_t family, f64, i16, f16, i8, timeline, scalar, memory_model, memory_model_device;
	uint32_t subgroup_ext, subgroup_size_control, full_subgroups, maintenance4, coopmat, int_dot;
	uint32_t ext_size_control, ext_maintenance4, budget, portability;
} vkx_enable;

enum { VKX_DISPATCH = 1, VKX_COPY = 2, VKX_FILL = 3 };

/* One recorded command. dispatch: h0 pipeline, h1 layout, g grid, push;
   copy: h0 source, h1 target, a and b their offsets, n bytes;
   fill: h1 target, b offset, n bytes, g[0] the word. */
typedef struct {
	uint32_t kind, barrier, g[3], push_off, push_len, mark;
	uint64_t h0, h1, a, b, n;
} vkx_cmd;

int vkx_loader_open(const char *name, void **gipa, char *err, int errn);
uint32_t vkx_instance_version(void *gipa);
int vkx_has_layer(void *gipa, const char *name);
int vkx_has_instance_ext(void *gipa, const char *layer, const char *name);
int vkx_instance_create(void *gipa, uint32_t api, int validate, int portability, vkx_instance **out);
void vkx_instance_destroy(vkx_instance *);
uint64_t vkx_instance_handle(vkx_instance *);
int vkx_message(vkx_instance *, char *buf, int n, uint32_t *severity);
void vkx_message_put(vkx_instance *, uint32_t severity, const char *text);

int vkx_phys_list(vkx_instance *, uint64_t *out, uint32_t *n);
void vkx_phys_info(vkx_instance *, uint64_t phys, uint32_t api, vkx_phys *out);
int vkx_phys_coopmat(vkx_instance *, uint64_t phys, vkx_coopmat *out, uint32_t *n);
void vkx_budget(vkx_instance *, uint64_t phys, uint64_t *budget, uint64_t *usage);

int vkx_device_create(vkx_instance *, uint64_t phys, const vkx_enable *, vkx_device **out);
void vkx_device_free(vkx_device *);
uint64_t vkx_device_handle(vkx_device *);
uint64_t vkx_buffer_address(vkx_device *, uint64_t buffer);
void *vkx_chain_address(void);
void *vkx_chain_timeline(void);

int vkx_pipeline(vkx_device *, uint64_t cache, const void *code, uint64_t bytes, uint32_t push,
	uint32_t nspec, const uint32_t *ids, const uint32_t *values, uint32_t subgroup, int full,
	uint64_t *layout, uint64_t *pipeline);

int vkx_replay(vkx_device *, uint64_t cb, const vkx_cmd *, uint32_t n, const void *push, uint64_t queries);
int vkx_submit(vkx_device *, uint64_t queue, uint64_t cb, uint64_t semaphore, uint64_t value, uint64_t fence);
int vkx_wait_value(vkx_device *, uint64_t semaphore, uint64_t value, uint64_t ns);
int vkx_counter(vkx_device *, uint64_t semaphore, uint64_t *value);
int vkx_wait_fence(vkx_device *, uint64_t fence, uint64_t ns);
int vkx_reset_fence(vkx_device *, uint64_t fence);
int vkx_query_results(vkx_device *, uint64_t pool, uint32_t n, uint64_t *out);

#endif

/* The two objects behind vkx.h, with the functions each has loaded. */
#ifndef TUFF_OBJECTS_H
#define TUFF_OBJECTS_H

#include "vkmin.h"

enum { MESSAGES = 128, MESSAGE_TEXT = 1500 };
typedef struct { uint32_t severity; char text[MESSAGE_TEXT]; } message;

struct vkx_instance {
	GetInstanceProc gipa;
	void *handle;
	Handle messenger;
	char lock;
	uint32_t head, tail;
	message ring[MESSAGES];
	void (VKAPI *DestroyInstance)(void *, const void *);
	int (VKAPI *EnumeratePhysicalDevices)(void *, uint32_t *, void **);
	int (VKAPI *EnumerateDeviceExtensionProperties)(void *, const char *, uint32_t *, ExtProps *);
	void (VKAPI *GetPhysicalDeviceQueueFamilyProperties)(void *, uint32_t *, QueueFamily *);
	void (VKAPI *GetPhysicalDeviceProperties2)(void *, Properties2 *);
	void (VKAPI *GetPhysicalDeviceFeatures2)(void *, Features2 *);
	void (VKAPI *GetPhysicalDeviceMemoryProperties2)(void *, Memory2 *);
	int (VKAPI *GetPhysicalDeviceCooperativeMatrixPropertiesKHR)(void *, uint32_t *, CoopMatProps *);
	int (VKAPI *CreateDevice)(void *, const DeviceInfo *, const void *, void **);
	GetDeviceProc GetDeviceProcAddr;
};

struct vkx_device {
	void *handle;
	uint64_t (VKAPI *GetBufferDeviceAddress)(void *, const AddressInfo *);
	int (VKAPI *CreateShaderModule)(void *, const ModuleInfo *, const void *, Handle *);
	void (VKAPI *DestroyShaderModule)(void *, Handle, const void *);
	int (VKAPI *CreatePipelineLayout)(void *, const LayoutInfo *, const void *, Handle *);
	void (VKAPI *DestroyPipelineLayout)(void *, Handle, const void *);
	int (VKAPI *CreateComputePipelines)(void *, Handle, uint32_t, const PipelineInfo *, const void *, Handle *);
	int (VKAPI *BeginCommandBuffer)(void *, const CommandBegin *);
	int (VKAPI *EndCommandBuffer)(void *);
	void (VKAPI *CmdBindPipeline)(void *, uint32_t, Handle);
	void (VKAPI *CmdPushConstants)(void *, Handle, uint32_t, uint32_t, uint32_t, const void *);
	void (VKAPI *CmdDispatch)(void *, uint32_t, uint32_t, uint32_t);
	void (VKAPI *CmdCopyBuffer)(void *, Handle, Handle, uint32_t, const CopyRegion *);
	void (VKAPI *CmdFillBuffer)(void *, Handle, uint64_t, uint64_t, uint32_t);
	void (VKAPI *CmdPipelineBarrier)(void *, uint32_t, uint32_t, uint32_t, uint32_t, const Barrier *, uint32_t, const void *, uint32_t, const void *);
	void (VKAPI *CmdResetQueryPool)(void *, Handle, uint32_t, uint32_t);
	void (VKAPI *CmdWriteTimestamp)(void *, uint32_t, Handle, uint32_t);
	int (VKAPI *GetQueryPoolResults)(void *, Handle, uint32_t, uint32_t, size_t, void *, uint64_t, uint32_t);
	int (VKAPI *QueueSubmit)(void *, uint32_t, const SubmitInfo *, Handle);
	int (VKAPI *WaitForFences)(void *, uint32_t, const Handle *, Bool32, uint64_t);
	int (VKAPI *ResetFences)(void *, uint32_t, const Handle *);
	int (VKAPI *WaitSemaphores)(void *, const SemaphoreWait *, uint64_t);
	int (VKAPI *GetSemaphoreCounterValue)(void *, Handle, uint64_t *);
};

#endif

/* Finding GPUs: by index, UUID, serial number and PCI address. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "call.h"

/* The handle of a GPU, through call_target: a hung or lost GPU shows itself here already, as with the real driver. */
static nvmlReturn_t give(Call *call, HandleKind kind, unsigned int gpu, unsigned int slot, nvmlDevice_t *device)
{
    const Handle *handle = handle_of(kind, gpu, slot);
    RETURN_IF_FAILED(call_target(call, handle, KIND(HANDLE_GPU) | KIND(HANDLE_MIG)));
    *device = handle;
    return NVML_SUCCESS;
}

#define DEVICE_COUNT(name) \
    EXPORT nvmlReturn_t name(unsigned int *count) \
    { \
        ENTER(name); \
        REQUIRE(count != NULL); \
        *count = call.node->gpu_count; \
        return NVML_SUCCESS; \
    }

DEVICE_COUNT(nvmlDeviceGetCount)
DEVICE_COUNT(nvmlDeviceGetCount_v2)

#define HANDLE_BY_INDEX(name) \
    EXPORT nvmlReturn_t name(unsigned int index, nvmlDevice_t *device) \
    { \
        ENTER(name); \
        REQUIRE(device != NULL && index < call.node->gpu_count); \
        return give(&call, HANDLE_GPU, index, 0, device); \
    }

HANDLE_BY_INDEX(nvmlDeviceGetHandleByIndex)
HANDLE_BY_INDEX(nvmlDeviceGetHandleByIndex_v2)

static nvmlReturn_t by_uuid(Call *call, const char *uuid, nvmlDevice_t *device)
{
    for (unsigned int g = 0; g < call->node->gpu_count; g++) {
        const GpuState *gpu = &call->node->gpus[g];
        if (strncasecmp(gpu->uuid, uuid, sizeof gpu->uuid) == 0)
            return give(call, HANDLE_GPU, g, 0, device);
        for (unsigned int m = 0; m < MIG_LIMIT; m++)
            if (gpu->mig[m].present && strncasecmp(gpu->mig[m].uuid, uuid, sizeof gpu->mig[m].uuid) == 0)
                return give(call, HANDLE_MIG, g, m, device);
    }
    return NVML_ERROR_NOT_FOUND;
}

EXPORT nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *device)
{
    ENTER(nvmlDeviceGetHandleByUUID);
    REQUIRE(uuid != NULL && device != NULL);
    return by_uuid(&call, uuid, device);
}

EXPORT nvmlReturn_t nvmlDeviceGetHandleByUUIDV(const nvmlUUID_t *uuid, nvmlDevice_t *device)
{
    ENTER(nvmlDeviceGetHandleByUUIDV);
    REQUIRE(uuid != NULL && device != NULL);
    REQUIRE_VERSION(uuid->version == VERSION_WORD(52, 1));
    if (uuid->type == 1)
        return by_uuid(&call, uuid->value.str, device);
    REQUIRE(uuid->type == 2);
    const unsigned char *b = uuid->value.bytes;
    char text[64];
    snprintf(text, sizeof text, "GPU-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    nvmlReturn_t found = by_uuid(&call, text, device);
    if (found != NVML_ERROR_NOT_FOUND)
        return found;
    memcpy(text, "MIG", 3);
    return by_uuid(&call, text, device);
}

EXPORT nvmlReturn_t nvmlDeviceGetHandleBySerial(const char *serial, nvmlDevice_t *device)
{
    ENTER(nvmlDeviceGetHandleBySerial);
    REQUIRE(serial != NULL && device != NULL);
    for (unsigned int g = 0; g < call.node->gpu_count; g++)
        if (strncmp(call.node->gpus[g].serial, serial, sizeof call.node->gpus[g].serial) == 0)
            return give(&call, HANDLE_GPU, g, 0, device);
    return NVML_ERROR_NOT_FOUND;
}

static nvmlReturn_t by_pci(Call *call, const char *text, nvmlDevice_t *device)
{
    unsigned int domain = 0, bus, slot, function = 0;
    if (text == NULL || device == NULL)
        return NVML_ERROR_INVALID_ARGUMENT;
    if (sscanf(text, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4 && sscanf(text, "%x:%x:%x", &domain, &bus, &slot) != 3) {
        domain = 0;
        if (sscanf(text, "%x:%x", &bus, &slot) != 2)
            return NVML_ERROR_INVALID_ARGUMENT;
    }
    for (unsigned int g = 0; g < call->node->gpu_count; g++) {
        const GpuState *gpu = &call->node->gpus[g];
        if (gpu->pci_domain == domain && gpu->pci_bus == bus && gpu->pci_device == slot)
            return give(call, HANDLE_GPU, g, 0, device);
    }
    return NVML_ERROR_NOT_FOUND;
}

#define HANDLE_BY_PCI(name) \
    EXPORT nvmlReturn_t name(const char *text, nvmlDevice_t *device) \
    { \
        ENTER(name); \
        return by_pci(&call, text, device); \
    }

HANDLE_BY_PCI(nvmlDeviceGetHandleByPciBusId)
HANDLE_BY_PCI(nvmlDeviceGetHandleByPciBusId_v2)

EXPORT nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t device, unsigned int *index)
{
    ENTER_DEVICE(nvmlDeviceGetIndex, device);
    REQUIRE(index != NULL);
    *index = call.mig != NULL ? call.mig_index : call.gpu_index;
    return NVML_SUCCESS;
}

/* Levels of nvmlGpuTopologyLevel_t. */
enum { INTERNAL = 0, HOST_BRIDGE = 30, NUMA_NODE = 40, SYSTEM = 50 };

static unsigned int common_ancestor(const GpuState *one, const GpuState *other)
{
    if (one == other)
        return INTERNAL;
    if (one->root_complex == other->root_complex)
        return HOST_BRIDGE;
    return one->numa_node == other->numa_node ? NUMA_NODE : SYSTEM;
}

EXPORT nvmlReturn_t nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t device, nvmlDevice_t other, unsigned int *level)
{
    ENTER_GPU(nvmlDeviceGetTopologyCommonAncestor, device);
    REQUIRE(level != NULL);
    RETURN_IF_FAILED(call_target(&call, other, KIND(HANDLE_GPU)));
    *level = common_ancestor(gpu, call.gpu);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetTopologyNearestGpus(nvmlDevice_t device, unsigned int level, unsigned int *count, nvmlDevice_t *near)
{
    ENTER_GPU(nvmlDeviceGetTopologyNearestGpus, device);
    REQUIRE(count != NULL && level <= SYSTEM && level % 10 == 0);
    unsigned int found = 0, room = *count;
    for (unsigned int g = 0; g < call.node->gpu_count; g++) {
        if (&call.node->gpus[g] == gpu || common_ancestor(gpu, &call.node->gpus[g]) > level)
            continue;
        if (near != NULL && found < room)
            near[found] = handle_of(HANDLE_GPU, g, 0);
        found++;
    }
    *count = near != NULL && found > room ? room : found;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlSystemGetTopologyGpuSet(unsigned int cpu, unsigned int *count, nvmlDevice_t *near)
{
    ENTER(nvmlSystemGetTopologyGpuSet);
    REQUIRE(count != NULL && cpu < 64 * 16);
    unsigned int found = 0, room = *count;
    for (unsigned int g = 0; g < call.node->gpu_count; g++) {
        if ((call.node->gpus[g].cpu_affinity[cpu / 64] >> cpu % 64 & 1) == 0)
            continue;
        if (near != NULL && found < room)
            near[found] = handle_of(HANDLE_GPU, g, 0);
        found++;
    }
    *count = near != NULL && found > room ? room : found;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceOnSameBoard(nvmlDevice_t device, nvmlDevice_t other, int *same)
{
    ENTER_GPU(nvmlDeviceOnSameBoard, device);
    REQUIRE(same != NULL);
    RETURN_IF_FAILED(call_target(&call, other, KIND(HANDLE_GPU)));
    *same = gpu == call.gpu;
    return NVML_SUCCESS;
}

static bool linked(const GpuState *gpu)
{
    for (unsigned int l = 0; l < gpu->link_count && l < LINK_LIMIT; l++)
        if (gpu->links[l].active == 1)
            return true;
    return false;
}

EXPORT nvmlReturn_t nvmlDeviceGetP2PStatus(nvmlDevice_t device, nvmlDevice_t other, unsigned int capability, unsigned int *status)
{
    enum { OK = 0, CHIPSET_NOT_SUPPORTED = 1, NOT_SUPPORTED = 5, CAPABILITY_NVLINK = 2, CAPABILITY_LAST = 4 };
    ENTER_GPU(nvmlDeviceGetP2PStatus, device);
    REQUIRE(status != NULL && capability <= CAPABILITY_LAST && device != other);
    RETURN_IF_FAILED(call_target(&call, other, KIND(HANDLE_GPU)));
    bool both_linked = linked(gpu) && linked(call.gpu);
    if (capability == CAPABILITY_NVLINK)
        *status = both_linked ? OK : NOT_SUPPORTED;
    else
        *status = both_linked || common_ancestor(gpu, call.gpu) < SYSTEM ? OK : CHIPSET_NOT_SUPPORTED;
    return NVML_SUCCESS;
}

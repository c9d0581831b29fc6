/* Multi-Instance GPU: MIG devices, GPU instances, compute instances and their profiles. */
#include <string.h>
#include "call.h"

EXPORT nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned int *current, unsigned int *pending)
{
    ENTER_GPU(nvmlDeviceGetMigMode, device);
    REQUIRE(current != NULL && pending != NULL);
    REQUIRE_SUPPORT(gpu->mig_mode_current != ABSENT);
    *current = gpu->mig_mode_current;
    *pending = gpu->mig_mode_pending;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned int *count)
{
    ENTER_GPU(nvmlDeviceGetMaxMigDeviceCount, device);
    REQUIRE(count != NULL);
    *count = gpu->mig_max == ABSENT ? 0 : gpu->mig_max;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t device, unsigned int index, nvmlDevice_t *mig)
{
    ENTER_GPU(nvmlDeviceGetMigDeviceHandleByIndex, device);
    REQUIRE(mig != NULL);
    REQUIRE_SUPPORT(gpu->mig_mode_current != ABSENT && gpu->mig_max != ABSENT);
    REQUIRE(index < gpu->mig_max);
    if (gpu->mig_mode_current != 1 || index >= MIG_LIMIT || !gpu->mig[index].present)
        return NVML_ERROR_NOT_FOUND;
    *mig = handle_of(HANDLE_MIG, call.gpu_index, index);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceIsMigDeviceHandle(nvmlDevice_t device, unsigned int *is_mig)
{
    ENTER_DEVICE(nvmlDeviceIsMigDeviceHandle, device);
    REQUIRE(is_mig != NULL);
    *is_mig = call.mig != NULL;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetDeviceHandleFromMigDeviceHandle(nvmlDevice_t mig, nvmlDevice_t *device)
{
    ENTER_DEVICE(nvmlDeviceGetDeviceHandleFromMigDeviceHandle, mig);
    REQUIRE(device != NULL && call.mig != NULL);
    *device = handle_of(HANDLE_GPU, call.gpu_index, 0);
    return NVML_SUCCESS;
}

#define READ_INSTANCE_ID(name, field) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, unsigned int *id) \
    { \
        ENTER_DEVICE(name, device); \
        REQUIRE(id != NULL); \
        REQUIRE_SUPPORT(call.mig != NULL); \
        *id = call.mig->field; \
        return NVML_SUCCESS; \
    }

READ_INSTANCE_ID(nvmlDeviceGetGpuInstanceId, gpu_instance_id)
READ_INSTANCE_ID(nvmlDeviceGetComputeInstanceId, compute_instance_id)

EXPORT nvmlReturn_t nvmlDeviceGetAttributes_v2(nvmlDevice_t device, nvmlDeviceAttributes_t *attributes)
{
    ENTER_DEVICE(nvmlDeviceGetAttributes_v2, device);
    REQUIRE(attributes != NULL);
    const MigState *m = call.mig;
    REQUIRE_SUPPORT(m != NULL);
    *attributes = (nvmlDeviceAttributes_t){m->multiprocessors, m->copy_engines, m->decoders, m->encoders, m->jpegs, m->ofas,
                                           m->gpu_slices, m->compute_slices, m->memory_total_bytes >> 20};
    return NVML_SUCCESS;
}

/* The first version of the record is 24 bytes: it has neither slice counts nor the memory size. */
EXPORT nvmlReturn_t nvmlDeviceGetAttributes(nvmlDevice_t device, unsigned int *attributes)
{
    ENTER_DEVICE(nvmlDeviceGetAttributes, device);
    REQUIRE(attributes != NULL);
    const MigState *m = call.mig;
    REQUIRE_SUPPORT(m != NULL);
    const unsigned int values[] = {m->multiprocessors, m->copy_engines, m->decoders, m->encoders, m->jpegs, m->ofas};
    memcpy(attributes, values, sizeof values);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetGpuInstanceById(nvmlDevice_t device, unsigned int id, nvmlGpuInstance_t *instance)
{
    ENTER_GPU(nvmlDeviceGetGpuInstanceById, device);
    REQUIRE(instance != NULL);
    REQUIRE_SUPPORT(gpu->mig_mode_current == 1);
    for (unsigned int m = 0; m < MIG_LIMIT; m++)
        if (gpu->mig[m].present && gpu->mig[m].gpu_instance_id == id) {
            *instance = handle_of(HANDLE_GPU_INSTANCE, call.gpu_index, m);
            return NVML_SUCCESS;
        }
    return NVML_ERROR_NOT_FOUND;
}

/* Profiles are asked for by their own id (19 for 1g.10gb), which GetGpuInstanceProfileInfo gives. */
EXPORT nvmlReturn_t nvmlDeviceGetGpuInstances(nvmlDevice_t device, unsigned int profile_id, nvmlGpuInstance_t *instances, unsigned int *count)
{
    ENTER_GPU(nvmlDeviceGetGpuInstances, device);
    REQUIRE(instances != NULL && count != NULL);
    REQUIRE_SUPPORT(gpu->mig_mode_current == 1);
    *count = 0;
    for (unsigned int m = 0; m < MIG_LIMIT; m++) {
        const MigState *mig = &gpu->mig[m];
        if (mig->present && mig->profile < MIG_PROFILE_LIMIT && gpu->mig_profiles[mig->profile].id == profile_id)
            instances[(*count)++] = handle_of(HANDLE_GPU_INSTANCE, call.gpu_index, m);
    }
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlGpuInstanceGetInfo(nvmlGpuInstance_t instance, nvmlGpuInstanceInfo_t *info)
{
    ENTER_KINDS(nvmlGpuInstanceGetInfo, instance, KIND(HANDLE_GPU_INSTANCE));
    REQUIRE(info != NULL);
    const MigState *m = call.mig;
    *info = (nvmlGpuInstanceInfo_t){handle_of(HANDLE_GPU, call.gpu_index, 0), m->gpu_instance_id, gpu->mig_profiles[m->profile % MIG_PROFILE_LIMIT].id,
                                    {m->placement_start, m->placement_size}};
    return NVML_SUCCESS;
}

/* Each GPU instance holds one compute instance, which fills it. */
EXPORT nvmlReturn_t nvmlGpuInstanceGetComputeInstances(nvmlGpuInstance_t instance, unsigned int profile_id, nvmlComputeInstance_t *instances, unsigned int *count)
{
    ENTER_KINDS(nvmlGpuInstanceGetComputeInstances, instance, KIND(HANDLE_GPU_INSTANCE));
    REQUIRE(instances != NULL && count != NULL);
    *count = call.mig->compute_profile == profile_id;
    if (*count == 1)
        instances[0] = handle_of(HANDLE_COMPUTE_INSTANCE, call.gpu_index, call.mig_index);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlGpuInstanceGetComputeInstanceById(nvmlGpuInstance_t instance, unsigned int id, nvmlComputeInstance_t *found)
{
    ENTER_KINDS(nvmlGpuInstanceGetComputeInstanceById, instance, KIND(HANDLE_GPU_INSTANCE));
    REQUIRE(found != NULL);
    if (call.mig->compute_instance_id != id)
        return NVML_ERROR_NOT_FOUND;
    *found = handle_of(HANDLE_COMPUTE_INSTANCE, call.gpu_index, call.mig_index);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlComputeInstanceGetInfo_v2(nvmlComputeInstance_t instance, nvmlComputeInstanceInfo_t *info)
{
    ENTER_KINDS(nvmlComputeInstanceGetInfo_v2, instance, KIND(HANDLE_COMPUTE_INSTANCE));
    REQUIRE(info != NULL);
    *info = (nvmlComputeInstanceInfo_t){handle_of(HANDLE_GPU, call.gpu_index, 0), handle_of(HANDLE_GPU_INSTANCE, call.gpu_index, call.mig_index),
                                        call.mig->compute_instance_id, call.mig->compute_profile, {0, call.mig->compute_slices}};
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlComputeInstanceGetInfo(nvmlComputeInstance_t instance, nvmlComputeInstanceInfo_v1_t *info)
{
    ENTER_KINDS(nvmlComputeInstanceGetInfo, instance, KIND(HANDLE_COMPUTE_INSTANCE));
    REQUIRE(info != NULL);
    *info = (nvmlComputeInstanceInfo_v1_t){handle_of(HANDLE_GPU, call.gpu_index, 0), handle_of(HANDLE_GPU_INSTANCE, call.gpu_index, call.mig_index),
                                           call.mig->compute_instance_id, call.mig->compute_profile};
    return NVML_SUCCESS;
}

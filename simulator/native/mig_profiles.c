/* MIG profiles: what an instance may look like, and how many still fit. */
#include <stdio.h>
#include "call.h"

#define COMPUTE_PROFILE_COUNT 8u

static nvmlReturn_t find_profile(const GpuState *gpu, unsigned int profile, const MigProfileState **found)
{
    if (gpu->mig_mode_current == ABSENT)
        return NVML_ERROR_NOT_SUPPORTED;
    if (profile >= MIG_PROFILE_LIMIT)
        return NVML_ERROR_INVALID_ARGUMENT;
    *found = &gpu->mig_profiles[profile];
    return (*found)->present ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED;
}

EXPORT nvmlReturn_t nvmlDeviceGetGpuInstanceProfileInfo(nvmlDevice_t device, unsigned int profile, nvmlGpuInstanceProfileInfo_t *info)
{
    ENTER_GPU(nvmlDeviceGetGpuInstanceProfileInfo, device);
    REQUIRE(info != NULL);
    const MigProfileState *p;
    RETURN_IF_FAILED(find_profile(gpu, profile, &p));
    *info = (nvmlGpuInstanceProfileInfo_t){p->id, 0, p->slices, p->instances, p->multiprocessors, p->copy_engines,
                                           p->decoders, p->encoders, p->jpegs, p->ofas, p->memory_mebibytes};
    return NVML_SUCCESS;
}

/* v2 and v3 have one size and differ in their fields: v3 lost isP2pSupported and gained capabilities. */
static nvmlReturn_t give_profile(const Call *call, unsigned int profile, nvmlGpuInstanceProfileInfo_v2_t *info)
{
    REQUIRE(info != NULL);
    bool third = info->version == VERSION_WORD(152, 3) && call->node->nvml_header_version >= 1203;
    REQUIRE_VERSION(third || info->version == VERSION_WORD(152, 2));
    const MigProfileState *p;
    RETURN_IF_FAILED(find_profile(call->gpu, profile, &p));
    if (third) {
        nvmlGpuInstanceProfileInfo_v3_t *newer = (void *)info;
        *newer = (nvmlGpuInstanceProfileInfo_v3_t){newer->version, p->id, p->slices, p->instances, p->multiprocessors, p->copy_engines,
                                                   p->decoders, p->encoders, p->jpegs, p->ofas, p->memory_mebibytes, "", 0};
        snprintf(newer->name, sizeof newer->name, "%.*s", (int)sizeof p->name - 1, p->name);
        return NVML_SUCCESS;
    }
    *info = (nvmlGpuInstanceProfileInfo_v2_t){info->version, p->id, 0, p->slices, p->instances, p->multiprocessors, p->copy_engines,
                                              p->decoders, p->encoders, p->jpegs, p->ofas, p->memory_mebibytes, ""};
    snprintf(info->name, sizeof info->name, "%.*s", (int)sizeof p->name - 1, p->name);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetGpuInstanceProfileInfoV(nvmlDevice_t device, unsigned int profile, nvmlGpuInstanceProfileInfo_v2_t *info)
{
    ENTER_GPU(nvmlDeviceGetGpuInstanceProfileInfoV, device);
    return give_profile(&call, profile, info);
}

/* The place of a profile that is named by its own id; MIG_PROFILE_LIMIT if there is none. */
static unsigned int place_of(const GpuState *gpu, unsigned int profile_id)
{
    unsigned int place = 0;
    while (place < MIG_PROFILE_LIMIT && !(gpu->mig_profiles[place].present && gpu->mig_profiles[place].id == profile_id))
        place++;
    return place;
}

EXPORT nvmlReturn_t nvmlDeviceGetGpuInstanceProfileInfoByIdV(nvmlDevice_t device, unsigned int profile_id, nvmlGpuInstanceProfileInfo_v2_t *info)
{
    ENTER_GPU(nvmlDeviceGetGpuInstanceProfileInfoByIdV, device);
    return give_profile(&call, place_of(gpu, profile_id), info);
}

/* An instance of size n starts at a multiple of n. */
static nvmlReturn_t give_placements(const GpuState *gpu, unsigned int profile_id, nvmlGpuInstancePlacement_t *placements, unsigned int *count)
{
    unsigned int place = place_of(gpu, profile_id);
    REQUIRE(count != NULL && place < MIG_PROFILE_LIMIT);
    const MigProfileState *profile = &gpu->mig_profiles[place];
    unsigned int room = placements == NULL ? 0 : *count;
    *count = profile->instances;
    if (placements == NULL)
        return NVML_SUCCESS;
    if (room < profile->instances)
        return NVML_ERROR_INSUFFICIENT_SIZE;
    for (unsigned int i = 0; i < profile->instances; i++)
        placements[i] = (nvmlGpuInstancePlacement_t){i * profile->placement_size, profile->placement_size};
    return NVML_SUCCESS;
}

#define POSSIBLE_PLACEMENTS(name) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, unsigned int profile_id, nvmlGpuInstancePlacement_t *placements, unsigned int *count) \
    { \
        ENTER_GPU(name, device); \
        REQUIRE_SUPPORT(gpu->mig_mode_current == 1); \
        return give_placements(gpu, profile_id, placements, count); \
    }

POSSIBLE_PLACEMENTS(nvmlDeviceGetGpuInstancePossiblePlacements)
POSSIBLE_PLACEMENTS(nvmlDeviceGetGpuInstancePossiblePlacements_v2)

EXPORT nvmlReturn_t nvmlDeviceGetGpuInstanceRemainingCapacity(nvmlDevice_t device, unsigned int profile_id, unsigned int *count)
{
    ENTER_GPU(nvmlDeviceGetGpuInstanceRemainingCapacity, device);
    REQUIRE(count != NULL);
    REQUIRE_SUPPORT(gpu->mig_mode_current == 1);
    unsigned int taken = 0, whole = 0;
    for (unsigned int m = 0; m < MIG_LIMIT; m++)
        taken += gpu->mig[m].present ? gpu->mig[m].placement_size : 0;
    for (unsigned int p = 0; p < MIG_PROFILE_LIMIT; p++)
        if (gpu->mig_profiles[p].present && gpu->mig_profiles[p].placement_size > whole)
            whole = gpu->mig_profiles[p].placement_size;
    for (unsigned int p = 0; p < MIG_PROFILE_LIMIT; p++) {
        const MigProfileState *profile = &gpu->mig_profiles[p];
        if (!profile->present || profile->id != profile_id || profile->placement_size == 0)
            continue;
        unsigned int fits = whole > taken ? (whole - taken) / profile->placement_size : 0;
        *count = fits < profile->instances ? fits : profile->instances;
        return NVML_SUCCESS;
    }
    return NVML_ERROR_INVALID_ARGUMENT;
}

static nvmlComputeInstanceProfileInfo_t compute_profile(const MigState *m)
{
    return (nvmlComputeInstanceProfileInfo_t){m->compute_profile, m->compute_slices, 1, m->multiprocessors, m->copy_engines,
                                              m->decoders, m->encoders, m->jpegs, m->ofas};
}

EXPORT nvmlReturn_t nvmlGpuInstanceGetComputeInstanceProfileInfo(nvmlGpuInstance_t instance, unsigned int profile, unsigned int engines, nvmlComputeInstanceProfileInfo_t *info)
{
    ENTER_KINDS(nvmlGpuInstanceGetComputeInstanceProfileInfo, instance, KIND(HANDLE_GPU_INSTANCE));
    REQUIRE(info != NULL && profile < COMPUTE_PROFILE_COUNT && engines == 0);
    REQUIRE_SUPPORT(profile == call.mig->compute_profile);
    *info = compute_profile(call.mig);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlGpuInstanceGetComputeInstanceProfileInfoV(nvmlGpuInstance_t instance, unsigned int profile, unsigned int engines, nvmlComputeInstanceProfileInfo_v3_t *info)
{
    ENTER_KINDS(nvmlGpuInstanceGetComputeInstanceProfileInfoV, instance, KIND(HANDLE_GPU_INSTANCE));
    REQUIRE(info != NULL && profile < COMPUTE_PROFILE_COUNT && engines == 0);
    REQUIRE_VERSION(info->version == VERSION_WORD(136, 2) || (info->version == VERSION_WORD(140, 3) && call.node->nvml_header_version >= 1203));
    REQUIRE_SUPPORT(profile == call.mig->compute_profile);
    info->counts = compute_profile(call.mig);
    snprintf(info->name, sizeof info->name, "MIG %.*s", (int)(sizeof info->name - sizeof "MIG "), call.mig->name);
    if (info->version == VERSION_WORD(140, 3))
        info->capabilities = 0;
    return NVML_SUCCESS;
}

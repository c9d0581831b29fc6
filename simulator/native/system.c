/* Initialisation and the system's own facts. */
#include <stdio.h>
#include <string.h>
#include "call.h"
#include "driver.h"

EXPORT nvmlReturn_t nvmlInit_v2(void) { return driver_open(); }

EXPORT nvmlReturn_t nvmlInit(void) { return driver_open(); }

EXPORT nvmlReturn_t nvmlInitWithFlags(unsigned int flags)
{
    (void)flags; /* NO_ATTACH and FORCE_INIT change nothing here; NO_GPUS only allows what a loaded driver allows anyway */
    return driver_open();
}

EXPORT nvmlReturn_t nvmlShutdown(void) { return driver_close(); }

EXPORT const char *nvmlErrorString(nvmlReturn_t result)
{
    static const char *const texts[] = {
        "The operation was successful", "Uninitialized", "Invalid Argument", "Not Supported", "Insufficient Permissions",
        "Already Initialized", "Not Found", "Insufficient Size", "Insufficient External Power", "Driver Not Loaded", "Timeout",
        "Interrupt Request Issue", "NVML Shared Library Not Found", "Function Not Found", "Corrupted infoROM", "GPU is lost",
        "GPU requires reset", "GPU access blocked by the operating system", "Driver/library version mismatch", "In use by another client",
        "Insufficient Memory", "No data", "ECC not supported on this vGPU", "Insufficient Resources", "Frequency not supported",
        "Argument version mismatch", "Deprecated", "Not ready", "GPU not found", "Invalid state", "Reset type not supported",
    };
    return result < sizeof texts / sizeof *texts ? texts[result] : "Unknown Error";
}

#define SYSTEM_TEXT(name, field) \
    EXPORT nvmlReturn_t name(char *text, unsigned int length) \
    { \
        ENTER(name); \
        return copy_text(call.node->field, sizeof call.node->field, text, length); \
    }

SYSTEM_TEXT(nvmlSystemGetDriverVersion, driver_version)
SYSTEM_TEXT(nvmlSystemGetNVMLVersion, nvml_version)

#define CUDA_VERSION(name) \
    EXPORT nvmlReturn_t name(int *version) \
    { \
        ENTER(name); \
        REQUIRE(version != NULL); \
        *version = (int)call.node->cuda_driver_version; \
        return NVML_SUCCESS; \
    }

CUDA_VERSION(nvmlSystemGetCudaDriverVersion)
CUDA_VERSION(nvmlSystemGetCudaDriverVersion_v2)

EXPORT nvmlReturn_t nvmlSystemGetDriverBranch(nvmlSystemDriverBranchInfo_t *info, unsigned int length)
{
    ENTER(nvmlSystemGetDriverBranch);
    REQUIRE(info != NULL);
    REQUIRE_VERSION(info->version == VERSION_WORD(84, 1));
    return copy_text(call.node->driver_branch, sizeof call.node->driver_branch, info->branch, length < sizeof info->branch ? length : sizeof info->branch);
}

/* The name that the state holds for the process, else what Linux says, as the real library does. */
EXPORT nvmlReturn_t nvmlSystemGetProcessName(unsigned int pid, char *name, unsigned int length)
{
    ENTER(nvmlSystemGetProcessName);
    REQUIRE(name != NULL && length != 0 && pid != 0);
    char found[256] = "";
    for (unsigned int g = 0; g < call.node->gpu_count; g++) {
        const GpuState *gpu = &call.node->gpus[g];
        for (unsigned int p = 0; p < gpu->process_count && p < PROCESS_LIMIT; p++)
            if (gpu->processes[p].pid == pid)
                snprintf(found, sizeof found, "%.*s", (int)sizeof gpu->processes[p].name - 1, gpu->processes[p].name);
    }
    if (found[0] == '\0') {
        char path[64];
        snprintf(path, sizeof path, "/proc/%u/cmdline", pid);
        FILE *file = fopen(path, "re");
        if (file == NULL)
            return NVML_ERROR_NOT_FOUND;
        size_t size = fread(found, 1, sizeof found - 1, file);
        fclose(file);
        found[size] = '\0';
    }
    if (found[0] == '\0')
        return NVML_ERROR_NOT_FOUND;
    snprintf(name, length, "%s", found);
    return strlen(found) >= length ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlSystemGetConfComputeState(nvmlConfComputeSystemState_t *state)
{
    ENTER(nvmlSystemGetConfComputeState);
    REQUIRE(state != NULL);
    *state = (nvmlConfComputeSystemState_t){call.node->confidential_environment, call.node->confidential_feature, call.node->confidential_developer_tools};
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlSystemGetNvlinkBwMode(unsigned int *mode)
{
    ENTER(nvmlSystemGetNvlinkBwMode);
    REQUIRE(mode != NULL);
    *mode = 0;
    return NVML_SUCCESS;
}

/* An empty list: no S-class unit, no host interface card, no GPU excluded from the driver. */
#define COUNT_NOTHING(name) \
    EXPORT nvmlReturn_t name(unsigned int *count) \
    { \
        ENTER(name); \
        REQUIRE(count != NULL); \
        *count = 0; \
        return NVML_SUCCESS; \
    }

COUNT_NOTHING(nvmlUnitGetCount)
COUNT_NOTHING(nvmlSystemGetHicVersion)
COUNT_NOTHING(nvmlGetExcludedDeviceCount)
COUNT_NOTHING(nvmlGetBlacklistDeviceCount)

#define NOTHING_THERE(name) ANSWER(name, NVML_ERROR_INVALID_ARGUMENT)

NOTHING_THERE(nvmlGetExcludedDeviceInfoByIndex)
NOTHING_THERE(nvmlGetBlacklistDeviceInfoByIndex)
NOTHING_THERE(nvmlUnitGetHandleByIndex)
NOTHING_THERE(nvmlUnitGetUnitInfo)
NOTHING_THERE(nvmlUnitGetLedState)
NOTHING_THERE(nvmlUnitGetPsuInfo)
NOTHING_THERE(nvmlUnitGetTemperature)
NOTHING_THERE(nvmlUnitGetFanSpeedInfo)
NOTHING_THERE(nvmlUnitGetDevices)
NOTHING_THERE(nvmlUnitSetLedState)

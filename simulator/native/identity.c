/* Who a GPU is, and its modes. */
#include <stdio.h>
#include <string.h>
#include "call.h"

/* Name and UUID answer for MIG devices too. */
#define READ_DEVICE_TEXT(name, field) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, char *text, unsigned int length) \
    { \
        ENTER_DEVICE(name, device); \
        const char *source = call.mig != NULL ? call.mig->field : gpu->field; \
        return copy_text(source, sizeof gpu->field, text, length); \
    }

READ_DEVICE_TEXT(nvmlDeviceGetName, name)
READ_DEVICE_TEXT(nvmlDeviceGetUUID, uuid)
READ_TEXT(nvmlDeviceGetSerial, serial)
READ_TEXT(nvmlDeviceGetBoardPartNumber, board_part_number)
READ_TEXT(nvmlDeviceGetVbiosVersion, vbios_version)
READ_TEXT(nvmlDeviceGetInforomImageVersion, inforom_image)

EXPORT nvmlReturn_t nvmlDeviceGetInforomVersion(nvmlDevice_t device, unsigned int object, char *text, unsigned int length)
{
    ENTER_GPU(nvmlDeviceGetInforomVersion, device);
    REQUIRE(object < 4);
    return copy_text(gpu->inforom_objects[object], sizeof gpu->inforom_objects[object], text, length);
}

EXPORT nvmlReturn_t nvmlDeviceGetGspFirmwareVersion(nvmlDevice_t device, char *version)
{
    ENTER_GPU(nvmlDeviceGetGspFirmwareVersion, device);
    return copy_text(gpu->gsp_version, sizeof gpu->gsp_version, version, 64);
}

EXPORT nvmlReturn_t nvmlDeviceGetInforomConfigurationChecksum(nvmlDevice_t device, unsigned int *checksum)
{
    ENTER_GPU(nvmlDeviceGetInforomConfigurationChecksum, device);
    REQUIRE(checksum != NULL);
    unsigned int hash = 2166136261u; /* FNV-1a over what the InfoROM holds */
    for (const char *c = gpu->inforom_image; *c != '\0' && c < gpu->inforom_image + sizeof gpu->inforom_image; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    for (const char *c = gpu->serial; *c != '\0' && c < gpu->serial + sizeof gpu->serial; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    *checksum = hash;
    return NVML_SUCCESS;
}

ANSWER_GPU(nvmlDeviceValidateInforom, NVML_SUCCESS)

READ_UINT(nvmlDeviceGetBrand, brand)
READ_UINT(nvmlDeviceGetBoardId, board_id)
READ_UINT(nvmlDeviceGetModuleId, module_id)
READ_UINT(nvmlDeviceGetMinorNumber, minor_number)
READ_UINT(nvmlDeviceGetNumGpuCores, core_count)
READ_UINT(nvmlDeviceGetMemoryBusWidth, memory_bus_bits)
READ_UINT(nvmlDeviceGetPersistenceMode, persistence_mode)
READ_UINT(nvmlDeviceGetComputeMode, compute_mode)
READ_UINT(nvmlDeviceGetDisplayMode, display_mode)
READ_UINT(nvmlDeviceGetDisplayActive, display_active)
READ_UINT(nvmlDeviceGetVirtualizationMode, virtualization_mode)
READ_UINT(nvmlDeviceGetNumaNodeId, memory_numa_node)
READ_UINT(nvmlDeviceGetMultiGpuBoard, multi_gpu_board)

EXPORT nvmlReturn_t nvmlDeviceGetArchitecture(nvmlDevice_t device, unsigned int *architecture)
{
    ENTER_DEVICE(nvmlDeviceGetArchitecture, device);
    REQUIRE(architecture != NULL);
    *architecture = gpu->architecture;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int *major, int *minor)
{
    ENTER_DEVICE(nvmlDeviceGetCudaComputeCapability, device);
    REQUIRE(major != NULL && minor != NULL);
    *major = (int)gpu->compute_major;
    *minor = (int)gpu->compute_minor;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetGspFirmwareMode(nvmlDevice_t device, unsigned int *enabled, unsigned int *standard)
{
    ENTER_GPU(nvmlDeviceGetGspFirmwareMode, device);
    REQUIRE(enabled != NULL && standard != NULL);
    REQUIRE_SUPPORT(gpu->gsp_enabled != ABSENT);
    *enabled = *standard = gpu->gsp_enabled;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetPdi(nvmlDevice_t device, nvmlPdi_t *pdi)
{
    ENTER_GPU(nvmlDeviceGetPdi, device);
    REQUIRE(pdi != NULL);
    REQUIRE_VERSION(pdi->version == VERSION_WORD(16, 1));
    REQUIRE_SUPPORT(gpu->device_identifier != ABSENT64);
    pdi->value = gpu->device_identifier;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetAddressingMode(nvmlDevice_t device, VersionedValue *mode)
{
    ENTER_GPU(nvmlDeviceGetAddressingMode, device);
    REQUIRE(mode != NULL);
    REQUIRE_VERSION(mode->version == VERSION_WORD(8, 1));
    REQUIRE_SUPPORT(gpu->addressing_mode != ABSENT);
    mode->value = gpu->addressing_mode;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetCapabilities(nvmlDevice_t device, VersionedValue *capabilities)
{
    ENTER_GPU(nvmlDeviceGetCapabilities, device);
    REQUIRE(capabilities != NULL);
    REQUIRE_VERSION(capabilities->version == VERSION_WORD(8, 1));
    capabilities->value = 0;
    return NVML_SUCCESS;
}

/* v1 and v2 share one layout: the chassis serial number was called rack GUID, slot and tray had other names. */
EXPORT nvmlReturn_t nvmlDeviceGetPlatformInfo(nvmlDevice_t device, nvmlPlatformInfo_t *info)
{
    ENTER_GPU(nvmlDeviceGetPlatformInfo, device);
    REQUIRE(info != NULL);
    REQUIRE_VERSION(info->version == VERSION_WORD(44, 1) || info->version == VERSION_WORD(44, 2));
    REQUIRE_SUPPORT(gpu->platform_present == 1);
    memcpy(info->ibGuid, gpu->platform_guid, sizeof info->ibGuid);
    memcpy(info->chassisSerialNumber, gpu->platform_chassis, sizeof info->chassisSerialNumber);
    memcpy(&info->slotNumber, gpu->platform_places, sizeof gpu->platform_places);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetCpuAffinity(nvmlDevice_t device, unsigned int words, unsigned long *set)
{
    ENTER_GPU(nvmlDeviceGetCpuAffinity, device);
    REQUIRE(set != NULL && words != 0);
    for (unsigned int w = 0; w < words; w++)
        set[w] = w < 16 ? gpu->cpu_affinity[w] : 0;
    return NVML_SUCCESS;
}

/* Scope 0 is the NUMA node, 1 the socket; the simulated machines have one node per socket. */
EXPORT nvmlReturn_t nvmlDeviceGetCpuAffinityWithinScope(nvmlDevice_t device, unsigned int words, unsigned long *set, unsigned int scope)
{
    ENTER_GPU(nvmlDeviceGetCpuAffinityWithinScope, device);
    REQUIRE(set != NULL && words != 0 && scope <= 1);
    for (unsigned int w = 0; w < words; w++)
        set[w] = w < 16 ? gpu->cpu_affinity[w] : 0;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetMemoryAffinity(nvmlDevice_t device, unsigned int words, unsigned long *set, unsigned int scope)
{
    ENTER_GPU(nvmlDeviceGetMemoryAffinity, device);
    REQUIRE(set != NULL && words != 0 && scope <= 1);
    REQUIRE_SUPPORT(gpu->numa_node != ABSENT);
    for (unsigned int w = 0; w < words; w++)
        set[w] = w == gpu->numa_node / 64 ? 1ul << gpu->numa_node % 64 : 0;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetC2cModeInfoV(nvmlDevice_t device, unsigned int *enabled)
{
    ENTER_GPU(nvmlDeviceGetC2cModeInfoV, device);
    REQUIRE(enabled != NULL);
    REQUIRE_SUPPORT(gpu->c2c_enabled != ABSENT);
    *enabled = gpu->c2c_enabled;
    return NVML_SUCCESS;
}

ANSWER_GPU(nvmlDeviceGetBridgeChipInfo, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetDriverModel, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetDriverModel_v2, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetGpuOperationMode, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetHostVgpuMode, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetLastBBXFlushTime, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetBBXTimeData_v1, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetDramEncryptionMode, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetHostname_v1, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetAPIRestriction, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetIrqNum, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceReadPRMCounters_v1, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceReadWritePRM_v1, NVML_ERROR_NO_PERMISSION)

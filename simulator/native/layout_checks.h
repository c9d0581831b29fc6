/* Sizes and offsets of the public types, as read from NVML 13.3's own binary layout. */
#ifndef GPU_SIMULATOR_LAYOUT_CHECKS_H
#define GPU_SIMULATOR_LAYOUT_CHECKS_H

#include <stddef.h>
#include "nvml.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " has the wrong size")
#define AT(type, field, bytes) _Static_assert(offsetof(type, field) == (bytes), #type "." #field " has the wrong offset")

SIZE(nvmlValue_t, 8);
SIZE(nvmlPciInfo_t, 68); AT(nvmlPciInfo_t, domain, 16); AT(nvmlPciInfo_t, pciSubSystemId, 32); AT(nvmlPciInfo_t, busId, 36);
SIZE(nvmlPciInfoOld_t, 52); AT(nvmlPciInfoOld_t, pciSubSystemId, 32);
SIZE(nvmlPciInfoExt_t, 64); AT(nvmlPciInfoExt_t, baseClass, 24); AT(nvmlPciInfoExt_t, busId, 32);
SIZE(nvmlExcludedDeviceInfo_t, 148); AT(nvmlExcludedDeviceInfo_t, uuid, 68);
SIZE(nvmlUUID_t, 52); AT(nvmlUUID_t, value, 8);
SIZE(nvmlPdi_t, 16); AT(nvmlPdi_t, value, 8);
SIZE(nvmlSystemDriverBranchInfo_t, 84);
SIZE(nvmlConfComputeSystemState_t, 12);
SIZE(VersionedValue, 8);
SIZE(nvmlDeviceAttributes_t, 40); AT(nvmlDeviceAttributes_t, gpuInstanceSliceCount, 24); AT(nvmlDeviceAttributes_t, memorySizeMB, 32);
SIZE(nvmlPlatformInfo_t, 44); AT(nvmlPlatformInfo_t, chassisSerialNumber, 20); AT(nvmlPlatformInfo_t, moduleId, 40);
SIZE(nvmlUtilization_t, 8);
SIZE(nvmlMemory_t, 24); AT(nvmlMemory_t, used, 16);
SIZE(nvmlMemory_v2_t, 40); AT(nvmlMemory_v2_t, reserved, 16); AT(nvmlMemory_v2_t, used, 32);
SIZE(nvmlBAR1Memory_t, 24); AT(nvmlBAR1Memory_t, bar1Used, 16);
SIZE(nvmlFBCStats_t, 12);
SIZE(nvmlSample_t, 16);
SIZE(nvmlViolationTime_t, 16);
SIZE(nvmlTemperature_t, 12);
SIZE(nvmlMarginTemperature_t, 8);
SIZE(nvmlGpuThermalSettings_t, 64); AT(nvmlGpuThermalSettings_t, sensor[1].currentTemp, 36);
SIZE(nvmlFanSpeedInfo_t, 12);
SIZE(nvmlCoolerInfo_t, 16);
SIZE(nvmlEccErrorCounts_t, 32);
SIZE(nvmlEccSramErrorStatus_t, 104); AT(nvmlEccSramErrorStatus_t, volatileCor, 48); AT(nvmlEccSramErrorStatus_t, bThresholdExceeded, 96);
SIZE(nvmlEccSramUniqueUncorrectedErrorCounts_t, 16);
SIZE(nvmlRowRemapperHistogramValues_t, 20);
SIZE(nvmlRemappedRowsInfo_v2_t, 24);
SIZE(nvmlRepairStatus_t, 12);
SIZE(nvmlNvlinkFirmwareVersion_t, 16);
SIZE(nvmlNvLinkInfo_t, 1612); AT(nvmlNvLinkInfo_t, firmwareVersion, 8); AT(nvmlNvLinkInfo_t, numValidEntries, 1608);
SIZE(nvmlProcessInfo_v1_t, 16); AT(nvmlProcessInfo_v1_t, usedGpuMemory, 8);
SIZE(nvmlProcessInfo_t, 24); AT(nvmlProcessInfo_t, gpuInstanceId, 16);
SIZE(nvmlProcessDetail_v1_t, 32); AT(nvmlProcessDetail_v1_t, usedGpuCcProtectedMemory, 24);
SIZE(nvmlProcessDetailList_t, 24); AT(nvmlProcessDetailList_t, procArray, 16);
SIZE(nvmlProcessUtilizationSample_t, 32); AT(nvmlProcessUtilizationSample_t, smUtil, 16);
SIZE(nvmlProcessUtilizationInfo_v1_t, 40); AT(nvmlProcessUtilizationInfo_v1_t, ofaUtil, 32);
SIZE(nvmlProcessesUtilizationInfo_t, 24); AT(nvmlProcessesUtilizationInfo_t, procUtilArray, 16);
SIZE(nvmlAccountingStats_t, 56); AT(nvmlAccountingStats_t, isRunning, 32);
SIZE(nvmlAccountingStats_v2_t, 64); AT(nvmlAccountingStats_v2_t, sumGpuUtil, 32); AT(nvmlAccountingStats_v2_t, startTime, 56);
SIZE(nvmlGpuInstancePlacement_t, 8);
SIZE(nvmlGpuInstanceInfo_t, 24); AT(nvmlGpuInstanceInfo_t, placement, 16);
SIZE(nvmlComputeInstanceInfo_v1_t, 24);
SIZE(nvmlComputeInstanceInfo_t, 32); AT(nvmlComputeInstanceInfo_t, placement, 24);
SIZE(nvmlGpuInstanceProfileInfo_t, 48); AT(nvmlGpuInstanceProfileInfo_t, memorySizeMB, 40);
SIZE(nvmlGpuInstanceProfileInfo_v2_t, 152); AT(nvmlGpuInstanceProfileInfo_v2_t, memorySizeMB, 48); AT(nvmlGpuInstanceProfileInfo_v2_t, name, 56);
SIZE(nvmlGpuInstanceProfileInfo_v3_t, 152); AT(nvmlGpuInstanceProfileInfo_v3_t, memorySizeMB, 40); AT(nvmlGpuInstanceProfileInfo_v3_t, capabilities, 144);
SIZE(nvmlComputeInstanceProfileInfo_t, 36);
SIZE(nvmlComputeInstanceProfileInfo_v3_t, 140); AT(nvmlComputeInstanceProfileInfo_v3_t, capabilities, 136);
SIZE(nvmlGpmMetric_t, 40); AT(nvmlGpmMetric_t, metricInfo.shortName, 16); AT(nvmlGpmMetric_t, metricInfo.unit, 32);
SIZE(nvmlGpmMetricsGet_t, 24); AT(nvmlGpmMetricsGet_t, sample2, 16);
SIZE(nvmlGpmSupport_t, 8);
SIZE(nvmlFieldValue_t, 40); AT(nvmlFieldValue_t, valueType, 24); AT(nvmlFieldValue_t, value, 32);
SIZE(nvmlEventData_v1_t, 24);
SIZE(nvmlEventData_t, 32); AT(nvmlEventData_t, gpuInstanceId, 24);
SIZE(nvmlSystemEventSetRequest_t, 16);
SIZE(nvmlSystemRegisterEventRequest_t, 24); AT(nvmlSystemRegisterEventRequest_t, set, 16);
SIZE(nvmlSystemEventData_v1_t, 16);
SIZE(nvmlSystemEventSetWaitRequest_t, 32); AT(nvmlSystemEventSetWaitRequest_t, dataSize, 24);
SIZE(nvmlGpuFabricInfo_t, 28); AT(nvmlGpuFabricInfo_t, state, 24);
SIZE(nvmlGpuFabricInfo_v3_t, 40); AT(nvmlGpuFabricInfo_v3_t, state, 28); AT(nvmlGpuFabricInfo_v3_t, healthSummary, 36);
SIZE(unsigned long, 8);

#undef SIZE
#undef AT
#endif

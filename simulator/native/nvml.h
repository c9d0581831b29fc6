/* The public types of NVML as a client sees them on linux-x64, typed from the binary layouts of NVML 13.3.
   layout_checks.h holds the sizes and offsets. Enumerations are 4-byte integers, handles are pointers. */
#ifndef GPU_SIMULATOR_NVML_H
#define GPU_SIMULATOR_NVML_H

#include <stdint.h>

typedef unsigned int nvmlReturn_t;
typedef unsigned long long Wide;
typedef const struct Handle *nvmlDevice_t;
typedef const struct Handle *nvmlGpuInstance_t;
typedef const struct Handle *nvmlComputeInstance_t;
typedef struct EventSet *nvmlEventSet_t;
typedef struct EventSet *nvmlSystemEventSet_t;
typedef struct GpmSample *nvmlGpmSample_t;

enum {
    NVML_SUCCESS = 0,
    NVML_ERROR_UNINITIALIZED = 1,
    NVML_ERROR_INVALID_ARGUMENT = 2,
    NVML_ERROR_NOT_SUPPORTED = 3,
    NVML_ERROR_NO_PERMISSION = 4,
    NVML_ERROR_NOT_FOUND = 6,
    NVML_ERROR_INSUFFICIENT_SIZE = 7,
    NVML_ERROR_DRIVER_NOT_LOADED = 9,
    NVML_ERROR_TIMEOUT = 10,
    NVML_ERROR_FUNCTION_NOT_FOUND = 13,
    NVML_ERROR_GPU_IS_LOST = 15,
    NVML_ERROR_OPERATING_SYSTEM = 17,
    NVML_ERROR_LIB_RM_VERSION_MISMATCH = 18,
    NVML_ERROR_MEMORY = 20,
    NVML_ERROR_ARGUMENT_VERSION_MISMATCH = 25,
};

enum {
    NVML_VALUE_TYPE_DOUBLE = 0,
    NVML_VALUE_TYPE_UNSIGNED_INT = 1,
    NVML_VALUE_TYPE_UNSIGNED_LONG = 2,
    NVML_VALUE_TYPE_UNSIGNED_LONG_LONG = 3,
    NVML_VALUE_TYPE_SIGNED_LONG_LONG = 4,
    NVML_VALUE_TYPE_SIGNED_INT = 5,
};

/* The version word of a versioned struct: size and number. */
#define VERSION_WORD(size, number) ((unsigned int)(size) | ((unsigned int)(number) << 24))

typedef union { double dVal; int siVal; unsigned int uiVal; unsigned long ulVal; Wide ullVal; long long sllVal; unsigned short usVal; } nvmlValue_t;

typedef struct { char busIdLegacy[16]; unsigned int domain, bus, device, pciDeviceId, pciSubSystemId; char busId[32]; } nvmlPciInfo_t;
typedef struct { char busId[16]; unsigned int domain, bus, device, pciDeviceId, pciSubSystemId, reserved[4]; } nvmlPciInfoOld_t;
typedef struct { unsigned int version, domain, bus, device, pciDeviceId, pciSubSystemId, baseClass, subClass; char busId[32]; } nvmlPciInfoExt_t;
typedef struct { nvmlPciInfo_t pciInfo; char uuid[80]; } nvmlExcludedDeviceInfo_t;
typedef struct { unsigned int version, type; union { char str[41]; unsigned char bytes[16]; } value; } nvmlUUID_t;
typedef struct { unsigned int version; Wide value; } nvmlPdi_t;
typedef struct { unsigned int version; char branch[80]; } nvmlSystemDriverBranchInfo_t;
typedef struct { unsigned int environment, ccFeature, devToolsMode; } nvmlConfComputeSystemState_t;
typedef struct { unsigned int version, value; } VersionedValue; /* capabilities, addressing mode, DRAM encryption and others of 8 bytes */

typedef struct { unsigned int multiprocessorCount, sharedCopyEngineCount, sharedDecoderCount, sharedEncoderCount, sharedJpegCount, sharedOfaCount, gpuInstanceSliceCount, computeInstanceSliceCount; Wide memorySizeMB; } nvmlDeviceAttributes_t;
typedef struct { unsigned int version; unsigned char ibGuid[16], chassisSerialNumber[16], slotNumber, trayIndex, hostId, peerType, moduleId; } nvmlPlatformInfo_t;

typedef struct { unsigned int gpu, memory; } nvmlUtilization_t;
typedef struct { Wide total, free, used; } nvmlMemory_t;
typedef struct { unsigned int version; Wide total, reserved, free, used; } nvmlMemory_v2_t;
typedef struct { Wide bar1Total, bar1Free, bar1Used; } nvmlBAR1Memory_t;
typedef struct { unsigned int sessionsCount, averageFPS, averageLatency; } nvmlFBCStats_t;
typedef struct { Wide timeStamp; nvmlValue_t sampleValue; } nvmlSample_t;
typedef struct { Wide referenceTime, violationTime; } nvmlViolationTime_t;

typedef struct { unsigned int version, sensorType; int temperature; } nvmlTemperature_t;
typedef struct { unsigned int version; int marginTemperature; } nvmlMarginTemperature_t;
typedef struct { int controller, defaultMinTemp, defaultMaxTemp, currentTemp, target; } ThermalSensor;
typedef struct { unsigned int count; ThermalSensor sensor[3]; } nvmlGpuThermalSettings_t;
typedef struct { unsigned int version, fan, speed; } nvmlFanSpeedInfo_t;
typedef struct { unsigned int version, index, signalType, target; } nvmlCoolerInfo_t;

typedef struct { Wide l1Cache, l2Cache, deviceMemory, registerFile; } nvmlEccErrorCounts_t;
typedef struct { unsigned int version; Wide aggregateUncParity, aggregateUncSecDed, aggregateCor, volatileUncParity, volatileUncSecDed, volatileCor, aggregateUncBucketL2, aggregateUncBucketSm, aggregateUncBucketPcie, aggregateUncBucketMcu, aggregateUncBucketOther; unsigned int bThresholdExceeded; } nvmlEccSramErrorStatus_t;
typedef struct { unsigned int version, entryCount; void *entries; } nvmlEccSramUniqueUncorrectedErrorCounts_t;
typedef struct { unsigned int max, high, partial, low, none; } nvmlRowRemapperHistogramValues_t;
typedef struct { unsigned int corrActiveRemaps, corrInactiveRemaps, uncActiveRemaps, uncInactiveRemaps, bPending, bFailureOccurred; } nvmlRemappedRowsInfo_v2_t;
typedef struct { unsigned int version, bChannelRepairPending, bTpcRepairPending; } nvmlRepairStatus_t;

typedef struct { unsigned char ucodeType; unsigned int major, minor, subMinor; } nvmlNvlinkFirmwareVersion_t;
typedef struct { unsigned int version, isNvleEnabled; nvmlNvlinkFirmwareVersion_t firmwareVersion[100]; unsigned int numValidEntries; } nvmlNvLinkInfo_t;

typedef struct { unsigned int pid; Wide usedGpuMemory; } nvmlProcessInfo_v1_t;
typedef struct { unsigned int pid; Wide usedGpuMemory; unsigned int gpuInstanceId, computeInstanceId; } nvmlProcessInfo_t;
typedef struct { unsigned int pid; Wide usedGpuMemory; unsigned int gpuInstanceId, computeInstanceId; Wide usedGpuCcProtectedMemory; } nvmlProcessDetail_v1_t;
typedef struct { unsigned int version, mode, numProcArrayEntries; nvmlProcessDetail_v1_t *procArray; } nvmlProcessDetailList_t;
typedef struct { unsigned int pid; Wide timeStamp; unsigned int smUtil, memUtil, encUtil, decUtil; } nvmlProcessUtilizationSample_t;
typedef struct { Wide timeStamp; unsigned int pid, smUtil, memUtil, encUtil, decUtil, jpgUtil, ofaUtil; } nvmlProcessUtilizationInfo_v1_t;
typedef struct { unsigned int version, processSamplesCount; Wide lastSeenTimeStamp; nvmlProcessUtilizationInfo_v1_t *procUtilArray; } nvmlProcessesUtilizationInfo_t;
typedef struct { unsigned int gpuUtilization, memoryUtilization; Wide maxMemoryUsage, time, startTime; unsigned int isRunning, reserved[5]; } nvmlAccountingStats_t;
typedef struct { unsigned int pid, isRunning, gpuUtilization, memoryUtilization; Wide maxMemoryUsage; unsigned int sampleCount; Wide sumGpuUtil, sumFbUtil, time, startTime; } nvmlAccountingStats_v2_t;

typedef struct { unsigned int start, size; } nvmlGpuInstancePlacement_t;
typedef struct { nvmlDevice_t device; unsigned int id, profileId; nvmlGpuInstancePlacement_t placement; } nvmlGpuInstanceInfo_t;
typedef struct { nvmlDevice_t device; nvmlGpuInstance_t gpuInstance; unsigned int id, profileId; } nvmlComputeInstanceInfo_v1_t;
typedef struct { nvmlDevice_t device; nvmlGpuInstance_t gpuInstance; unsigned int id, profileId; nvmlGpuInstancePlacement_t placement; } nvmlComputeInstanceInfo_t;
typedef struct { unsigned int id, isP2pSupported, sliceCount, instanceCount, multiprocessorCount, copyEngineCount, decoderCount, encoderCount, jpegCount, ofaCount; Wide memorySizeMB; } nvmlGpuInstanceProfileInfo_t;
typedef struct { unsigned int version, id, isP2pSupported, sliceCount, instanceCount, multiprocessorCount, copyEngineCount, decoderCount, encoderCount, jpegCount, ofaCount; Wide memorySizeMB; char name[96]; } nvmlGpuInstanceProfileInfo_v2_t;
typedef struct { unsigned int version, id, sliceCount, instanceCount, multiprocessorCount, copyEngineCount, decoderCount, encoderCount, jpegCount, ofaCount; Wide memorySizeMB; char name[96]; unsigned int capabilities; } nvmlGpuInstanceProfileInfo_v3_t;
typedef struct { unsigned int id, sliceCount, instanceCount, multiprocessorCount, sharedCopyEngineCount, sharedDecoderCount, sharedEncoderCount, sharedJpegCount, sharedOfaCount; } nvmlComputeInstanceProfileInfo_t;
typedef struct { unsigned int version; nvmlComputeInstanceProfileInfo_t counts; char name[96]; unsigned int capabilities; } nvmlComputeInstanceProfileInfo_v3_t; /* v2 ends before capabilities */

typedef struct { unsigned int metricId; nvmlReturn_t nvmlReturn; double value; struct { const char *shortName, *longName, *unit; } metricInfo; } nvmlGpmMetric_t;
typedef struct { unsigned int version, numMetrics; nvmlGpmSample_t sample1, sample2; nvmlGpmMetric_t metrics[]; } nvmlGpmMetricsGet_t; /* grew without a version: only numMetrics says how long it is */
typedef struct { unsigned int version, isSupportedDevice; } nvmlGpmSupport_t;

typedef struct { unsigned int fieldId, scopeId; long long timestamp, latencyUsec; unsigned int valueType; nvmlReturn_t nvmlReturn; nvmlValue_t value; } nvmlFieldValue_t;
typedef struct { nvmlDevice_t device; Wide eventType, eventData; } nvmlEventData_v1_t;
typedef struct { nvmlDevice_t device; Wide eventType, eventData; unsigned int gpuInstanceId, computeInstanceId; } nvmlEventData_t;
typedef struct { unsigned int version; nvmlSystemEventSet_t set; } nvmlSystemEventSetRequest_t;
typedef struct { unsigned int version; Wide eventTypes; nvmlSystemEventSet_t set; } nvmlSystemRegisterEventRequest_t;
typedef struct { Wide eventType; unsigned int gpuId; } nvmlSystemEventData_v1_t;
typedef struct { unsigned int version, timeoutms; nvmlSystemEventSet_t set; nvmlSystemEventData_v1_t *data; unsigned int dataSize, numEvent; } nvmlSystemEventSetWaitRequest_t;
typedef struct { unsigned char clusterUuid[16]; nvmlReturn_t status; unsigned int cliqueId; unsigned char state; } nvmlGpuFabricInfo_t;
typedef struct { unsigned int version; unsigned char clusterUuid[16]; nvmlReturn_t status; unsigned int cliqueId; unsigned char state; unsigned int healthMask; unsigned char healthSummary; } nvmlGpuFabricInfo_v3_t; /* v2 ends before healthSummary */

#endif

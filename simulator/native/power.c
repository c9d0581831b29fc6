/* Power, energy, heat and fans. */
#include "call.h"

#define FAN_LIMIT 8u
#define THRESHOLD_COUNT 8u

READ_UINT(nvmlDeviceGetPowerUsage, power_milliwatts)
READ_UINT(nvmlDeviceGetPowerManagementLimit, power_limit_milliwatts)
READ_UINT(nvmlDeviceGetEnforcedPowerLimit, power_limit_enforced_milliwatts)
READ_UINT(nvmlDeviceGetPowerManagementDefaultLimit, power_limit_default_milliwatts)
READ_UINT(nvmlDeviceGetPowerSource, power_source)
READ_WIDE(nvmlDeviceGetTotalEnergyConsumption, energy_millijoules)

EXPORT nvmlReturn_t nvmlDeviceGetPowerManagementMode(nvmlDevice_t device, unsigned int *mode)
{
    ENTER_GPU(nvmlDeviceGetPowerManagementMode, device);
    REQUIRE(mode != NULL);
    *mode = gpu->power_limit_milliwatts != ABSENT;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetPowerManagementLimitConstraints(nvmlDevice_t device, unsigned int *least, unsigned int *most)
{
    ENTER_GPU(nvmlDeviceGetPowerManagementLimitConstraints, device);
    REQUIRE(least != NULL && most != NULL);
    REQUIRE_SUPPORT(gpu->power_limit_min_milliwatts != ABSENT && gpu->power_limit_max_milliwatts != ABSENT);
    *least = gpu->power_limit_min_milliwatts;
    *most = gpu->power_limit_max_milliwatts;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, unsigned int sensor, unsigned int *celsius)
{
    ENTER_GPU(nvmlDeviceGetTemperature, device);
    REQUIRE(celsius != NULL && sensor == 0);
    int32_t found = gpu->temperature_celsius;
    REQUIRE_SUPPORT(found != ABSENT_SIGNED);
    *celsius = (unsigned int)found;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetTemperatureV(nvmlDevice_t device, nvmlTemperature_t *temperature)
{
    ENTER_GPU(nvmlDeviceGetTemperatureV, device);
    REQUIRE(temperature != NULL);
    REQUIRE_VERSION(temperature->version == VERSION_WORD(12, 1));
    REQUIRE(temperature->sensorType == 0);
    int32_t found = gpu->temperature_celsius;
    REQUIRE_SUPPORT(found != ABSENT_SIGNED);
    temperature->temperature = found;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetMarginTemperature(nvmlDevice_t device, nvmlMarginTemperature_t *margin)
{
    ENTER_GPU(nvmlDeviceGetMarginTemperature, device);
    REQUIRE(margin != NULL);
    REQUIRE_VERSION(margin->version == VERSION_WORD(8, 1));
    int32_t found = gpu->temperature_margin_celsius;
    REQUIRE_SUPPORT(found != ABSENT_SIGNED);
    margin->marginTemperature = found;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetTemperatureThreshold(nvmlDevice_t device, unsigned int threshold, unsigned int *celsius)
{
    ENTER_GPU(nvmlDeviceGetTemperatureThreshold, device);
    REQUIRE(celsius != NULL && threshold < THRESHOLD_COUNT);
    uint32_t found = gpu->temperature_thresholds_celsius[threshold];
    REQUIRE_SUPPORT(found != ABSENT);
    *celsius = found;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetThermalSettings(nvmlDevice_t device, unsigned int sensor, nvmlGpuThermalSettings_t *settings)
{
    enum { ALL_SENSORS = 15, CONTROLLER_GPU = 1, TARGET_GPU = 1, TARGET_MEMORY = 2 };
    ENTER_GPU(nvmlDeviceGetThermalSettings, device);
    REQUIRE(settings != NULL);
    int32_t found[2] = {gpu->temperature_celsius, gpu->temperature_memory_celsius};
    unsigned int known = found[0] == ABSENT_SIGNED ? 0 : found[1] == ABSENT_SIGNED ? 1 : 2;
    REQUIRE_SUPPORT(known != 0);
    REQUIRE(sensor < known || sensor == ALL_SENSORS);
    settings->count = sensor == ALL_SENSORS ? known : 1;
    for (unsigned int s = 0; s < settings->count; s++) {
        unsigned int which = sensor == ALL_SENSORS ? s : sensor;
        settings->sensor[s] = (ThermalSensor){CONTROLLER_GPU, 0, 127, found[which], which == 0 ? TARGET_GPU : TARGET_MEMORY};
    }
    return NVML_SUCCESS;
}

READ_UINT(nvmlDeviceGetNumFans, fan_count)

/* A fan's reading: NOT_SUPPORTED on a board without fans, INVALID_ARGUMENT beyond its last one. */
static nvmlReturn_t fan_reading(const GpuState *gpu, const uint32_t *readings, unsigned int fan, unsigned int *value)
{
    if (gpu->fan_count == 0 || gpu->fan_count == ABSENT)
        return NVML_ERROR_NOT_SUPPORTED;
    if (value == NULL || fan >= gpu->fan_count || fan >= FAN_LIMIT)
        return NVML_ERROR_INVALID_ARGUMENT;
    if (readings[fan] == ABSENT)
        return NVML_ERROR_NOT_SUPPORTED;
    *value = readings[fan];
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetFanSpeed(nvmlDevice_t device, unsigned int *percent)
{
    ENTER_GPU(nvmlDeviceGetFanSpeed, device);
    REQUIRE(percent != NULL);
    return fan_reading(gpu, gpu->fan_percent, 0, percent);
}

EXPORT nvmlReturn_t nvmlDeviceGetFanSpeed_v2(nvmlDevice_t device, unsigned int fan, unsigned int *percent)
{
    ENTER_GPU(nvmlDeviceGetFanSpeed_v2, device);
    REQUIRE(percent != NULL);
    return fan_reading(gpu, gpu->fan_percent, fan, percent);
}

EXPORT nvmlReturn_t nvmlDeviceGetTargetFanSpeed(nvmlDevice_t device, unsigned int fan, unsigned int *percent)
{
    ENTER_GPU(nvmlDeviceGetTargetFanSpeed, device);
    REQUIRE(percent != NULL);
    return fan_reading(gpu, gpu->fan_target_percent, fan, percent);
}

EXPORT nvmlReturn_t nvmlDeviceGetFanSpeedRPM(nvmlDevice_t device, nvmlFanSpeedInfo_t *speed)
{
    ENTER_GPU(nvmlDeviceGetFanSpeedRPM, device);
    REQUIRE(speed != NULL);
    REQUIRE_VERSION(speed->version == VERSION_WORD(12, 1));
    return fan_reading(gpu, gpu->fan_rpm, speed->fan, &speed->speed);
}

EXPORT nvmlReturn_t nvmlDeviceGetMinMaxFanSpeed(nvmlDevice_t device, unsigned int *least, unsigned int *most)
{
    ENTER_GPU(nvmlDeviceGetMinMaxFanSpeed, device);
    REQUIRE(least != NULL && most != NULL);
    REQUIRE_SUPPORT(gpu->fan_count != 0 && gpu->fan_count != ABSENT);
    *least = 30;
    *most = 100;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetFanControlPolicy_v2(nvmlDevice_t device, unsigned int fan, unsigned int *policy)
{
    ENTER_GPU(nvmlDeviceGetFanControlPolicy_v2, device);
    REQUIRE(policy != NULL);
    REQUIRE_SUPPORT(gpu->fan_count != 0 && gpu->fan_count != ABSENT);
    REQUIRE(fan < gpu->fan_count);
    *policy = 0; /* driven by temperature */
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetCoolerInfo(nvmlDevice_t device, nvmlCoolerInfo_t *cooler)
{
    enum { VARIABLE_SPEED = 2, COOLS_GPU_AND_MEMORY = 7 };
    ENTER_GPU(nvmlDeviceGetCoolerInfo, device);
    REQUIRE(cooler != NULL);
    REQUIRE_VERSION(cooler->version == VERSION_WORD(16, 1));
    REQUIRE_SUPPORT(gpu->fan_count != 0 && gpu->fan_count != ABSENT);
    REQUIRE(cooler->index < gpu->fan_count);
    cooler->signalType = VARIABLE_SPEED;
    cooler->target = COOLS_GPU_AND_MEMORY;
    return NVML_SUCCESS;
}

ANSWER_GPU(nvmlDeviceWorkloadPowerProfileGetProfilesInfo, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceWorkloadPowerProfileGetCurrentProfiles, NVML_ERROR_NOT_SUPPORTED)

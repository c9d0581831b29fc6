/* Clocks, performance states and the reasons why clocks are low. */
#include "call.h"

#define CLOCK_COUNT 4u
#define POLICY_COUNT 12u

#define READ_CLOCK(name, field) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, unsigned int type, unsigned int *megahertz) \
    { \
        ENTER_GPU(name, device); \
        REQUIRE(megahertz != NULL && type < CLOCK_COUNT); \
        uint32_t found = gpu->field[type]; \
        REQUIRE_SUPPORT(found != ABSENT); \
        *megahertz = found; \
        return NVML_SUCCESS; \
    }

READ_CLOCK(nvmlDeviceGetClockInfo, clock_current)
READ_CLOCK(nvmlDeviceGetMaxClockInfo, clock_max)
READ_CLOCK(nvmlDeviceGetApplicationsClock, clock_application)
READ_CLOCK(nvmlDeviceGetDefaultApplicationsClock, clock_default)
READ_CLOCK(nvmlDeviceGetMaxCustomerBoostClock, clock_boost_max)

EXPORT nvmlReturn_t nvmlDeviceGetClock(nvmlDevice_t device, unsigned int type, unsigned int which, unsigned int *megahertz)
{
    ENTER_GPU(nvmlDeviceGetClock, device);
    REQUIRE(megahertz != NULL && type < CLOCK_COUNT && which < 4);
    const uint32_t *const tables[] = {gpu->clock_current, gpu->clock_application, gpu->clock_default, gpu->clock_boost_max};
    uint32_t found = tables[which][type];
    REQUIRE_SUPPORT(found != ABSENT);
    *megahertz = found;
    return NVML_SUCCESS;
}

/* The two-call size idiom for lists of clocks. */
static nvmlReturn_t give_list(const uint32_t *source, uint32_t available, unsigned int *count, unsigned int *target)
{
    if (count == NULL)
        return NVML_ERROR_INVALID_ARGUMENT;
    unsigned int room = target == NULL ? 0 : *count;
    *count = available;
    if (available == 0)
        return NVML_ERROR_NOT_SUPPORTED;
    if (room < available)
        return NVML_ERROR_INSUFFICIENT_SIZE;
    for (uint32_t i = 0; i < available; i++)
        target[i] = source[i];
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetSupportedMemoryClocks(nvmlDevice_t device, unsigned int *count, unsigned int *megahertz)
{
    ENTER_GPU(nvmlDeviceGetSupportedMemoryClocks, device);
    return give_list(gpu->supported_memory_clocks, gpu->memory_clock_count, count, megahertz);
}

EXPORT nvmlReturn_t nvmlDeviceGetSupportedGraphicsClocks(nvmlDevice_t device, unsigned int memory_megahertz, unsigned int *count, unsigned int *megahertz)
{
    ENTER_GPU(nvmlDeviceGetSupportedGraphicsClocks, device);
    REQUIRE_SUPPORT(gpu->memory_clock_count != 0);
    for (unsigned int m = 0; m < gpu->memory_clock_count && m < MEMORY_CLOCK_LIMIT; m++)
        if (gpu->supported_memory_clocks[m] == memory_megahertz)
            return give_list(gpu->supported_graphics_clocks[m], gpu->graphics_clock_counts[m], count, megahertz);
    return NVML_ERROR_NOT_FOUND;
}

READ_UINT(nvmlDeviceGetPerformanceState, performance_state)
READ_UINT(nvmlDeviceGetPowerState, performance_state)
READ_UINT(nvmlDeviceGetAdaptiveClockInfoStatus, adaptive_clock)
READ_WIDE(nvmlDeviceGetCurrentClocksEventReasons, clock_event_reasons)
READ_WIDE(nvmlDeviceGetCurrentClocksThrottleReasons, clock_event_reasons)
READ_WIDE(nvmlDeviceGetSupportedClocksEventReasons, clock_event_reasons_supported)
READ_WIDE(nvmlDeviceGetSupportedClocksThrottleReasons, clock_event_reasons_supported)

EXPORT nvmlReturn_t nvmlDeviceGetViolationStatus(nvmlDevice_t device, unsigned int policy, nvmlViolationTime_t *time)
{
    ENTER_GPU(nvmlDeviceGetViolationStatus, device);
    REQUIRE(time != NULL && policy < POLICY_COUNT && !(policy > 5 && policy < 10));
    uint64_t nanoseconds = gpu->policy_nanoseconds[policy];
    REQUIRE_SUPPORT(nanoseconds != ABSENT64);
    *time = (nvmlViolationTime_t){gpu->updated_microseconds, nanoseconds};
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetSupportedPerformanceStates(nvmlDevice_t device, unsigned int *states, unsigned int size)
{
    ENTER_GPU(nvmlDeviceGetSupportedPerformanceStates, device);
    REQUIRE(states != NULL);
    REQUIRE_SUPPORT(gpu->performance_state != ABSENT);
    for (unsigned int s = 0; s < size / sizeof *states; s++)
        states[s] = s == 0 ? gpu->performance_state : 32; /* data-centre boards stay in one state; 32 = unknown */
    return size < sizeof *states ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetMinMaxClockOfPState(nvmlDevice_t device, unsigned int type, unsigned int state, unsigned int *least, unsigned int *most)
{
    ENTER_GPU(nvmlDeviceGetMinMaxClockOfPState, device);
    REQUIRE(least != NULL && most != NULL && type < CLOCK_COUNT && state == gpu->performance_state);
    REQUIRE_SUPPORT(gpu->clock_max[type] != ABSENT && gpu->memory_clock_count != 0 && gpu->graphics_clock_counts[0] != 0);
    const uint32_t *clocks = gpu->supported_graphics_clocks[0];
    uint32_t lowest = clocks[0];
    for (uint32_t i = 1; i < gpu->graphics_clock_counts[0]; i++)
        lowest = clocks[i] < lowest ? clocks[i] : lowest;
    *least = type == 2 ? gpu->supported_memory_clocks[gpu->memory_clock_count - 1] : lowest;
    *most = gpu->clock_max[type];
    return NVML_SUCCESS;
}

ANSWER_GPU(nvmlDeviceGetAutoBoostedClocksEnabled, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetDynamicPstatesInfo, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetClkMonStatus, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetClockOffsets, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetGpcClkVfOffset, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetGpcClkMinMaxVfOffset, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetMemClkVfOffset, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetMemClkMinMaxVfOffset, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetPerformanceModes, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetCurrentClockFreqs, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetPowerMizerMode_v1, NVML_ERROR_NOT_SUPPORTED)

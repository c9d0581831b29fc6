/* How busy a GPU is, its memory, and the short history of both. */
#include <string.h>
#include "call.h"

enum { GPU_BUSY, MEMORY_BUSY, ENCODER_BUSY, DECODER_BUSY, JPEG_BUSY, OFA_BUSY };

/* With MIG on, the whole GPU has no utilisation: the instances have GPM. */
#define REQUIRE_NO_MIG(gpu) REQUIRE_SUPPORT((gpu)->mig_mode_current != 1)

EXPORT nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *utilization)
{
    ENTER_GPU(nvmlDeviceGetUtilizationRates, device);
    REQUIRE(utilization != NULL);
    REQUIRE_NO_MIG(gpu);
    nvmlUtilization_t found;
    CONSISTENT (gpu)
        found = (nvmlUtilization_t){gpu->utilization[GPU_BUSY], gpu->utilization[MEMORY_BUSY]};
    REQUIRE_SUPPORT(found.gpu != ABSENT && found.memory != ABSENT);
    *utilization = found;
    return NVML_SUCCESS;
}

#define ENGINE_UTILIZATION(name, engine) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, unsigned int *percent, unsigned int *period) \
    { \
        ENTER_GPU(name, device); \
        REQUIRE(percent != NULL && period != NULL); \
        REQUIRE_NO_MIG(gpu); \
        uint32_t found = gpu->utilization[engine]; \
        REQUIRE_SUPPORT(found != ABSENT); \
        *percent = found; \
        *period = gpu->sampling_period_microseconds; \
        return NVML_SUCCESS; \
    }

ENGINE_UTILIZATION(nvmlDeviceGetEncoderUtilization, ENCODER_BUSY)
ENGINE_UTILIZATION(nvmlDeviceGetDecoderUtilization, DECODER_BUSY)
ENGINE_UTILIZATION(nvmlDeviceGetJpgUtilization, JPEG_BUSY)
ENGINE_UTILIZATION(nvmlDeviceGetOfaUtilization, OFA_BUSY)

EXPORT nvmlReturn_t nvmlDeviceGetEncoderStats(nvmlDevice_t device, unsigned int *sessions, unsigned int *frames, unsigned int *latency)
{
    ENTER_GPU(nvmlDeviceGetEncoderStats, device);
    REQUIRE(sessions != NULL && frames != NULL && latency != NULL);
    REQUIRE_SUPPORT(gpu->encoder_stats[0] != ABSENT);
    *sessions = gpu->encoder_stats[0];
    *frames = gpu->encoder_stats[1];
    *latency = gpu->encoder_stats[2];
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetFBCStats(nvmlDevice_t device, nvmlFBCStats_t *stats)
{
    ENTER_GPU(nvmlDeviceGetFBCStats, device);
    REQUIRE(stats != NULL);
    REQUIRE_SUPPORT(gpu->capture_stats[0] != ABSENT);
    *stats = (nvmlFBCStats_t){gpu->capture_stats[0], gpu->capture_stats[1], gpu->capture_stats[2]};
    return NVML_SUCCESS;
}

/* No session is ever open: nothing here encodes or captures frames. */
#define NO_SESSIONS(name) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, unsigned int *count, void *sessions) \
    { \
        ENTER_GPU(name, device); \
        (void)sessions; \
        REQUIRE(count != NULL); \
        *count = 0; \
        return NVML_SUCCESS; \
    }

NO_SESSIONS(nvmlDeviceGetEncoderSessions)
NO_SESSIONS(nvmlDeviceGetFBCSessions)

EXPORT nvmlReturn_t nvmlDeviceGetEncoderCapacity(nvmlDevice_t device, unsigned int type, unsigned int *percent)
{
    ENTER_GPU(nvmlDeviceGetEncoderCapacity, device);
    REQUIRE(percent != NULL && type <= 2);
    REQUIRE_SUPPORT(gpu->utilization[ENCODER_BUSY] != ABSENT);
    *percent = 100 - (gpu->utilization[ENCODER_BUSY] > 100 ? 100 : gpu->utilization[ENCODER_BUSY]);
    return NVML_SUCCESS;
}

/* Total, reserved, used and BAR1 sizes of one instant, of a GPU or of a MIG device. */
typedef struct { uint64_t total, reserved, used; } Amounts;

static Amounts memory_of(const Call *call)
{
    Amounts found;
    CONSISTENT (call->gpu)
        found = call->mig != NULL
            ? (Amounts){call->mig->memory_total_bytes, call->mig->memory_reserved_bytes, call->mig->memory_used_bytes}
            : (Amounts){call->gpu->memory_total_bytes, call->gpu->memory_reserved_bytes, call->gpu->memory_used_bytes};
    if (found.reserved == ABSENT64)
        found.reserved = 0;
    if (found.total != ABSENT64 && found.used > found.total - found.reserved)
        found.used = found.total - found.reserved;
    return found;
}

/* The first version counts reserved memory as used. */
EXPORT nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory)
{
    ENTER_DEVICE(nvmlDeviceGetMemoryInfo, device);
    REQUIRE(memory != NULL);
    Amounts found = memory_of(&call);
    REQUIRE_SUPPORT(found.total != ABSENT64);
    *memory = (nvmlMemory_t){found.total, found.total - found.reserved - found.used, found.reserved + found.used};
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t *memory)
{
    ENTER_DEVICE(nvmlDeviceGetMemoryInfo_v2, device);
    REQUIRE(memory != NULL);
    REQUIRE_VERSION(memory->version == VERSION_WORD(40, 2));
    Amounts found = memory_of(&call);
    REQUIRE_SUPPORT(found.total != ABSENT64);
    memory->total = found.total;
    memory->reserved = found.reserved;
    memory->free = found.total - found.reserved - found.used;
    memory->used = found.used;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetBAR1MemoryInfo(nvmlDevice_t device, nvmlBAR1Memory_t *memory)
{
    ENTER_DEVICE(nvmlDeviceGetBAR1MemoryInfo, device);
    REQUIRE(memory != NULL);
    uint64_t total = call.mig != NULL ? call.mig->bar1_total_bytes : gpu->bar1_total_bytes;
    uint64_t used = call.mig != NULL ? call.mig->bar1_used_bytes : gpu->bar1_used_bytes;
    REQUIRE_SUPPORT(total != ABSENT64);
    *memory = (nvmlBAR1Memory_t){total, total - used, used};
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetSamples(nvmlDevice_t device, unsigned int type, Wide last_seen, unsigned int *value_type, unsigned int *count, nvmlSample_t *samples)
{
    ENTER_GPU(nvmlDeviceGetSamples, device);
    REQUIRE(value_type != NULL && count != NULL && type < 10);
    SampleState history[SAMPLE_LIMIT];
    uint64_t taken;
    CONSISTENT (gpu) {
        taken = gpu->sample_count;
        memcpy(history, gpu->samples, sizeof history);
    }
    unsigned int room = samples == NULL ? 0 : *count, found = 0;
    uint64_t oldest = taken > SAMPLE_LIMIT ? taken - SAMPLE_LIMIT : 0;
    for (uint64_t i = oldest; i < taken; i++) {
        const SampleState *sample = &history[i % SAMPLE_LIMIT];
        REQUIRE_SUPPORT(sample->values[type] != ABSENT);
        if (sample->microseconds <= last_seen)
            continue;
        if (samples != NULL && found < room)
            samples[found] = (nvmlSample_t){.timeStamp = sample->microseconds, .sampleValue = {.ullVal = sample->values[type]}};
        found++;
    }
    *value_type = NVML_VALUE_TYPE_UNSIGNED_INT;
    if (samples == NULL) {
        *count = SAMPLE_LIMIT; /* as the real driver: the size of its buffer */
        return NVML_SUCCESS;
    }
    *count = found < room ? found : room;
    if (found == 0)
        return NVML_ERROR_NOT_FOUND;
    return found > room ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

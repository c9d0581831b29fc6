/* GPU performance monitoring: a sample holds the integrals of its moment, a metric is the mean between two samples. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "call.h"

#define VERSION_1 1u
#define SAMPLE_MARK 0x47504d53u
#define WHOLE_GPU UINT32_MAX

/* Places in gpm_rate and gpm_integral (state.h); simulator/State/GpmRate.cs has the same list. */
enum { RATE_PERCENT_FIRST = 0, RATE_PCIE_TX = 13, RATE_PCIE_RX = 14, RATE_NVLINK_RX = 15, RATE_NVLINK_TX = 16,
       RATE_DECODER = 17, RATE_JPEG = 25, RATE_OFA = 33, RATE_ENCODER = 35 };

struct GpmSample {
    uint32_t mark;
    uint32_t gpu, instance;
    uint64_t elapsed_nanoseconds;
    double rate[GPM_RATE_LIMIT], integral[GPM_RATE_LIMIT];
    uint32_t link_count, active_links;
    uint64_t link_receive[LINK_LIMIT], link_transmit[LINK_LIMIT];
};

typedef struct { const char *short_name, *long_name; unsigned int since; } PercentMetric;

/* Metrics 1 to 13, in this order. */
static const PercentMetric percent_metrics[] = {
    {"graphics_util", "time with any graphics or compute work", 1108},
    {"sm_util", "multiprocessors with at least one warp", 1108},
    {"sm_occupancy", "resident warps of the most possible", 1108},
    {"integer_util", "integer pipe busy", 1108},
    {"tensor_util", "any tensor pipe busy", 1108},
    {"dfma_tensor_util", "FP64 tensor pipe busy", 1108},
    {"hmma_tensor_util", "half precision tensor pipe busy", 1108},
    {"dmma_tensor_util", "double precision matrix pipe busy", 1302},
    {"imma_tensor_util", "integer tensor pipe busy", 1108},
    {"dram_bandwidth_util", "memory bandwidth used", 1108},
    {"fp64_util", "FP64 pipe busy", 1108},
    {"fp32_util", "FP32 pipe busy", 1108},
    {"fp16_util", "FP16 pipe busy", 1108},
};

static unsigned int metric_limit(const NodeState *node)
{
    return node->nvml_header_version < 1209 ? 98 : node->nvml_header_version < 1302 ? 210 : 333;
}

EXPORT nvmlReturn_t nvmlGpmQueryDeviceSupport(nvmlDevice_t device, nvmlGpmSupport_t *support)
{
    ENTER_DEVICE(nvmlGpmQueryDeviceSupport, device);
    REQUIRE(support != NULL);
    REQUIRE_VERSION(support->version == VERSION_1);
    support->isSupportedDevice = gpu->gpm_supported;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlGpmSampleAlloc(nvmlGpmSample_t *sample)
{
    ENTER(nvmlGpmSampleAlloc);
    REQUIRE(sample != NULL);
    *sample = calloc(1, sizeof **sample);
    if (*sample == NULL)
        return NVML_ERROR_MEMORY;
    (*sample)->mark = SAMPLE_MARK;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlGpmSampleFree(nvmlGpmSample_t sample)
{
    ENTER(nvmlGpmSampleFree);
    REQUIRE(sample != NULL && sample->mark == SAMPLE_MARK);
    sample->mark = 0;
    free(sample);
    return NVML_SUCCESS;
}

static nvmlReturn_t take_sample(const Call *call, const MigState *mig, nvmlGpmSample_t sample)
{
    const GpuState *gpu = call->gpu;
    if (sample == NULL || sample->mark != SAMPLE_MARK)
        return NVML_ERROR_INVALID_ARGUMENT;
    if (!gpu->gpm_supported)
        return NVML_ERROR_NOT_SUPPORTED;
    sample->gpu = call->gpu_index;
    sample->instance = mig == NULL ? WHOLE_GPU : mig->gpu_instance_id;
    CONSISTENT (gpu) {
        sample->elapsed_nanoseconds = gpu->elapsed_nanoseconds;
        memcpy(sample->rate, mig == NULL ? gpu->gpm_rate : mig->gpm_rate, sizeof sample->rate);
        memcpy(sample->integral, mig == NULL ? gpu->gpm_integral : mig->gpm_integral, sizeof sample->integral);
        sample->link_count = gpu->link_count < LINK_LIMIT && mig == NULL ? gpu->link_count : 0;
        sample->active_links = 0;
        for (unsigned int l = 0; l < sample->link_count; l++) {
            sample->active_links += gpu->links[l].active == 1;
            sample->link_receive[l] = gpu->links[l].receive_kibibytes;
            sample->link_transmit[l] = gpu->links[l].transmit_kibibytes;
        }
    }
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlGpmSampleGet(nvmlDevice_t device, nvmlGpmSample_t sample)
{
    ENTER_DEVICE(nvmlGpmSampleGet, device);
    return take_sample(&call, call.mig, sample);
}

EXPORT nvmlReturn_t nvmlGpmMigSampleGet(nvmlDevice_t device, unsigned int instance, nvmlGpmSample_t sample)
{
    ENTER_GPU(nvmlGpmMigSampleGet, device);
    REQUIRE_SUPPORT(gpu->mig_mode_current == 1);
    for (unsigned int m = 0; m < MIG_LIMIT; m++)
        if (gpu->mig[m].present && gpu->mig[m].gpu_instance_id == instance)
            return take_sample(&call, &gpu->mig[m], sample);
    return NVML_ERROR_NOT_FOUND;
}

/* The mean of a rate between two samples; its present value where no simulated time has passed. */
static double mean(nvmlGpmSample_t first, nvmlGpmSample_t second, unsigned int place)
{
    double seconds = (double)(second->elapsed_nanoseconds - first->elapsed_nanoseconds) / 1e9;
    return seconds > 0 && !isnan(second->rate[place]) ? (second->integral[place] - first->integral[place]) / seconds : second->rate[place];
}

static nvmlReturn_t answer(nvmlGpmMetric_t *metric, double value, double scale, const char *short_name, const char *long_name, const char *unit)
{
    metric->metricInfo.shortName = short_name;
    metric->metricInfo.longName = long_name;
    metric->metricInfo.unit = unit;
    if (isnan(value))
        return NVML_ERROR_NOT_SUPPORTED;
    metric->value = value * scale;
    return NVML_SUCCESS;
}

static nvmlReturn_t link_metric(nvmlGpmSample_t first, nvmlGpmSample_t second, unsigned int link, bool transmit, nvmlGpmMetric_t *metric)
{
    if (second->active_links == 0 || link >= second->link_count)
        return NVML_ERROR_NOT_SUPPORTED;
    const uint64_t *before = transmit ? first->link_transmit : first->link_receive;
    const uint64_t *after = transmit ? second->link_transmit : second->link_receive;
    double seconds = (double)(second->elapsed_nanoseconds - first->elapsed_nanoseconds) / 1e9;
    double value = seconds > 0 ? (double)(after[link] - before[link]) / 1024 / seconds
                               : second->rate[transmit ? RATE_NVLINK_TX : RATE_NVLINK_RX] / second->active_links;
    return answer(metric, value, 1, transmit ? "nvlink_link_tx" : "nvlink_link_rx", "traffic of one NVLink", "MiB/s");
}

static nvmlReturn_t compute(const NodeState *node, nvmlGpmSample_t first, nvmlGpmSample_t second, nvmlGpmMetric_t *metric)
{
    unsigned int id = metric->metricId;
    if (id == 0 || id >= metric_limit(node))
        return NVML_ERROR_INVALID_ARGUMENT;
    if (id < GPM_METRIC_LIMIT && node->gpus[second->gpu].gpm_result[id] != 0)
        return node->gpus[second->gpu].gpm_result[id];
    if (id <= 13) {
        const PercentMetric *known = &percent_metrics[id - 1];
        if (known->since > node->nvml_header_version)
            return NVML_ERROR_INVALID_ARGUMENT;
        return answer(metric, mean(first, second, RATE_PERCENT_FIRST + id - 1), 100, known->short_name, known->long_name, "%");
    }
    if (id == 20 || id == 21)
        return answer(metric, mean(first, second, id == 20 ? RATE_PCIE_TX : RATE_PCIE_RX), 1, id == 20 ? "pcie_tx" : "pcie_rx", "PCIe traffic", "MiB/s");
    if (id >= 30 && id <= 37)
        return answer(metric, mean(first, second, RATE_DECODER + id - 30), 100, "nvdec_util", "video decoder busy", "%");
    if (id >= 40 && id <= 47)
        return answer(metric, mean(first, second, RATE_JPEG + id - 40), 100, "nvjpg_util", "JPEG decoder busy", "%");
    if (id == 50 || id == 51)
        return answer(metric, mean(first, second, RATE_OFA + id - 50), 100, "nvofa_util", "optical flow engine busy", "%");
    if (id == 60 || id == 61)
        return answer(metric, mean(first, second, id == 60 ? RATE_NVLINK_RX : RATE_NVLINK_TX), 1, id == 60 ? "nvlink_rx" : "nvlink_tx", "traffic of all NVLinks", "MiB/s");
    if (id >= 62 && id <= 97)
        return link_metric(first, second, (id - 62) / 2, id % 2 == 1, metric);
    if (id >= 166 && id <= 169)
        return answer(metric, mean(first, second, RATE_ENCODER + id - 166), 100, "nvenc_util", "video encoder busy", "%");
    if (id >= 212 && id <= 247)
        return link_metric(first, second, 18 + (id - 212) / 2, id % 2 == 1, metric);
    /* What is left needs Grace (C2C and host memory counters) or counts cycles, which the model does not have. */
    return id >= 100 ? NVML_ERROR_NOT_SUPPORTED : NVML_ERROR_INVALID_ARGUMENT;
}

/* Only metrics[0] to metrics[numMetrics-1] belong to the client: the record grew without a new version. */
EXPORT nvmlReturn_t nvmlGpmMetricsGet(nvmlGpmMetricsGet_t *request)
{
    ENTER(nvmlGpmMetricsGet);
    REQUIRE(request != NULL);
    REQUIRE_VERSION(request->version == VERSION_1);
    nvmlGpmSample_t first = request->sample1, second = request->sample2;
    REQUIRE(first != NULL && second != NULL && first->mark == SAMPLE_MARK && second->mark == SAMPLE_MARK);
    REQUIRE(first->gpu == second->gpu && first->instance == second->instance && first->elapsed_nanoseconds <= second->elapsed_nanoseconds);
    REQUIRE(request->numMetrics <= metric_limit(call.node) && second->gpu < call.node->gpu_count);
    RETURN_IF_FAILED(call_target(&call, handle_of(HANDLE_GPU, second->gpu, 0), KIND(HANDLE_GPU)));
    for (unsigned int m = 0; m < request->numMetrics; m++)
        request->metrics[m].nvmlReturn = compute(call.node, first, second, &request->metrics[m]);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlGpmQueryIfStreamingEnabled(nvmlDevice_t device, unsigned int *state)
{
    ENTER_GPU(nvmlGpmQueryIfStreamingEnabled, device);
    REQUIRE(state != NULL);
    REQUIRE_SUPPORT(gpu->gpm_supported);
    *state = gpu->gpm_streaming;
    return NVML_SUCCESS;
}

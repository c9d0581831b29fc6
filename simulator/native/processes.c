/* Who uses a GPU: running processes, their utilisation, accounting. */
#include <string.h>
#include "call.h"

enum { SM, MEMORY, ENCODER, DECODER, JPEG, OFA };

/* A consistent copy of the process list; a MIG device sees the processes of its instance alone. */
typedef struct { unsigned int count; ProcessState list[PROCESS_LIMIT]; } Processes;

static void running(const Call *call, unsigned int kinds, Processes *found)
{
    const GpuState *gpu = call->gpu;
    unsigned int count = 0;
    ProcessState all[PROCESS_LIMIT];
    CONSISTENT (gpu) {
        count = gpu->process_count < PROCESS_LIMIT ? gpu->process_count : PROCESS_LIMIT;
        memcpy(all, gpu->processes, count * sizeof *all);
    }
    found->count = 0;
    for (unsigned int p = 0; p < count; p++) {
        if (!all[p].is_running || (all[p].kinds & kinds) == 0)
            continue;
        if (call->mig != NULL && all[p].gpu_instance_id != call->mig->gpu_instance_id)
            continue;
        found->list[found->count++] = all[p];
    }
}

/* The two-call idiom: the count needed comes back with INSUFFICIENT_SIZE. */
static nvmlReturn_t make_room(unsigned int *count, const void *records, unsigned int needed)
{
    unsigned int room = records == NULL ? 0 : *count;
    *count = needed;
    return room < needed ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

#define PROCESSES_OLD(name, kind) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_v1_t *records) \
    { \
        ENTER_DEVICE(name, device); \
        REQUIRE(count != NULL); \
        Processes found; \
        running(&call, kind, &found); \
        RETURN_IF_FAILED(make_room(count, records, found.count)); \
        for (unsigned int p = 0; p < found.count; p++) \
            records[p] = (nvmlProcessInfo_v1_t){found.list[p].pid, found.list[p].memory_bytes}; \
        return NVML_SUCCESS; \
    }
#define PROCESSES(name, kind) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *records) \
    { \
        ENTER_DEVICE(name, device); \
        REQUIRE(count != NULL); \
        Processes found; \
        running(&call, kind, &found); \
        RETURN_IF_FAILED(make_room(count, records, found.count)); \
        for (unsigned int p = 0; p < found.count; p++) { \
            const ProcessState *process = &found.list[p]; \
            records[p] = (nvmlProcessInfo_t){process->pid, process->memory_bytes, process->gpu_instance_id, process->compute_instance_id}; \
        } \
        return NVML_SUCCESS; \
    }

PROCESSES_OLD(nvmlDeviceGetComputeRunningProcesses, PROCESS_COMPUTE)
PROCESSES(nvmlDeviceGetComputeRunningProcesses_v2, PROCESS_COMPUTE)
PROCESSES(nvmlDeviceGetComputeRunningProcesses_v3, PROCESS_COMPUTE)
PROCESSES_OLD(nvmlDeviceGetGraphicsRunningProcesses, PROCESS_GRAPHICS)
PROCESSES(nvmlDeviceGetGraphicsRunningProcesses_v2, PROCESS_GRAPHICS)
PROCESSES(nvmlDeviceGetGraphicsRunningProcesses_v3, PROCESS_GRAPHICS)
PROCESSES_OLD(nvmlDeviceGetMPSComputeRunningProcesses, PROCESS_MPS)
PROCESSES(nvmlDeviceGetMPSComputeRunningProcesses_v2, PROCESS_MPS)
PROCESSES(nvmlDeviceGetMPSComputeRunningProcesses_v3, PROCESS_MPS)

EXPORT nvmlReturn_t nvmlDeviceGetRunningProcessDetailList(nvmlDevice_t device, nvmlProcessDetailList_t *list)
{
    enum { HOPPER = 9, MODE_COUNT = 3 };
    static const unsigned int kinds[MODE_COUNT] = {PROCESS_COMPUTE, PROCESS_GRAPHICS, PROCESS_MPS};
    ENTER_DEVICE(nvmlDeviceGetRunningProcessDetailList, device);
    REQUIRE(list != NULL);
    REQUIRE_VERSION(list->version == VERSION_WORD(24, 1));
    REQUIRE(list->mode < MODE_COUNT);
    REQUIRE_SUPPORT(gpu->architecture >= HOPPER);
    Processes found;
    running(&call, kinds[list->mode], &found);
    RETURN_IF_FAILED(make_room(&list->numProcArrayEntries, list->procArray, found.count));
    for (unsigned int p = 0; p < found.count; p++) {
        const ProcessState *process = &found.list[p];
        list->procArray[p] = (nvmlProcessDetail_v1_t){process->pid, process->memory_bytes, process->gpu_instance_id,
                                                      process->compute_instance_id, process->protected_memory_bytes};
    }
    return NVML_SUCCESS;
}

/* Processes that did something since a moment; per-process utilisation does not exist in MIG mode. */
static nvmlReturn_t active_since(const Call *call, Wide since, Processes *found)
{
    if (call->gpu->mig_mode_current == 1)
        return NVML_ERROR_NOT_SUPPORTED;
    running(call, PROCESS_COMPUTE | PROCESS_GRAPHICS | PROCESS_MPS, found);
    unsigned int kept = 0;
    for (unsigned int p = 0; p < found->count; p++)
        if (call->gpu->updated_microseconds > since && (found->list[p].utilization[SM] | found->list[p].utilization[MEMORY]) != 0)
            found->list[kept++] = found->list[p];
    found->count = kept;
    return kept == 0 ? NVML_ERROR_NOT_FOUND : NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetProcessUtilization(nvmlDevice_t device, nvmlProcessUtilizationSample_t *samples, unsigned int *count, Wide since)
{
    ENTER_GPU(nvmlDeviceGetProcessUtilization, device);
    REQUIRE(count != NULL);
    Processes found;
    nvmlReturn_t result = active_since(&call, since, &found);
    if (result != NVML_SUCCESS) {
        *count = 0;
        return result;
    }
    RETURN_IF_FAILED(make_room(count, samples, found.count));
    for (unsigned int p = 0; p < found.count; p++) {
        const uint32_t *busy = found.list[p].utilization;
        samples[p] = (nvmlProcessUtilizationSample_t){found.list[p].pid, gpu->updated_microseconds, busy[SM], busy[MEMORY], busy[ENCODER], busy[DECODER]};
    }
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetProcessesUtilizationInfo(nvmlDevice_t device, nvmlProcessesUtilizationInfo_t *info)
{
    ENTER_GPU(nvmlDeviceGetProcessesUtilizationInfo, device);
    REQUIRE(info != NULL);
    REQUIRE_VERSION(info->version == VERSION_WORD(24, 1));
    Processes found;
    nvmlReturn_t result = active_since(&call, info->lastSeenTimeStamp, &found);
    if (result != NVML_SUCCESS) {
        info->processSamplesCount = 0;
        return result;
    }
    RETURN_IF_FAILED(make_room(&info->processSamplesCount, info->procUtilArray, found.count));
    for (unsigned int p = 0; p < found.count; p++) {
        const uint32_t *busy = found.list[p].utilization;
        info->procUtilArray[p] = (nvmlProcessUtilizationInfo_v1_t){gpu->updated_microseconds, found.list[p].pid, busy[SM], busy[MEMORY],
                                                                   busy[ENCODER], busy[DECODER], busy[JPEG], busy[OFA]};
    }
    return NVML_SUCCESS;
}

READ_UINT(nvmlDeviceGetAccountingMode, accounting_mode)
READ_UINT(nvmlDeviceGetAccountingBufferSize, accounting_buffer)

EXPORT nvmlReturn_t nvmlDeviceGetAccountingPids(nvmlDevice_t device, unsigned int *count, unsigned int *pids)
{
    ENTER_GPU(nvmlDeviceGetAccountingPids, device);
    REQUIRE(count != NULL);
    REQUIRE_SUPPORT(gpu->accounting_mode != ABSENT);
    uint32_t found = gpu->accounting_mode == 1 ? gpu->process_count : 0;
    found = found < PROCESS_LIMIT ? found : PROCESS_LIMIT;
    RETURN_IF_FAILED(make_room(count, pids, found));
    for (uint32_t p = 0; p < found; p++)
        pids[p] = gpu->processes[p].pid;
    return NVML_SUCCESS;
}

static nvmlReturn_t accounted(const GpuState *gpu, unsigned int pid, ProcessState *found)
{
    if (gpu->accounting_mode == ABSENT)
        return NVML_ERROR_NOT_SUPPORTED;
    unsigned int known = 0;
    if (gpu->accounting_mode == 1)
        CONSISTENT (gpu) {
            known = 0;
            for (unsigned int p = 0; p < gpu->process_count && p < PROCESS_LIMIT; p++)
                if (gpu->processes[p].pid == pid) {
                    *found = gpu->processes[p];
                    known = 1;
                }
        }
    return known ? NVML_SUCCESS : NVML_ERROR_NOT_FOUND;
}

EXPORT nvmlReturn_t nvmlDeviceGetAccountingStats(nvmlDevice_t device, unsigned int pid, nvmlAccountingStats_t *stats)
{
    ENTER_GPU(nvmlDeviceGetAccountingStats, device);
    REQUIRE(stats != NULL);
    ProcessState found;
    RETURN_IF_FAILED(accounted(gpu, pid, &found));
    *stats = (nvmlAccountingStats_t){.gpuUtilization = found.utilization[SM], .memoryUtilization = found.utilization[MEMORY],
                                     .maxMemoryUsage = found.memory_max_bytes, .time = found.running_milliseconds,
                                     .startTime = found.started_microseconds, .isRunning = found.is_running};
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetAccountingStats_v2(nvmlDevice_t device, nvmlAccountingStats_v2_t *stats)
{
    ENTER_GPU(nvmlDeviceGetAccountingStats_v2, device);
    REQUIRE(stats != NULL);
    ProcessState found;
    RETURN_IF_FAILED(accounted(gpu, stats->pid, &found));
    *stats = (nvmlAccountingStats_v2_t){.pid = found.pid, .isRunning = found.is_running, .gpuUtilization = found.utilization[SM],
                                        .memoryUtilization = found.utilization[MEMORY], .maxMemoryUsage = found.memory_max_bytes,
                                        .sampleCount = 1, .sumGpuUtil = found.utilization[SM], .sumFbUtil = found.utilization[MEMORY],
                                        .time = found.running_milliseconds, .startTime = found.started_microseconds};
    return NVML_SUCCESS;
}

/* Memory errors and what the GPU did about them: counters, remapped rows, retired pages, repair. */
#include "call.h"

enum { VOLATILE, AGGREGATE };
enum { CORRECTED, UNCORRECTED };
enum { L1_CACHE, L2_CACHE, DRAM, REGISTER_FILE, TEXTURE_MEMORY, TEXTURE_SHM, CBU, SRAM, LOCATION_COUNT };

EXPORT nvmlReturn_t nvmlDeviceGetEccMode(nvmlDevice_t device, unsigned int *current, unsigned int *pending)
{
    ENTER_GPU(nvmlDeviceGetEccMode, device);
    REQUIRE(current != NULL && pending != NULL);
    REQUIRE_SUPPORT(gpu->ecc_mode_current != ABSENT);
    *current = gpu->ecc_mode_current;
    *pending = gpu->ecc_mode_pending;
    return NVML_SUCCESS;
}

READ_UINT(nvmlDeviceGetDefaultEccMode, ecc_mode_default)

static bool counts_errors(const GpuState *gpu)
{
    return gpu->ecc_mode_current == 1;
}

EXPORT nvmlReturn_t nvmlDeviceGetTotalEccErrors(nvmlDevice_t device, unsigned int type, unsigned int counter, Wide *count)
{
    ENTER_GPU(nvmlDeviceGetTotalEccErrors, device);
    REQUIRE(count != NULL && type < 2 && counter < 2);
    REQUIRE_SUPPORT(counts_errors(gpu));
    uint64_t total = 0;
    CONSISTENT (gpu) {
        total = 0;
        for (unsigned int l = 0; l < LOCATION_COUNT; l++)
            if (gpu->ecc_counts[type][counter][l] != ABSENT64)
                total += gpu->ecc_counts[type][counter][l];
    }
    *count = total;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetMemoryErrorCounter(nvmlDevice_t device, unsigned int type, unsigned int counter, unsigned int location, Wide *count)
{
    ENTER_DEVICE(nvmlDeviceGetMemoryErrorCounter, device);
    REQUIRE(count != NULL && type < 2 && counter < 2 && location < LOCATION_COUNT);
    REQUIRE_SUPPORT(counts_errors(gpu));
    uint64_t found = gpu->ecc_counts[type][counter][location];
    if (call.mig != NULL) {
        REQUIRE_SUPPORT(type == UNCORRECTED && counter == VOLATILE && location == SRAM);
        found = call.mig->sram_uncorrectable;
    }
    REQUIRE_SUPPORT(found != ABSENT64);
    *count = found;
    return NVML_SUCCESS;
}

static Wide or_zero(uint64_t count)
{
    return count == ABSENT64 ? 0 : count;
}

EXPORT nvmlReturn_t nvmlDeviceGetDetailedEccErrors(nvmlDevice_t device, unsigned int type, unsigned int counter, nvmlEccErrorCounts_t *counts)
{
    ENTER_GPU(nvmlDeviceGetDetailedEccErrors, device);
    REQUIRE(counts != NULL && type < 2 && counter < 2);
    REQUIRE_SUPPORT(counts_errors(gpu));
    const uint64_t *found = gpu->ecc_counts[type][counter];
    CONSISTENT (gpu)
        *counts = (nvmlEccErrorCounts_t){or_zero(found[L1_CACHE]), or_zero(found[L2_CACHE]), or_zero(found[DRAM]), or_zero(found[REGISTER_FILE])};
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetSramEccErrorStatus(nvmlDevice_t device, nvmlEccSramErrorStatus_t *status)
{
    ENTER_GPU(nvmlDeviceGetSramEccErrorStatus, device);
    REQUIRE(status != NULL);
    REQUIRE_VERSION(status->version == VERSION_WORD(104, 1));
    REQUIRE_SUPPORT(counts_errors(gpu) && gpu->ecc_counts[CORRECTED][VOLATILE][SRAM] != ABSENT64);
    CONSISTENT (gpu) {
        status->aggregateUncParity = gpu->sram_parity[AGGREGATE];
        status->aggregateUncSecDed = gpu->sram_double[AGGREGATE];
        status->aggregateCor = gpu->ecc_counts[CORRECTED][AGGREGATE][SRAM];
        status->volatileUncParity = gpu->sram_parity[VOLATILE];
        status->volatileUncSecDed = gpu->sram_double[VOLATILE];
        status->volatileCor = gpu->ecc_counts[CORRECTED][VOLATILE][SRAM];
        status->aggregateUncBucketL2 = gpu->sram_buckets[0];
        status->aggregateUncBucketSm = gpu->sram_buckets[1];
        status->aggregateUncBucketPcie = gpu->sram_buckets[2];
        status->aggregateUncBucketMcu = gpu->sram_buckets[3];
        status->aggregateUncBucketOther = gpu->sram_buckets[4];
        status->bThresholdExceeded = gpu->sram_threshold_exceeded;
    }
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetSramUniqueUncorrectedEccErrorCounts(nvmlDevice_t device, nvmlEccSramUniqueUncorrectedErrorCounts_t *counts)
{
    enum { BLACKWELL = 10 };
    ENTER_GPU(nvmlDeviceGetSramUniqueUncorrectedEccErrorCounts, device);
    REQUIRE(counts != NULL);
    REQUIRE_VERSION(counts->version == VERSION_WORD(16, 1));
    REQUIRE_SUPPORT(gpu->architecture >= BLACKWELL);
    counts->entryCount = 0;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetRemappedRows(nvmlDevice_t device, unsigned int *corrected, unsigned int *uncorrected, unsigned int *pending, unsigned int *failed)
{
    ENTER_GPU(nvmlDeviceGetRemappedRows, device);
    REQUIRE(corrected != NULL && uncorrected != NULL && pending != NULL && failed != NULL);
    REQUIRE_SUPPORT(gpu->remapped_correctable != ABSENT);
    CONSISTENT (gpu) {
        *corrected = gpu->remapped_correctable;
        *uncorrected = gpu->remapped_uncorrectable;
        *pending = gpu->remap_pending;
        *failed = gpu->remap_failed;
    }
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetRemappedRows_v2(nvmlDevice_t device, nvmlRemappedRowsInfo_v2_t *rows)
{
    ENTER_GPU(nvmlDeviceGetRemappedRows_v2, device);
    REQUIRE(rows != NULL);
    REQUIRE_SUPPORT(gpu->remapped_correctable != ABSENT);
    CONSISTENT (gpu)
        *rows = (nvmlRemappedRowsInfo_v2_t){gpu->remapped_correctable, gpu->remapped_correctable_inactive, gpu->remapped_uncorrectable,
                                            gpu->remapped_uncorrectable_inactive, gpu->remap_pending, gpu->remap_failed};
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetRowRemapperHistogram(nvmlDevice_t device, nvmlRowRemapperHistogramValues_t *histogram)
{
    ENTER_GPU(nvmlDeviceGetRowRemapperHistogram, device);
    REQUIRE(histogram != NULL);
    const uint32_t *found = gpu->remap_histogram;
    REQUIRE_SUPPORT(found[0] != ABSENT);
    CONSISTENT (gpu)
        *histogram = (nvmlRowRemapperHistogramValues_t){found[0], found[1], found[2], found[3], found[4]};
    return NVML_SUCCESS;
}

static nvmlReturn_t give_retired(const GpuState *gpu, unsigned int cause, unsigned int *count, Wide *addresses, Wide *timestamps)
{
    if (count == NULL || cause >= 2)
        return NVML_ERROR_INVALID_ARGUMENT;
    unsigned int room = *count, found = gpu->retired_counts[cause];
    if (found == ABSENT)
        return NVML_ERROR_NOT_SUPPORTED;
    *count = found;
    if (room < found)
        return NVML_ERROR_INSUFFICIENT_SIZE;
    for (unsigned int p = 0; p < found; p++) {
        unsigned int known = p < RETIRED_PAGE_LIMIT ? p : RETIRED_PAGE_LIMIT - 1;
        if (addresses != NULL)
            addresses[p] = gpu->retired_addresses[cause][known];
        if (timestamps != NULL)
            timestamps[p] = gpu->retired_microseconds[cause][known];
    }
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetRetiredPages(nvmlDevice_t device, unsigned int cause, unsigned int *count, Wide *addresses)
{
    ENTER_GPU(nvmlDeviceGetRetiredPages, device);
    return give_retired(gpu, cause, count, addresses, NULL);
}

EXPORT nvmlReturn_t nvmlDeviceGetRetiredPages_v2(nvmlDevice_t device, unsigned int cause, unsigned int *count, Wide *addresses, Wide *timestamps)
{
    ENTER_GPU(nvmlDeviceGetRetiredPages_v2, device);
    return give_retired(gpu, cause, count, addresses, timestamps);
}

READ_UINT(nvmlDeviceGetRetiredPagesPendingStatus, retired_pending)
READ_UINT(nvmlDeviceGetUnrepairableMemoryFlag_v1, unrepairable_memory)

EXPORT nvmlReturn_t nvmlDeviceGetRepairStatus(nvmlDevice_t device, nvmlRepairStatus_t *status)
{
    ENTER_GPU(nvmlDeviceGetRepairStatus, device);
    REQUIRE(status != NULL);
    REQUIRE_VERSION(status->version == VERSION_WORD(12, 1));
    REQUIRE_SUPPORT(gpu->channel_repair_pending != ABSENT);
    status->bChannelRepairPending = gpu->channel_repair_pending;
    status->bTpcRepairPending = gpu->tpc_repair_pending;
    return NVML_SUCCESS;
}

/* CPER records need firmware that the simulated boards do not have. */
ANSWER(nvmlSystemGetCPER_v1, NVML_ERROR_NOT_SUPPORTED)

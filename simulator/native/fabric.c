/* The NVLink fabric: cluster, clique, health. */
#include <string.h>
#include "call.h"

EXPORT nvmlReturn_t nvmlDeviceGetGpuFabricInfo(nvmlDevice_t device, nvmlGpuFabricInfo_t *info)
{
    ENTER_GPU(nvmlDeviceGetGpuFabricInfo, device);
    REQUIRE(info != NULL);
    REQUIRE_SUPPORT(gpu->fabric_state != ABSENT);
    CONSISTENT (gpu) {
        memcpy(info->clusterUuid, gpu->fabric_cluster, sizeof info->clusterUuid);
        info->status = gpu->fabric_status;
        info->cliqueId = gpu->fabric_clique;
        info->state = (unsigned char)gpu->fabric_state;
    }
    return NVML_SUCCESS;
}

/* v3 (13.0) added the summary of the health mask; v2 is shorter and must not be written beyond its end. */
EXPORT nvmlReturn_t nvmlDeviceGetGpuFabricInfoV(nvmlDevice_t device, nvmlGpuFabricInfo_v3_t *info)
{
    ENTER_GPU(nvmlDeviceGetGpuFabricInfoV, device);
    REQUIRE(info != NULL);
    bool third = info->version == VERSION_WORD(40, 3) && call.node->nvml_header_version >= 1300;
    REQUIRE_VERSION(third || info->version == VERSION_WORD(36, 2));
    REQUIRE_SUPPORT(gpu->fabric_state != ABSENT);
    CONSISTENT (gpu) {
        memcpy(info->clusterUuid, gpu->fabric_cluster, sizeof info->clusterUuid);
        info->status = gpu->fabric_status;
        info->cliqueId = gpu->fabric_clique;
        info->state = (unsigned char)gpu->fabric_state;
        info->healthMask = gpu->fabric_health_mask;
        if (third)
            info->healthSummary = (unsigned char)gpu->fabric_health_summary;
    }
    return NVML_SUCCESS;
}

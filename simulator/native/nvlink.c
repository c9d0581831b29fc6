/* NVLink: state, peers, errors, traffic. */
#include <stdio.h>
#include <string.h>
#include "call.h"
#include "pci.h"

/* Queries of one link: NOT_SUPPORTED without NVLink or in MIG mode, INVALID_ARGUMENT beyond the last link. */
#define ENTER_LINK(name, device, link) \
    ENTER_GPU(name, device); \
    REQUIRE_SUPPORT(gpu->link_count != 0 && gpu->mig_mode_current != 1); \
    REQUIRE((link) < gpu->link_count && (link) < LINK_LIMIT); \
    const LinkState *state = &gpu->links[link]

#define READ_LINK(name, field) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, unsigned int link, unsigned int *value) \
    { \
        ENTER_LINK(name, device, link); \
        REQUIRE(value != NULL); \
        REQUIRE_SUPPORT(state->field != ABSENT); \
        *value = state->field; \
        return NVML_SUCCESS; \
    }

READ_LINK(nvmlDeviceGetNvLinkState, active)
READ_LINK(nvmlDeviceGetNvLinkVersion, version)
READ_LINK(nvmlDeviceGetNvLinkRemoteDeviceType, remote_type)

EXPORT nvmlReturn_t nvmlDeviceGetNvLinkCapability(nvmlDevice_t device, unsigned int link, unsigned int capability, unsigned int *result)
{
    enum { SLI_BRIDGE = 4, CAPABILITY_COUNT = 6 };
    ENTER_LINK(nvmlDeviceGetNvLinkCapability, device, link);
    REQUIRE(result != NULL && capability < CAPABILITY_COUNT);
    *result = state->active == 1 && capability != SLI_BRIDGE;
    return NVML_SUCCESS;
}

/* Both the plain name and _v2 fill the whole record in current drivers; the plain one has the older, shorter record. */
EXPORT nvmlReturn_t nvmlDeviceGetNvLinkRemotePciInfo_v2(nvmlDevice_t device, unsigned int link, nvmlPciInfo_t *pci)
{
    ENTER_LINK(nvmlDeviceGetNvLinkRemotePciInfo_v2, device, link);
    REQUIRE(pci != NULL);
    REQUIRE_SUPPORT(state->active == 1);
    fill_pci(pci, state->remote_domain, state->remote_bus, state->remote_device, state->remote_device_id, 0);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetNvLinkRemotePciInfo(nvmlDevice_t device, unsigned int link, nvmlPciInfoOld_t *pci)
{
    ENTER_LINK(nvmlDeviceGetNvLinkRemotePciInfo, device, link);
    REQUIRE(pci != NULL);
    REQUIRE_SUPPORT(state->active == 1);
    fill_pci_old(pci, state->remote_domain, state->remote_bus, state->remote_device, state->remote_device_id, 0);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetNvLinkErrorCounter(nvmlDevice_t device, unsigned int link, unsigned int counter, Wide *count)
{
    ENTER_LINK(nvmlDeviceGetNvLinkErrorCounter, device, link);
    REQUIRE(count != NULL && counter < 5);
    REQUIRE_SUPPORT(state->active == 1 && state->errors[counter] != ABSENT64);
    *count = state->errors[counter];
    return NVML_SUCCESS;
}

/* The firmware list is absent: v1 ends after the first field, v2 says that no entry is valid. */
EXPORT nvmlReturn_t nvmlDeviceGetNvLinkInfo(nvmlDevice_t device, nvmlNvLinkInfo_t *info)
{
    ENTER_GPU(nvmlDeviceGetNvLinkInfo, device);
    REQUIRE(info != NULL);
    REQUIRE_VERSION(info->version == VERSION_WORD(8, 1) || info->version == VERSION_WORD(1612, 2));
    REQUIRE_SUPPORT(gpu->link_count != 0);
    info->isNvleEnabled = 0;
    if (info->version == VERSION_WORD(1612, 2))
        info->numValidEntries = 0;
    return NVML_SUCCESS;
}

/* Counters of the first NVLink generation: dead since Ampere. */
ANSWER_GPU(nvmlDeviceGetNvLinkUtilizationCounter, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetNvLinkUtilizationControl, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetNvlinkSupportedBwModes, NVML_ERROR_NOT_SUPPORTED)
ANSWER_GPU(nvmlDeviceGetNvlinkBwMode, NVML_ERROR_NOT_SUPPORTED)

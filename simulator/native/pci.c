/* The PCI device and its PCIe link. */
#include <stdio.h>
#include <string.h>
#include "call.h"
#include "pci.h"

#define BASE_CLASS_DISPLAY 3u
#define SUB_CLASS_3D 2u

void fill_pci(nvmlPciInfo_t *pci, unsigned int domain, unsigned int bus, unsigned int device, unsigned int device_id, unsigned int subsystem_id)
{
    memset(pci, 0, sizeof *pci);
    pci->domain = domain;
    pci->bus = bus;
    pci->device = device;
    pci->pciDeviceId = device_id;
    pci->pciSubSystemId = subsystem_id;
    snprintf(pci->busId, sizeof pci->busId, "%08X:%02X:%02X.0", domain, bus, device);
    snprintf(pci->busIdLegacy, sizeof pci->busIdLegacy, "%04X:%02X:%02X.0", domain & 0xffff, bus & 0xff, device & 0xff);
}

void fill_pci_old(nvmlPciInfoOld_t *pci, unsigned int domain, unsigned int bus, unsigned int device, unsigned int device_id, unsigned int subsystem_id)
{
    memset(pci, 0, sizeof *pci);
    pci->domain = domain;
    pci->bus = bus;
    pci->device = device;
    pci->pciDeviceId = device_id;
    pci->pciSubSystemId = subsystem_id;
    snprintf(pci->busId, sizeof pci->busId, "%04X:%02X:%02X.0", domain & 0xffff, bus & 0xff, device & 0xff);
}

EXPORT nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t *pci)
{
    ENTER_DEVICE(nvmlDeviceGetPciInfo_v3, device);
    REQUIRE(pci != NULL);
    fill_pci(pci, gpu->pci_domain, gpu->pci_bus, gpu->pci_device, gpu->pci_device_id, gpu->pci_subsystem_id);
    return NVML_SUCCESS;
}

#define PCI_INFO_OLD(name) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, nvmlPciInfoOld_t *pci) \
    { \
        ENTER_DEVICE(name, device); \
        REQUIRE(pci != NULL); \
        fill_pci_old(pci, gpu->pci_domain, gpu->pci_bus, gpu->pci_device, gpu->pci_device_id, gpu->pci_subsystem_id); \
        return NVML_SUCCESS; \
    }

PCI_INFO_OLD(nvmlDeviceGetPciInfo)
PCI_INFO_OLD(nvmlDeviceGetPciInfo_v2)

EXPORT nvmlReturn_t nvmlDeviceGetPciInfoExt(nvmlDevice_t device, nvmlPciInfoExt_t *pci)
{
    ENTER_DEVICE(nvmlDeviceGetPciInfoExt, device);
    REQUIRE(pci != NULL);
    REQUIRE_VERSION(pci->version == VERSION_WORD(64, 1));
    nvmlPciInfo_t plain;
    fill_pci(&plain, gpu->pci_domain, gpu->pci_bus, gpu->pci_device, gpu->pci_device_id, gpu->pci_subsystem_id);
    pci->domain = plain.domain;
    pci->bus = plain.bus;
    pci->device = plain.device;
    pci->pciDeviceId = plain.pciDeviceId;
    pci->pciSubSystemId = plain.pciSubSystemId;
    pci->baseClass = BASE_CLASS_DISPLAY;
    pci->subClass = SUB_CLASS_3D;
    memcpy(pci->busId, plain.busId, sizeof pci->busId);
    return NVML_SUCCESS;
}

READ_UINT(nvmlDeviceGetCurrPcieLinkGeneration, pcie_generation_current)
READ_UINT(nvmlDeviceGetMaxPcieLinkGeneration, pcie_generation_max)
READ_UINT(nvmlDeviceGetGpuMaxPcieLinkGeneration, pcie_generation_gpu_max)
READ_UINT(nvmlDeviceGetCurrPcieLinkWidth, pcie_width_current)
READ_UINT(nvmlDeviceGetMaxPcieLinkWidth, pcie_width_max)
READ_UINT(nvmlDeviceGetPcieReplayCounter, pcie_replays)

/* Transfers per second of one lane by generation, in Mbit/s before encoding. */
static uint32_t lane_megabits(uint32_t generation)
{
    static const uint32_t speeds[] = {0, 2500, 5000, 8000, 16000, 32000, 64000};
    return generation < sizeof speeds / sizeof *speeds ? speeds[generation] : ABSENT;
}

EXPORT nvmlReturn_t nvmlDeviceGetPcieSpeed(nvmlDevice_t device, unsigned int *megabits)
{
    ENTER_GPU(nvmlDeviceGetPcieSpeed, device);
    REQUIRE(megabits != NULL);
    uint32_t found = lane_megabits(gpu->pcie_generation_current);
    REQUIRE_SUPPORT(found != ABSENT);
    *megabits = found;
    return NVML_SUCCESS;
}

/* nvmlDeviceGetPcieLinkMaxSpeed names the generation's speed by an enumeration that equals the generation. */
READ_UINT(nvmlDeviceGetPcieLinkMaxSpeed, pcie_generation_max)

EXPORT nvmlReturn_t nvmlDeviceGetBusType(nvmlDevice_t device, unsigned int *type)
{
    enum { BUS_TYPE_PCIE = 2 };
    ENTER_GPU(nvmlDeviceGetBusType, device);
    REQUIRE(type != NULL);
    *type = BUS_TYPE_PCIE;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlDeviceGetPcieThroughput(nvmlDevice_t device, unsigned int counter, unsigned int *kibibytes_per_second)
{
    ENTER_GPU(nvmlDeviceGetPcieThroughput, device);
    REQUIRE(kibibytes_per_second != NULL && counter < 2);
    uint32_t found = counter == 0 ? gpu->pcie_transmit_kibibytes_per_second : gpu->pcie_receive_kibibytes_per_second;
    REQUIRE_SUPPORT(found != ABSENT);
    *kibibytes_per_second = found;
    return NVML_SUCCESS;
}

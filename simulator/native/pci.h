/* PCI addresses in the two forms that NVML has. */
#ifndef GPU_SIMULATOR_PCI_H
#define GPU_SIMULATOR_PCI_H

#include "nvml.h"

void fill_pci(nvmlPciInfo_t *pci, unsigned int domain, unsigned int bus, unsigned int device, unsigned int device_id, unsigned int subsystem_id);
void fill_pci_old(nvmlPciInfoOld_t *pci, unsigned int domain, unsigned int bus, unsigned int device, unsigned int device_id, unsigned int subsystem_id);

#endif

/* The life of the simulated driver inside one client process. */
#ifndef GPU_SIMULATOR_DRIVER_H
#define GPU_SIMULATOR_DRIVER_H

#include "nvml.h"

/* Maps the state file and counts one initialisation. */
nvmlReturn_t driver_open(void);

/* Takes one initialisation back. */
nvmlReturn_t driver_close(void);

/* Name of a function by its index, NULL beyond the last. */
const char *function_name(unsigned int function);

#endif

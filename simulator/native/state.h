/* Layout of the state file that the simulator (C#, simulator/State) writes and this library reads.
   Every field is listed once; the structs and the table that the tests compare with C# (layout.c) are made of the lists.
   X(type, name, dimension). Only fixed-width types; units are in the names. */
#ifndef GPU_SIMULATOR_STATE_H
#define GPU_SIMULATOR_STATE_H

#include <stdint.h>

#define STATE_MAGIC "GPUSIMST"
#define STATE_LAYOUT_VERSION 1u

#define GPU_LIMIT 16
#define LINK_LIMIT 36
#define PROCESS_LIMIT 64
#define MIG_LIMIT 8
#define MIG_PROFILE_LIMIT 18
#define FUNCTION_LIMIT 512
#define FIELD_LIMIT 512
#define GPM_METRIC_LIMIT 384
#define GPM_RATE_LIMIT 48
#define EVENT_LIMIT 256
#define SAMPLE_LIMIT 128
#define MEMORY_CLOCK_LIMIT 4
#define GRAPHICS_CLOCK_LIMIT 128
#define RETIRED_PAGE_LIMIT 16

/* A reading that the simulated GPU does not have: the call answers NOT_SUPPORTED. */
#define ABSENT UINT32_MAX
#define ABSENT64 UINT64_MAX
#define ABSENT_SIGNED INT32_MIN

/* Kinds of records in the event ring. */
#define EVENT_KIND_DEVICE 1u
#define EVENT_KIND_SYSTEM 2u

#define PROCESS_COMPUTE 1u
#define PROCESS_GRAPHICS 2u
#define PROCESS_MPS 4u

/* Numberings of the field ids 251 to 273, which moved between driver branches. */
#define FIELD_NUMBERING_SMOOTHING_FIRST 0u /* 12.8: no clock event counters */
#define FIELD_NUMBERING_EVENTS_FIRST 1u    /* 12.9 and the first 13.0: clock event counters from 251 */
#define FIELD_NUMBERING_EVENTS_LAST 2u     /* later: clock event counters from 269 */

#define EVENT_FIELDS(X) \
    X(uint64_t, number, ) \
    X(uint64_t, type, ) \
    X(uint64_t, data, ) \
    X(uint32_t, kind, ) \
    X(uint32_t, gpu, ) \
    X(uint32_t, gpu_instance_id, ) \
    X(uint32_t, compute_instance_id, )

#define LINK_FIELDS(X) \
    X(uint32_t, active, ) \
    X(uint32_t, version, ) \
    X(uint32_t, speed_megabytes_per_second, ) \
    X(uint32_t, remote_type, ) \
    X(uint32_t, remote_domain, ) \
    X(uint32_t, remote_bus, ) \
    X(uint32_t, remote_device, ) \
    X(uint32_t, remote_device_id, ) \
    X(uint32_t, remote_link, ) \
    X(uint32_t, low_power, ) \
    X(uint64_t, transmit_kibibytes, ) \
    X(uint64_t, receive_kibibytes, ) \
    X(uint64_t, transmit_packets, ) \
    X(uint64_t, receive_packets, ) \
    X(uint64_t, errors, [5]) \
    X(uint64_t, counters, [16])

#define PROCESS_FIELDS(X) \
    X(uint32_t, pid, ) \
    X(uint32_t, kinds, ) \
    X(uint32_t, gpu_instance_id, ) \
    X(uint32_t, compute_instance_id, ) \
    X(uint64_t, memory_bytes, ) \
    X(uint64_t, memory_max_bytes, ) \
    X(uint64_t, protected_memory_bytes, ) \
    X(uint64_t, started_microseconds, ) \
    X(uint64_t, running_milliseconds, ) \
    X(uint32_t, utilization, [6]) \
    X(uint32_t, is_running, ) \
    X(uint32_t, reserved, ) \
    X(char, name, [128])

#define MIG_FIELDS(X) \
    X(uint32_t, present, ) \
    X(uint32_t, gpu_instance_id, ) \
    X(uint32_t, compute_instance_id, ) \
    X(uint32_t, profile, ) \
    X(uint32_t, compute_profile, ) \
    X(uint32_t, placement_start, ) \
    X(uint32_t, placement_size, ) \
    X(uint32_t, multiprocessors, ) \
    X(uint32_t, copy_engines, ) \
    X(uint32_t, decoders, ) \
    X(uint32_t, encoders, ) \
    X(uint32_t, jpegs, ) \
    X(uint32_t, ofas, ) \
    X(uint32_t, gpu_slices, ) \
    X(uint32_t, compute_slices, ) \
    X(uint32_t, reserved, ) \
    X(uint64_t, memory_total_bytes, ) \
    X(uint64_t, memory_used_bytes, ) \
    X(uint64_t, memory_reserved_bytes, ) \
    X(uint64_t, bar1_total_bytes, ) \
    X(uint64_t, bar1_used_bytes, ) \
    X(uint64_t, sram_uncorrectable, ) \
    X(double, gpm_rate, [GPM_RATE_LIMIT]) \
    X(double, gpm_integral, [GPM_RATE_LIMIT]) \
    X(char, uuid, [96]) \
    X(char, name, [96])

#define MIG_PROFILE_FIELDS(X) \
    X(uint32_t, present, ) \
    X(uint32_t, id, ) \
    X(uint32_t, slices, ) \
    X(uint32_t, instances, ) \
    X(uint32_t, multiprocessors, ) \
    X(uint32_t, copy_engines, ) \
    X(uint32_t, decoders, ) \
    X(uint32_t, encoders, ) \
    X(uint32_t, jpegs, ) \
    X(uint32_t, ofas, ) \
    X(uint32_t, placement_size, ) \
    X(uint32_t, reserved, ) \
    X(uint64_t, memory_mebibytes, ) \
    X(char, name, [96])

/* One instant of the history that nvmlDeviceGetSamples serves; values in the order of nvmlSamplingType_t. */
#define SAMPLE_FIELDS(X) \
    X(uint64_t, microseconds, ) \
    X(uint32_t, values, [10])

#include "state_gpu.h"

#define NODE_FIELDS(X) \
    X(char, magic, [8]) \
    X(uint32_t, layout_version, ) \
    X(uint32_t, gpu_count, ) \
    X(uint64_t, total_bytes, ) \
    X(uint32_t, driver_loaded, ) \
    X(uint32_t, nvml_header_version, ) \
    X(uint32_t, field_numbering, ) \
    X(uint32_t, cuda_driver_version, ) \
    X(char, driver_version, [80]) \
    X(char, nvml_version, [80]) \
    X(char, driver_branch, [80]) \
    X(uint32_t, confidential_environment, ) \
    X(uint32_t, confidential_feature, ) \
    X(uint32_t, confidential_developer_tools, ) \
    X(uint32_t, measure_processor_time, ) \
    X(uint64_t, calls, ) \
    X(uint64_t, nanoseconds_inside, ) \
    X(uint64_t, processor_nanoseconds_inside, ) \
    X(uint32_t, function_calls, [FUNCTION_LIMIT]) \
    X(uint64_t, event_count, ) \
    X(uint32_t, event_wakeup, ) \
    X(uint32_t, reserved, ) \
    X(EventState, events, [EVENT_LIMIT]) \
    X(GpuState, gpus, [GPU_LIMIT])

#define STATE_MEMBER(type, name, dimension) type name dimension;
typedef struct { EVENT_FIELDS(STATE_MEMBER) } EventState;
typedef struct { LINK_FIELDS(STATE_MEMBER) } LinkState;
typedef struct { PROCESS_FIELDS(STATE_MEMBER) } ProcessState;
typedef struct { MIG_FIELDS(STATE_MEMBER) } MigState;
typedef struct { MIG_PROFILE_FIELDS(STATE_MEMBER) } MigProfileState;
typedef struct { SAMPLE_FIELDS(STATE_MEMBER) } SampleState;
typedef struct { GPU_FIELDS(STATE_MEMBER) } GpuState;
typedef struct { NODE_FIELDS(STATE_MEMBER) } NodeState;

#endif

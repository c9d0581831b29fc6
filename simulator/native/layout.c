/* The layout of the state file as this library was compiled, for comparison with the C# structs. */
#include "call.h"
#include "driver.h"
#include "layout_checks.h"

typedef struct { const char *name; uint32_t offset, size; } LayoutEntry;

#define ENTRY(prefix, structure, field) {prefix "." #field, offsetof(structure, field), sizeof(((structure *)0)->field)},
#define NODE_ENTRY(type, name, dimension) ENTRY("NodeState", NodeState, name)
#define GPU_ENTRY(type, name, dimension) ENTRY("GpuState", GpuState, name)
#define EVENT_ENTRY(type, name, dimension) ENTRY("EventState", EventState, name)
#define LINK_ENTRY(type, name, dimension) ENTRY("LinkState", LinkState, name)
#define PROCESS_ENTRY(type, name, dimension) ENTRY("ProcessState", ProcessState, name)
#define MIG_ENTRY(type, name, dimension) ENTRY("MigState", MigState, name)
#define MIG_PROFILE_ENTRY(type, name, dimension) ENTRY("MigProfileState", MigProfileState, name)
#define SAMPLE_ENTRY(type, name, dimension) ENTRY("SampleState", SampleState, name)

/* Ends with an entry without a name. The size of a whole struct has an entry without a field. */
EXPORT const LayoutEntry gpuSimulatorLayout[] = {
    {"NodeState", 0, sizeof(NodeState)}, {"GpuState", 0, sizeof(GpuState)}, {"EventState", 0, sizeof(EventState)},
    {"LinkState", 0, sizeof(LinkState)}, {"ProcessState", 0, sizeof(ProcessState)}, {"MigState", 0, sizeof(MigState)},
    {"MigProfileState", 0, sizeof(MigProfileState)}, {"SampleState", 0, sizeof(SampleState)},
    NODE_FIELDS(NODE_ENTRY) GPU_FIELDS(GPU_ENTRY) EVENT_FIELDS(EVENT_ENTRY) LINK_FIELDS(LINK_ENTRY)
    PROCESS_FIELDS(PROCESS_ENTRY) MIG_FIELDS(MIG_ENTRY) MIG_PROFILE_FIELDS(MIG_PROFILE_ENTRY) SAMPLE_FIELDS(SAMPLE_ENTRY)
    {NULL, 0, 0},
};

/* Name of the function at an index of the state's fault tables; NULL beyond the last. */
EXPORT const char *gpuSimulatorFunction(unsigned int index)
{
    return function_name(index);
}

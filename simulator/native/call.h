/* What every exported function begins with: is the driver there, does it know this function, which GPU is meant,
   does that GPU hang, is it slow, lost, or told to fail. */
#ifndef GPU_SIMULATOR_CALL_H
#define GPU_SIMULATOR_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "nvml.h"
#include "state.h"

#define EXPORT __attribute__((visibility("default")))

typedef enum {
#define FUNCTION(name, since) F_##name,
#include "functions.def"
#undef FUNCTION
    FUNCTION_COUNT
} Function;

_Static_assert(FUNCTION_COUNT <= FUNCTION_LIMIT, "raise FUNCTION_LIMIT");

/* Handles are the addresses of these constants, so they outlive a driver reload and cannot dangle. */
typedef enum { HANDLE_GPU, HANDLE_MIG, HANDLE_GPU_INSTANCE, HANDLE_COMPUTE_INSTANCE, HANDLE_KINDS } HandleKind;
struct Handle { unsigned char kind, gpu, slot; };
typedef struct Handle Handle;

typedef struct {
    NodeState *node;
    const GpuState *gpu;
    const MigState *mig; /* NULL unless the handle is a MIG device or instance */
    Function function;
    unsigned int gpu_index;
    unsigned int mig_index;
    bool waits; /* the call sleeps by contract: its time is not counted as time inside the library */
    uint64_t started_nanoseconds, started_processor_nanoseconds;
} Call;

nvmlReturn_t call_begin(Call *call);
nvmlReturn_t call_target(Call *call, const Handle *handle, unsigned int kinds);
void call_end(Call *call);

const Handle *handle_of(HandleKind kind, unsigned int gpu, unsigned int slot);

/* Sequence lock of one GPU: the statement is repeated until no writer was inside meanwhile. */
uint32_t sequence_begin(const GpuState *gpu);
bool sequence_retry(const GpuState *gpu, uint32_t *sequence);

#define CONSISTENT(gpu) \
    for (uint32_t again_ = 1, sequence_ = sequence_begin(gpu); again_; again_ = sequence_retry(gpu, &sequence_))

nvmlReturn_t copy_text(const char *text, size_t limit, char *target, unsigned int length);
uint64_t wall_microseconds(void);
uint64_t steady_nanoseconds(void);

#define KIND(kind) (1u << (kind))
#define RETURN_IF_FAILED(expression) \
    do { \
        nvmlReturn_t failed_ = (expression); \
        if (failed_ != NVML_SUCCESS) \
            return failed_; \
    } while (0)

/* Opens a function of the system: `call` is in scope until it returns. */
#define ENTER(name) \
    __attribute__((cleanup(call_end))) Call call = {.function = F_##name}; \
    RETURN_IF_FAILED(call_begin(&call))

#define ENTER_KINDS(name, handle, kinds) \
    ENTER(name); \
    RETURN_IF_FAILED(call_target(&call, handle, kinds)); \
    const GpuState *gpu __attribute__((unused)) = call.gpu

/* Opens a function of a whole GPU, or of a GPU or MIG device. */
#define ENTER_GPU(name, handle) ENTER_KINDS(name, handle, KIND(HANDLE_GPU))
#define ENTER_DEVICE(name, handle) ENTER_KINDS(name, handle, KIND(HANDLE_GPU) | KIND(HANDLE_MIG))

#define REQUIRE(condition) \
    do { \
        if (!(condition)) \
            return NVML_ERROR_INVALID_ARGUMENT; \
    } while (0)
#define REQUIRE_VERSION(condition) \
    do { \
        if (!(condition)) \
            return NVML_ERROR_ARGUMENT_VERSION_MISMATCH; \
    } while (0)
#define REQUIRE_SUPPORT(condition) \
    do { \
        if (!(condition)) \
            return NVML_ERROR_NOT_SUPPORTED; \
    } while (0)

/* Whole functions: one 32-bit reading, one 64-bit reading, one text. */
#define READ_UINT(name, field) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, unsigned int *value) \
    { \
        ENTER_GPU(name, device); \
        REQUIRE(value != NULL); \
        uint32_t found = gpu->field; \
        REQUIRE_SUPPORT(found != ABSENT); \
        *value = found; \
        return NVML_SUCCESS; \
    }
#define READ_WIDE(name, field) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, Wide *value) \
    { \
        ENTER_GPU(name, device); \
        REQUIRE(value != NULL); \
        uint64_t found = gpu->field; \
        REQUIRE_SUPPORT(found != ABSENT64); \
        *value = found; \
        return NVML_SUCCESS; \
    }
#define READ_TEXT(name, field) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device, char *text, unsigned int length) \
    { \
        ENTER_GPU(name, device); \
        return copy_text(gpu->field, sizeof gpu->field, text, length); \
    }

/* A fixed answer: calls that a data-centre GPU refuses whatever the arguments are. Extra arguments stay in their
   registers untouched, so the signature does not matter. */
#define ANSWER(name, result) \
    EXPORT nvmlReturn_t name(void) \
    { \
        ENTER(name); \
        return result; \
    }
#define ANSWER_GPU(name, result) \
    EXPORT nvmlReturn_t name(nvmlDevice_t device) \
    { \
        ENTER_DEVICE(name, device); \
        return result; \
    }
#define ANSWER_INSTANCE(name, result) \
    EXPORT nvmlReturn_t name(nvmlGpuInstance_t instance) \
    { \
        ENTER_KINDS(name, instance, KIND(HANDLE_GPU_INSTANCE)); \
        return result; \
    }
#define ANSWER_COMPUTE_INSTANCE(name, result) \
    EXPORT nvmlReturn_t name(nvmlComputeInstance_t instance) \
    { \
        ENTER_KINDS(name, instance, KIND(HANDLE_COMPUTE_INSTANCE)); \
        return result; \
    }

#endif

/* Finds and maps the state file, counts initialisations, resolves handles, and plays the faults of a call. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "call.h"
#include "driver.h"

#define HANG_POLL_NANOSECONDS 2000000
#define SPIN_LIMIT_NANOSECONDS 100000
#define SEQUENCE_SPINS 200
#define SEQUENCE_PAUSE_NANOSECONDS 20000
#define SEQUENCE_PATIENCE_NANOSECONDS 500000000ull

static const uint16_t since[FUNCTION_COUNT] = {
#define FUNCTION(name, since) since,
#include "functions.def"
#undef FUNCTION
};

static const char *const names[FUNCTION_COUNT] = {
#define FUNCTION(name, since) #name,
#include "functions.def"
#undef FUNCTION
};

static pthread_mutex_t lifecycle = PTHREAD_MUTEX_INITIALIZER;
static unsigned int initialisations;
static NodeState *mapped;
static dev_t mapped_device;
static ino_t mapped_inode;
static bool mapped_writable;

static const Handle handles[HANDLE_KINDS * GPU_LIMIT * MIG_LIMIT];

const char *function_name(unsigned int function)
{
    return function < FUNCTION_COUNT ? names[function] : NULL;
}

uint64_t steady_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t processor_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t wall_microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void sleep_nanoseconds(uint64_t nanoseconds)
{
    struct timespec left = {.tv_sec = (time_t)(nanoseconds / 1000000000u), .tv_nsec = (long)(nanoseconds % 1000000000u)};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* GPU_SIMULATOR_STATE, else gpu-simulator.state beside the file of this library: a directory with both is a node. */
static bool state_path(char *path, size_t size)
{
    const char *named = getenv("GPU_SIMULATOR_STATE");
    if (named != NULL && named[0] != '\0')
        return (size_t)snprintf(path, size, "%s", named) < size;
    Dl_info self;
    if (dladdr((void *)handles, &self) == 0 || self.dli_fname == NULL)
        return false;
    const char *slash = strrchr(self.dli_fname, '/');
    int directory = slash == NULL ? 1 : (int)(slash - self.dli_fname);
    return (size_t)snprintf(path, size, "%.*s/gpu-simulator.state", directory, slash == NULL ? "." : self.dli_fname) < size;
}

/* Maps the state file, or keeps the mapping if it is the same file. An older mapping stays mapped: other threads may
   be reading it, and reloads are rare. */
static nvmlReturn_t map_state(void)
{
    char path[PATH_MAX];
    struct stat status;
    if (!state_path(path, sizeof path))
        return NVML_ERROR_DRIVER_NOT_LOADED;
    bool writable = true;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        writable = false;
        file = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (file < 0)
        return errno == EACCES ? NVML_ERROR_NO_PERMISSION : NVML_ERROR_DRIVER_NOT_LOADED;
    if (fstat(file, &status) != 0 || (size_t)status.st_size < sizeof(NodeState)) {
        close(file);
        return NVML_ERROR_LIB_RM_VERSION_MISMATCH;
    }
    if (mapped != NULL && status.st_dev == mapped_device && status.st_ino == mapped_inode) {
        close(file);
        return mapped->driver_loaded ? NVML_SUCCESS : NVML_ERROR_DRIVER_NOT_LOADED;
    }
    NodeState *node = mmap(NULL, sizeof(NodeState), writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (node == MAP_FAILED)
        return NVML_ERROR_OPERATING_SYSTEM;
    if (memcmp(node->magic, STATE_MAGIC, sizeof node->magic) != 0 || node->layout_version != STATE_LAYOUT_VERSION ||
        node->total_bytes != sizeof(NodeState) || node->gpu_count > GPU_LIMIT) {
        munmap(node, sizeof(NodeState));
        return NVML_ERROR_LIB_RM_VERSION_MISMATCH;
    }
    if (!node->driver_loaded) {
        munmap(node, sizeof(NodeState));
        return NVML_ERROR_DRIVER_NOT_LOADED;
    }
    mapped_device = status.st_dev;
    mapped_inode = status.st_ino;
    mapped_writable = writable;
    __atomic_store_n(&mapped, node, __ATOMIC_RELEASE);
    return NVML_SUCCESS;
}

nvmlReturn_t driver_open(void)
{
    pthread_mutex_lock(&lifecycle);
    nvmlReturn_t result = map_state();
    if (result == NVML_SUCCESS)
        __atomic_store_n(&initialisations, initialisations + 1, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lifecycle);
    return result;
}

nvmlReturn_t driver_close(void)
{
    pthread_mutex_lock(&lifecycle);
    nvmlReturn_t result = initialisations == 0 ? NVML_ERROR_UNINITIALIZED : NVML_SUCCESS;
    if (result == NVML_SUCCESS)
        __atomic_store_n(&initialisations, initialisations - 1, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lifecycle);
    return result;
}

const Handle *handle_of(HandleKind kind, unsigned int gpu, unsigned int slot)
{
    return &handles[((unsigned int)kind * GPU_LIMIT + gpu) * MIG_LIMIT + slot];
}

static bool stuck(const GpuState *gpu, Function function)
{
    return __atomic_load_n(&gpu->hang, __ATOMIC_ACQUIRE) != 0 ||
           __atomic_load_n(&gpu->function_hang[function], __ATOMIC_ACQUIRE) != 0;
}

/* Long delays sleep, short ones spin: a sleep takes some 60 us more than was asked for. */
static void delay(uint64_t microseconds)
{
    uint64_t wanted = microseconds * 1000u;
    if (wanted > SPIN_LIMIT_NANOSECONDS) {
        sleep_nanoseconds(wanted);
        return;
    }
    uint64_t until = steady_nanoseconds() + wanted;
    while (steady_nanoseconds() < until)
        ;
}

nvmlReturn_t call_begin(Call *call)
{
    if (__atomic_load_n(&initialisations, __ATOMIC_ACQUIRE) == 0)
        return NVML_ERROR_UNINITIALIZED;
    NodeState *node = __atomic_load_n(&mapped, __ATOMIC_ACQUIRE);
    call->node = node;
    call->started_nanoseconds = steady_nanoseconds();
    if (node->measure_processor_time)
        call->started_processor_nanoseconds = processor_nanoseconds();
    if (!__atomic_load_n(&node->driver_loaded, __ATOMIC_ACQUIRE))
        return NVML_ERROR_DRIVER_NOT_LOADED;
    return since[call->function] > node->nvml_header_version ? NVML_ERROR_FUNCTION_NOT_FOUND : NVML_SUCCESS;
}

nvmlReturn_t call_target(Call *call, const Handle *handle, unsigned int kinds)
{
    uintptr_t distance = (uintptr_t)handle - (uintptr_t)handles;
    if (handle == NULL || (uintptr_t)handle < (uintptr_t)handles || distance >= sizeof handles || distance % sizeof *handles != 0)
        return NVML_ERROR_INVALID_ARGUMENT;
    unsigned int index = (unsigned int)(distance / sizeof *handles);
    unsigned int kind = index / (GPU_LIMIT * MIG_LIMIT);
    call->gpu_index = index / MIG_LIMIT % GPU_LIMIT;
    call->mig_index = index % MIG_LIMIT;
    if (call->gpu_index >= call->node->gpu_count)
        return NVML_ERROR_INVALID_ARGUMENT;
    const GpuState *gpu = call->gpu = &call->node->gpus[call->gpu_index];
    while (stuck(gpu, call->function))
        sleep_nanoseconds(HANG_POLL_NANOSECONDS);
    uint64_t latency = (uint64_t)gpu->latency_microseconds + gpu->function_latency_microseconds[call->function];
    if (latency != 0)
        delay(latency);
    if (gpu->lost)
        return NVML_ERROR_GPU_IS_LOST;
    if (kind != HANDLE_GPU) {
        call->mig = &gpu->mig[call->mig_index];
        if (gpu->mig_mode_current != 1 || !call->mig->present)
            return NVML_ERROR_INVALID_ARGUMENT;
    }
    if ((kinds & KIND(kind)) == 0)
        return kind <= HANDLE_MIG && (kinds & KIND(HANDLE_GPU)) ? NVML_ERROR_NOT_SUPPORTED : NVML_ERROR_INVALID_ARGUMENT;
    return gpu->function_result[call->function];
}

void call_end(Call *call)
{
    NodeState *node = call->node;
    if (node == NULL || !mapped_writable)
        return;
    __atomic_fetch_add(&node->calls, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&node->function_calls[call->function], 1, __ATOMIC_RELAXED);
    if (call->waits)
        return;
    __atomic_fetch_add(&node->nanoseconds_inside, steady_nanoseconds() - call->started_nanoseconds, __ATOMIC_RELAXED);
    if (call->started_processor_nanoseconds != 0)
        __atomic_fetch_add(&node->processor_nanoseconds_inside, processor_nanoseconds() - call->started_processor_nanoseconds, __ATOMIC_RELAXED);
}

/* Odd while a writer is inside. A writer may lose its processor there, so the reader sleeps after a short spin; a
   sequence that stays odd for too long belongs to a writer that is dead, and is not waited for again. */
uint32_t sequence_begin(const GpuState *gpu)
{
    static uint32_t abandoned[GPU_LIMIT];
    uint32_t *known = &abandoned[(uintptr_t)gpu / sizeof *gpu % GPU_LIMIT];
    uint64_t until = 0;
    for (unsigned int tries = 0;; tries++) {
        uint32_t sequence = __atomic_load_n(&gpu->sequence, __ATOMIC_ACQUIRE);
        if ((sequence & 1) == 0 || __atomic_load_n(known, __ATOMIC_RELAXED) == sequence)
            return sequence;
        if (tries < SEQUENCE_SPINS) {
            __builtin_ia32_pause();
            continue;
        }
        uint64_t now = steady_nanoseconds();
        if (until == 0)
            until = now + SEQUENCE_PATIENCE_NANOSECONDS;
        if (now >= until)
            __atomic_store_n(known, sequence, __ATOMIC_RELAXED);
        else
            sleep_nanoseconds(SEQUENCE_PAUSE_NANOSECONDS);
    }
}

bool sequence_retry(const GpuState *gpu, uint32_t *sequence)
{
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__atomic_load_n(&gpu->sequence, __ATOMIC_RELAXED) == *sequence)
        return false;
    *sequence = sequence_begin(gpu);
    return true;
}

/* A text of the state as a client's buffer wants it: terminated, or INSUFFICIENT_SIZE. An empty text is absent. */
nvmlReturn_t copy_text(const char *text, size_t limit, char *target, unsigned int length)
{
    if (target == NULL)
        return NVML_ERROR_INVALID_ARGUMENT;
    size_t size = strnlen(text, limit);
    if (size == 0)
        return NVML_ERROR_NOT_SUPPORTED;
    if (size >= length)
        return NVML_ERROR_INSUFFICIENT_SIZE;
    memcpy(target, text, size);
    target[size] = '\0';
    return NVML_SUCCESS;
}

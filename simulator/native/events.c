/* Event sets. The simulator queues events in a ring of the state file; a set remembers how far it has read. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "call.h"

/* A waiter looks at least this often whether the driver is still there. */
#define WAIT_SLICE_MILLISECONDS 100u
#define SYSTEM_EVENTS 3u

struct EventSet {
    uint64_t next; /* number of the next event to look at */
    uint64_t types[GPU_LIMIT];
    uint64_t system_types;
    bool registered;
};

READ_WIDE(nvmlDeviceGetSupportedEventTypes, supported_event_types)

static nvmlReturn_t make_set(struct EventSet **set)
{
    *set = calloc(1, sizeof **set);
    return *set == NULL ? NVML_ERROR_MEMORY : NVML_SUCCESS;
}

/* Events from before the first registration belong to nobody. */
static void start_reading(const NodeState *node, struct EventSet *set)
{
    if (!set->registered)
        set->next = __atomic_load_n(&node->event_count, __ATOMIC_ACQUIRE);
    set->registered = true;
}

/* The next event that the set wants; false if there is none yet. A set that fell behind loses the oldest events. */
static bool take(const NodeState *node, struct EventSet *set, EventState *event)
{
    uint64_t count = __atomic_load_n(&node->event_count, __ATOMIC_ACQUIRE);
    if (count - set->next > EVENT_LIMIT)
        set->next = count - EVENT_LIMIT;
    while (set->next < count) {
        *event = node->events[set->next % EVENT_LIMIT];
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        bool intact = node->events[set->next % EVENT_LIMIT].number == set->next && event->number == set->next;
        set->next++;
        if (!intact)
            continue;
        if (event->kind == EVENT_KIND_DEVICE && event->gpu < GPU_LIMIT && (set->types[event->gpu] & event->type) != 0)
            return true;
        if (event->kind == EVENT_KIND_SYSTEM && (set->system_types & event->type) != 0)
            return true;
    }
    return false;
}

/* A lost GPU ends every wait of the sets it is in, once they have no more events to tell: XID 79 is seen first. */
static bool lost_one(const NodeState *node, const struct EventSet *set)
{
    for (unsigned int gpu = 0; gpu < node->gpu_count && gpu < GPU_LIMIT; gpu++)
        if (set->types[gpu] != 0 && node->gpus[gpu].lost)
            return true;
    return false;
}

static nvmlReturn_t wait_for(const NodeState *node, struct EventSet *set, unsigned int milliseconds, EventState *event)
{
    uint64_t until = steady_nanoseconds() + (uint64_t)milliseconds * 1000000u;
    for (;;) {
        uint32_t wakeups = __atomic_load_n(&node->event_wakeup, __ATOMIC_ACQUIRE);
        if (!__atomic_load_n(&node->driver_loaded, __ATOMIC_ACQUIRE))
            return NVML_ERROR_DRIVER_NOT_LOADED;
        if (take(node, set, event))
            return NVML_SUCCESS;
        if (lost_one(node, set))
            return NVML_ERROR_GPU_IS_LOST;
        uint64_t now = steady_nanoseconds();
        if (now >= until)
            return NVML_ERROR_TIMEOUT;
        uint64_t left = until - now, slice = WAIT_SLICE_MILLISECONDS * 1000000ull;
        struct timespec pause = {.tv_nsec = (long)(left < slice ? left : slice)};
        syscall(SYS_futex, &node->event_wakeup, FUTEX_WAIT, wakeups, &pause, NULL, 0);
    }
}

EXPORT nvmlReturn_t nvmlEventSetCreate(nvmlEventSet_t *set)
{
    ENTER(nvmlEventSetCreate);
    REQUIRE(set != NULL);
    return make_set(set);
}

/* One unsupported type refuses the whole registration. */
EXPORT nvmlReturn_t nvmlDeviceRegisterEvents(nvmlDevice_t device, Wide types, nvmlEventSet_t set)
{
    ENTER_GPU(nvmlDeviceRegisterEvents, device);
    REQUIRE(set != NULL);
    REQUIRE_SUPPORT(gpu->supported_event_types != ABSENT64 && (types & ~gpu->supported_event_types) == 0);
    start_reading(call.node, set);
    set->types[call.gpu_index] |= types;
    return NVML_SUCCESS;
}

static nvmlReturn_t wait_device(Call *call, struct EventSet *set, unsigned int milliseconds, nvmlEventData_t *data)
{
    EventState event;
    call->waits = true;
    RETURN_IF_FAILED(wait_for(call->node, set, milliseconds, &event));
    *data = (nvmlEventData_t){handle_of(HANDLE_GPU, event.gpu, 0), event.type, event.data, event.gpu_instance_id, event.compute_instance_id};
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t *data, unsigned int milliseconds)
{
    ENTER(nvmlEventSetWait_v2);
    REQUIRE(set != NULL && data != NULL);
    return wait_device(&call, set, milliseconds, data);
}

/* The first version of the record has no instance ids: 24 bytes. */
EXPORT nvmlReturn_t nvmlEventSetWait(nvmlEventSet_t set, nvmlEventData_v1_t *data, unsigned int milliseconds)
{
    ENTER(nvmlEventSetWait);
    REQUIRE(set != NULL && data != NULL);
    nvmlEventData_t whole;
    RETURN_IF_FAILED(wait_device(&call, set, milliseconds, &whole));
    *data = (nvmlEventData_v1_t){whole.device, whole.eventType, whole.eventData};
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlEventSetFree(nvmlEventSet_t set)
{
    ENTER(nvmlEventSetFree);
    REQUIRE(set != NULL);
    free(set);
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlSystemEventSetCreate(nvmlSystemEventSetRequest_t *request)
{
    ENTER(nvmlSystemEventSetCreate);
    REQUIRE(request != NULL);
    REQUIRE_VERSION(request->version == VERSION_WORD(16, 1));
    return make_set(&request->set);
}

EXPORT nvmlReturn_t nvmlSystemRegisterEvents(nvmlSystemRegisterEventRequest_t *request)
{
    ENTER(nvmlSystemRegisterEvents);
    REQUIRE(request != NULL);
    REQUIRE_VERSION(request->version == VERSION_WORD(24, 1));
    REQUIRE(request->set != NULL && request->eventTypes != 0);
    REQUIRE_SUPPORT((request->eventTypes & ~(Wide)SYSTEM_EVENTS) == 0);
    start_reading(call.node, request->set);
    request->set->system_types |= request->eventTypes;
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlSystemEventSetWait(nvmlSystemEventSetWaitRequest_t *request)
{
    ENTER(nvmlSystemEventSetWait);
    REQUIRE(request != NULL);
    REQUIRE_VERSION(request->version == VERSION_WORD(32, 1));
    REQUIRE(request->set != NULL && request->data != NULL && request->dataSize != 0);
    call.waits = true;
    request->numEvent = 0;
    EventState event;
    RETURN_IF_FAILED(wait_for(call.node, request->set, request->timeoutms, &event));
    do
        request->data[request->numEvent++] = (nvmlSystemEventData_v1_t){event.type, event.gpu};
    while (request->numEvent < request->dataSize && take(call.node, request->set, &event));
    return NVML_SUCCESS;
}

EXPORT nvmlReturn_t nvmlSystemEventSetFree(nvmlSystemEventSetRequest_t *request)
{
    ENTER(nvmlSystemEventSetFree);
    REQUIRE(request != NULL);
    REQUIRE_VERSION(request->version == VERSION_WORD(16, 1));
    REQUIRE(request->set != NULL);
    free(request->set);
    request->set = NULL;
    return NVML_SUCCESS;
}

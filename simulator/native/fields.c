/* Field values: one reading per id, each with its own return code, value type and time. */
#include "call.h"

#define ALL_LINKS UINT32_MAX
#define HOPPER 9u
#define BLACKWELL 10u

enum { DL_REPLAY, DL_RECOVERY, CRC_FLIT, CRC_DATA, ECC_DATA };
enum { L1, L2, DEVICE, REGISTERS, TEXTURE, SHARED_TEXTURE, CBU };

typedef struct { unsigned int header_version, last_field; } FieldRange;

/* The last field id of each header version. */
static const FieldRange field_ranges[] = {
    {1100, 145}, {1101, 146}, {1102, 147}, {1104, 160}, {1108, 166}, {1200, 169}, {1202, 196}, {1204, 199}, {1205, 200},
    {1206, 229}, {1208, 268}, {1209, 273}, {1301, 288}, {1302, 295}, {1303, 302},
};

static unsigned int last_field(const NodeState *node)
{
    unsigned int last = 0;
    for (unsigned int r = 0; r < sizeof field_ranges / sizeof *field_ranges; r++)
        if (field_ranges[r].header_version <= node->nvml_header_version)
            last = field_ranges[r].last_field;
    return last;
}

static nvmlReturn_t give(nvmlFieldValue_t *value, uint32_t found)
{
    if (found == ABSENT)
        return NVML_ERROR_NOT_SUPPORTED;
    value->valueType = NVML_VALUE_TYPE_UNSIGNED_INT;
    value->value = (nvmlValue_t){.ullVal = found};
    return NVML_SUCCESS;
}

static nvmlReturn_t give_wide(nvmlFieldValue_t *value, uint64_t found)
{
    if (found == ABSENT64)
        return NVML_ERROR_NOT_SUPPORTED;
    value->valueType = NVML_VALUE_TYPE_UNSIGNED_LONG_LONG;
    value->value = (nvmlValue_t){.ullVal = found};
    return NVML_SUCCESS;
}

static nvmlReturn_t give_signed(nvmlFieldValue_t *value, int32_t found)
{
    if (found == ABSENT_SIGNED)
        return NVML_ERROR_NOT_SUPPORTED;
    value->valueType = NVML_VALUE_TYPE_SIGNED_INT;
    value->value = (nvmlValue_t){.siVal = found};
    return NVML_SUCCESS;
}

static nvmlReturn_t ecc_total(const GpuState *gpu, unsigned int type, unsigned int counter, nvmlFieldValue_t *value)
{
    uint64_t total = 0;
    for (unsigned int l = 0; l < 8; l++)
        total += gpu->ecc_counts[type][counter][l] == ABSENT64 ? 0 : gpu->ecc_counts[type][counter][l];
    return gpu->ecc_mode_current == 1 ? give_wide(value, total) : NVML_ERROR_NOT_SUPPORTED;
}

/* 7 to 17 are volatile, 18 to 28 aggregate: corrected and uncorrected by turns, the last one uncorrected only. */
static nvmlReturn_t ecc_location(const GpuState *gpu, unsigned int place, unsigned int counter, nvmlFieldValue_t *value)
{
    static const unsigned char locations[] = {L1, L2, DEVICE, REGISTERS, TEXTURE};
    unsigned int type = place == 10 ? 1 : place % 2;
    unsigned int location = place == 10 ? CBU : locations[place / 2];
    return gpu->ecc_mode_current == 1 ? give_wide(value, gpu->ecc_counts[type][counter][location]) : NVML_ERROR_NOT_SUPPORTED;
}

/* Sum of one 64-bit link field over active links, or of one link. */
#define SUM_LINKS(gpu, scope, field) sum_links(gpu, scope, offsetof(LinkState, field))

static uint64_t sum_links(const GpuState *gpu, unsigned int scope, size_t offset)
{
    uint64_t sum = 0;
    for (unsigned int l = 0; l < gpu->link_count && l < LINK_LIMIT; l++)
        if (gpu->links[l].active == 1 && (scope == ALL_LINKS || scope == l))
            sum += *(const uint64_t *)((const char *)&gpu->links[l] + offset);
    return sum;
}

static bool has_links(const GpuState *gpu)
{
    return gpu->link_count != 0 && gpu->mig_mode_current != 1;
}

static nvmlReturn_t link_error(const GpuState *gpu, unsigned int link, unsigned int error, nvmlFieldValue_t *value)
{
    if (!has_links(gpu) || (link != ALL_LINKS && link >= gpu->link_count))
        return NVML_ERROR_NOT_SUPPORTED;
    return give_wide(value, sum_links(gpu, link, offsetof(LinkState, errors) + error * sizeof(uint64_t)));
}

/* Ids of one error kind: links 0 to 5, their total, links 6 to 11 elsewhere. */
static nvmlReturn_t old_link_field(const GpuState *gpu, unsigned int id, nvmlFieldValue_t *value)
{
    static const unsigned char errors[] = {CRC_FLIT, CRC_DATA, DL_REPLAY, DL_RECOVERY};
    if (id >= 32 && id <= 59)
        return link_error(gpu, (id - 32) % 7 == 6 ? ALL_LINKS : (id - 32) % 7, errors[(id - 32) / 7], value);
    if (id >= 96 && id <= 119)
        return link_error(gpu, 6 + (id - 96) % 6, errors[(id - 96) / 6], value);
    if (id >= 148 && id <= 160)
        return link_error(gpu, id == 160 ? ALL_LINKS : id - 148, ECC_DATA, value);
    if ((id >= 84 && id <= 90) || (id >= 132 && id <= 137)) {
        unsigned int link = id == 90 ? 0 : id <= 89 ? id - 84 : 6 + id - 132;
        return has_links(gpu) && link < gpu->link_count ? give(value, gpu->links[link].speed_megabytes_per_second) : NVML_ERROR_NOT_SUPPORTED;
    }
    return NVML_ERROR_NOT_SUPPORTED; /* 60 to 73 and 120 to 131: traffic counters of the first generations */
}

static nvmlReturn_t link_traffic(const GpuState *gpu, unsigned int id, unsigned int scope, nvmlFieldValue_t *value)
{
    if (!has_links(gpu))
        return NVML_ERROR_NOT_SUPPORTED;
    if (scope != ALL_LINKS && scope >= gpu->link_count)
        return NVML_ERROR_INVALID_ARGUMENT;
    uint64_t data = id % 2 == 0 ? SUM_LINKS(gpu, scope, transmit_kibibytes) : SUM_LINKS(gpu, scope, receive_kibibytes);
    return give_wide(value, id < 140 ? data : data + data / 16); /* raw counts the headers of full 256-byte packets too */
}

static nvmlReturn_t link_field(const GpuState *gpu, unsigned int id, unsigned int scope, nvmlFieldValue_t *value)
{
    if (!has_links(gpu))
        return NVML_ERROR_NOT_SUPPORTED;
    if (scope >= gpu->link_count || scope >= LINK_LIMIT)
        return NVML_ERROR_INVALID_ARGUMENT;
    const LinkState *link = &gpu->links[scope];
    switch (id) {
    case 146: return give(value, link->remote_link);
    case 161: return gpu->architecture >= BLACKWELL ? NVML_ERROR_NOT_SUPPORTED : give_wide(value, link->errors[DL_REPLAY]);
    case 162: return gpu->architecture >= BLACKWELL ? NVML_ERROR_NOT_SUPPORTED : give_wide(value, link->errors[DL_RECOVERY]);
    case 163: return gpu->architecture >= BLACKWELL ? NVML_ERROR_NOT_SUPPORTED : give_wide(value, link->errors[CRC_FLIT]);
    case 164: return give(value, link->active == 1 ? link->speed_megabytes_per_second : 0);
    case 165: return give(value, link->active);
    case 166: return give(value, link->version);
    case 167: return give(value, link->low_power);
    default: break;
    }
    if (gpu->architecture < BLACKWELL)
        return NVML_ERROR_NOT_SUPPORTED; /* 201 and up count in the NVLink 5 port logic */
    switch (id) {
    case 201: return give_wide(value, link->transmit_packets);
    case 202: return give_wide(value, link->transmit_kibibytes * 1024);
    case 203: return give_wide(value, link->receive_packets);
    case 204: return give_wide(value, link->receive_kibibytes * 1024);
    case 219: return give_wide(value, link->counters[11]);
    case 221: return give_wide(value, link->counters[12]);
    default: return id >= 205 && id <= 215 ? give_wide(value, link->counters[id - 205]) : NVML_ERROR_NOT_SUPPORTED;
    }
}

/* Ids 251 to 273 moved between driver branches; power smoothing itself needs boards that are not simulated. */
static nvmlReturn_t moved_field(const NodeState *node, const GpuState *gpu, unsigned int id, nvmlFieldValue_t *value)
{
    unsigned int first = node->field_numbering == FIELD_NUMBERING_EVENTS_FIRST ? 251 : 269;
    if (node->field_numbering == FIELD_NUMBERING_SMOOTHING_FIRST || id < first || id > first + 2)
        return NVML_ERROR_NOT_SUPPORTED;
    return give_wide(value, gpu->event_reason_nanoseconds[id - first]);
}

static nvmlReturn_t power_field(const GpuState *gpu, unsigned int id, unsigned int scope, nvmlFieldValue_t *value)
{
    if (scope > 2)
        return NVML_ERROR_INVALID_ARGUMENT;
    if (scope != 0)
        return NVML_ERROR_NOT_SUPPORTED; /* module power is a Grace reading */
    switch (id) {
    case 185: return give(value, gpu->power_milliwatts);
    case 186: return give(value, gpu->power_instant_milliwatts);
    case 187: return give(value, gpu->power_limit_min_milliwatts);
    case 188: return give(value, gpu->power_limit_max_milliwatts);
    case 189: return give(value, gpu->power_limit_default_milliwatts);
    case 190: return give(value, gpu->power_limit_enforced_milliwatts);
    case 191: return give_wide(value, gpu->energy_millijoules);
    default: return give(value, gpu->power_limit_milliwatts); /* 192: the requested limit */
    }
}

static nvmlReturn_t read_field(const NodeState *node, const GpuState *gpu, unsigned int id, unsigned int scope, nvmlFieldValue_t *value)
{
    if (id >= 3 && id <= 6)
        return ecc_total(gpu, (id - 3) % 2, (id - 3) / 2, value);
    if (id >= 7 && id <= 28)
        return ecc_location(gpu, id < 18 ? id - 7 : id - 18, id >= 18, value);
    if ((id >= 32 && id <= 73) || (id >= 84 && id <= 90) || (id >= 96 && id <= 137) || (id >= 148 && id <= 160))
        return old_link_field(gpu, id, value);
    if (id >= 74 && id <= 81)
        return give_wide(value, gpu->policy_nanoseconds[id < 80 ? id - 74 : id - 70]);
    if (id >= 138 && id <= 141)
        return link_traffic(gpu, id, scope, value);
    if (id == 146 || (id >= 161 && id <= 167) || (id >= 201 && id <= 222) || (id >= 235 && id <= 250))
        return link_field(gpu, id, scope, value);
    if (id >= 173 && id <= 183)
        return give(value, gpu->pcie_errors[id - 172]);
    if (id >= 185 && id <= 192)
        return power_field(gpu, id, scope, value);
    if (id >= 193 && id <= 196)
        return give_signed(value, gpu->temperature_limits_celsius[id - 193]);
    if (id >= 251 && id <= 273)
        return moved_field(node, gpu, id, value);
    switch (id) {
    case 1: return give(value, gpu->ecc_mode_current);
    case 2: return give(value, gpu->ecc_mode_pending);
    case 29: case 30: return give(value, gpu->retired_counts[id - 29]);
    case 31: case 92: case 93: return give(value, gpu->retired_pending);
    case 82: return gpu->temperature_memory_celsius == ABSENT_SIGNED ? NVML_ERROR_NOT_SUPPORTED : give(value, (uint32_t)gpu->temperature_memory_celsius);
    case 83: return give_wide(value, gpu->energy_millijoules);
    case 91: return has_links(gpu) ? give(value, gpu->link_count) : NVML_ERROR_NOT_SUPPORTED;
    case 94: return give(value, gpu->pcie_replays);
    case 95: return give(value, gpu->pcie_replay_rollovers);
    case 142: return give(value, gpu->remapped_correctable);
    case 143: return give(value, gpu->remapped_uncorrectable);
    case 144: return give(value, gpu->remap_pending);
    case 145: return give(value, gpu->remap_failed);
    case 169: return give(value, gpu->pcie_errors[0]);
    case 170: return gpu->c2c_enabled == 1 ? give(value, 0) : NVML_ERROR_NOT_SUPPORTED;
    case 184: return give(value, gpu->mig_mode_current == ABSENT ? ABSENT : gpu->architecture >= HOPPER);
    case 197: return give_wide(value, gpu->pcie_transmit_bytes);
    case 198: return give_wide(value, gpu->pcie_receive_bytes);
    case 226: return give(value, gpu->recovery_action == ABSENT ? ABSENT : gpu->recovery_action == 1);
    case 227: return give(value, gpu->recovery_action == ABSENT ? ABSENT : gpu->recovery_action == 4);
    case 230: return give(value, gpu->recovery_action);
    case 301: return give(value, gpu->remapped_correctable_inactive);
    case 302: return give(value, gpu->remapped_uncorrectable_inactive);
    default: return NVML_ERROR_NOT_SUPPORTED;
    }
}

EXPORT nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t device, int count, nvmlFieldValue_t *values)
{
    ENTER_GPU(nvmlDeviceGetFieldValues, device);
    REQUIRE(values != NULL && count > 0);
    for (int v = 0; v < count; v++) {
        nvmlFieldValue_t *value = &values[v];
        unsigned int id = value->fieldId;
        uint64_t started = steady_nanoseconds();
        if (id == 0 || id > last_field(call.node) || id >= FIELD_LIMIT)
            value->nvmlReturn = NVML_ERROR_INVALID_ARGUMENT;
        else if (gpu->field_result[id] != 0)
            value->nvmlReturn = gpu->field_result[id];
        else
            CONSISTENT (gpu)
                value->nvmlReturn = read_field(call.node, gpu, id, value->scopeId, value);
        value->timestamp = (long long)wall_microseconds();
        value->latencyUsec = (long long)((steady_nanoseconds() - started) / 1000);
    }
    return NVML_SUCCESS;
}

ANSWER_GPU(nvmlDeviceClearFieldValues, NVML_ERROR_NO_PERMISSION)

#include "results/trial_json.h"

#include <stdlib.h>

#include "labctl/cleanup.h"
#include "results/json_fields.h"
#include "results/trial.h"

const char *result_status_text(int value)
{
    return result_status_name((enum result_status)value);
}

static const char *binding_text(int value)
{
    return binding_name((enum binding_kind)value);
}

static const char *code_text(int value)
{
    return lab_error_name((enum lab_error_code)value);
}

static const char *verdict_text(int value)
{
    return verdict_name((enum verdict)value);
}

static const char *fault_text(int value)
{
    return fault_event_name((enum fault_event)value);
}

static const struct field error_fields[] = {
    { "code", FIELD_NAME, AT(result_error, code), NAMED(code_text, LAB_ERR_INTERNAL) },
    { "message", FIELD_STRING, AT(result_error, message) },
};

static const struct field reason_fields[] = {
    { "verdict", FIELD_NAME, AT(verdict_reason, verdict), NAMED(verdict_text, VERDICT_INVALID) },
    { "code", FIELD_TEXT, TEXT_AT(verdict_reason, code) },
    { "message", FIELD_STRING, AT(verdict_reason, message) },
};

static const struct field host_fields[] = {
    { "host", FIELD_TEXT, TEXT_AT(host_result, host) },
    { "address", FIELD_TEXT, TEXT_AT(host_result, address) },
    { "status", FIELD_NAME, AT(host_result, status),
      NAMED(result_status_text, RESULT_INTERRUPTED) },
    { "bytes", FIELD_COUNT, AT(host_result, bytes) },
    { "start_s", FIELD_SECONDS, AT(host_result, start_s) },
    { "finish_s", FIELD_SECONDS, AT(host_result, finish_s) },
    { "goodput_bps", FIELD_COUNT, AT(host_result, goodput_bps) },
    { "verified", FIELD_BOOL, AT(host_result, verified) },
    { "exit", FIELD_EXIT, AT(host_result, exit) },
    { "bad_blocks", FIELD_COUNT, AT(host_result, bad_blocks) },
    { "expected", FIELD_BOOL, AT(host_result, expected), .added = true },
};

static const struct field fault_fields[] = {
    { "fault", FIELD_UNSIGNED, AT(fault_result, fault) },
    { "kind", FIELD_NAME, AT(fault_result, kind), NAMED(fault_text, FAULT_EVENT_JOIN) },
    { "node", FIELD_TEXT, TEXT_AT(fault_result, node) },
    { "planned", FIELD_TEXT, TEXT_AT(fault_result, planned) },
    { "reached", FIELD_BOOL, AT(fault_result, reached) },
    { "at_s", FIELD_SECONDS, AT(fault_result, at_s) },
    { "up_bps", FIELD_COUNT, AT(fault_result, up_bps) },
    { "down_bps", FIELD_COUNT, AT(fault_result, down_bps) },
    { "reason", FIELD_TEXT, TEXT_AT(fault_result, reason) },
};

static const struct field trial_fields[] = {
    { "trial", FIELD_UNSIGNED, AT(trial_result, trial) },
    { "status", FIELD_NAME, AT(trial_result, status),
      NAMED(result_status_text, RESULT_INTERRUPTED) },
    { "server", FIELD_TEXT, TEXT_AT(trial_result, server) },
    { "server_exit", FIELD_EXIT, AT(trial_result, server_exit) },
    { "origin_ns", FIELD_COUNT, AT(trial_result, origin_ns) },
    { "makespan_s", FIELD_SECONDS, AT(trial_result, makespan_s) },
    { "mean_s", FIELD_SECONDS, AT(trial_result, mean_s) },
    { "spread_s", FIELD_SECONDS, AT(trial_result, spread_s) },
    { "start_skew_s", FIELD_SECONDS, AT(trial_result, start_skew_s) },
    { "efficiency", FIELD_RATIO, AT(trial_result, efficiency) },
    { "jain_index", FIELD_RATIO, AT(trial_result, jain_index), .added = true },
    { "verdict", FIELD_NAME, AT(trial_result, verdict), NAMED(verdict_text, VERDICT_INVALID),
      .added = true },
};

/* Parts of a trial that are objects of their own; offsets are still the trial's. */
static const struct field file_fields[] = {
    { "bytes", FIELD_COUNT, AT(trial_result, file_bytes) },
    { "sha256", FIELD_TEXT, TEXT_AT(trial_result, file_sha256) },
};

static const struct field bound_fields[] = {
    { "fluid_s", FIELD_SECONDS, AT(trial_result, bound.fluid_s) },
    { "framed_s", FIELD_SECONDS, AT(trial_result, bound.framed_s) },
    { "binding", FIELD_NAME, AT(trial_result, bound.binding),
      NAMED(binding_text, BINDING_AGGREGATE) },
};

static const struct field damage_fields[] = {
    { "malformed", FIELD_COUNT, AT(trial_result, damage.malformed) },
    { "too_long", FIELD_COUNT, AT(trial_result, damage.too_long) },
    { "partial", FIELD_COUNT, AT(trial_result, damage.partial) },
    { "dropped_bytes", FIELD_COUNT, AT(trial_result, damage.dropped_bytes), .added = true },
};

#define CONDITION(name, kind)                                                                      \
    {                                                                                              \
#name, kind, AT(trial_result, conditions.name), .added = true                              \
    }

static const struct field condition_fields[] = {
    CONDITION(window_s, FIELD_SECONDS),   CONDITION(cpu_busy, FIELD_RATIO),
    CONDITION(cpu_others, FIELD_RATIO),   CONDITION(cpu_steal, FIELD_RATIO),
    CONDITION(cpu_pressure, FIELD_RATIO), CONDITION(wait_max, FIELD_RATIO),
    CONDITION(link_use, FIELD_RATIO),     CONDITION(drop_share, FIELD_RATIO),
    CONDITION(drops, FIELD_COUNT),
};

static const struct {
    const char *key;
    const struct field *fields;
    size_t count;
} trial_parts[] = {
    { "file", file_fields, ARRAY_LENGTH(file_fields) },
    { "bound", bound_fields, ARRAY_LENGTH(bound_fields) },
    { "log_damage", damage_fields, ARRAY_LENGTH(damage_fields) },
    { "conditions", condition_fields, ARRAY_LENGTH(condition_fields) },
};

/* Lists of a trial whose entries are made by a table. */
static const struct list {
    const char *key;
    const struct field *fields;
    size_t count;   /* of fields */
    size_t entries; /* where the trial has a pointer to them ... */
    size_t number;  /* ... and how many there are */
    size_t size;    /* of one */
} lists[] = {
    { "reasons", reason_fields, ARRAY_LENGTH(reason_fields), offsetof(struct trial_result, reasons),
      offsetof(struct trial_result, reason_count), sizeof(struct verdict_reason) },
    { "faults", fault_fields, ARRAY_LENGTH(fault_fields), offsetof(struct trial_result, faults),
      offsetof(struct trial_result, fault_count), sizeof(struct fault_result) },
};

/* --- writing -------------------------------------------------------------- */

void result_error_to_json(cJSON *object, enum result_status status,
                          const struct result_error *error)
{
    if (status != RESULT_OK)
        ENCODE(cJSON_AddObjectToObject(object, "error"), error_fields, error);
}

static void encode_list(cJSON *object, const struct list *list, const struct trial_result *trial)
{
    cJSON *array = cJSON_AddArrayToObject(object, list->key);
    const char *entries = *(char *const *)((const char *)trial + list->entries);
    size_t number = *(const size_t *)((const char *)trial + list->number);
    for (size_t i = 0; i < number; i++) {
        cJSON *entry = cJSON_CreateObject();
        fields_encode(entry, list->fields, list->count, entries + i * list->size);
        cJSON_AddItemToArray(array, entry);
    }
}

cJSON *trial_to_json(const struct trial_result *trial)
{
    cJSON *object = cJSON_CreateObject();
    ENCODE(object, trial_fields, trial);
    result_error_to_json(object, trial->status, &trial->error);
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++)
        encode_list(object, &lists[i], trial);
    for (size_t i = 0; i < ARRAY_LENGTH(trial_parts); i++)
        fields_encode(cJSON_AddObjectToObject(object, trial_parts[i].key), trial_parts[i].fields,
                      trial_parts[i].count, trial);
    cJSON *hosts = cJSON_AddArrayToObject(object, "hosts");
    for (size_t i = 0; i < trial->host_count; i++) {
        cJSON *host = cJSON_CreateObject();
        ENCODE(host, host_fields, &trial->hosts[i]);
        result_error_to_json(host, trial->hosts[i].status, &trial->hosts[i].error);
        cJSON_AddItemToArray(hosts, host);
    }
    return object;
}

/* --- reading -------------------------------------------------------------- */

int result_error_from_json(const cJSON *object, enum result_status status,
                           struct result_error *error, struct lab_error *err)
{
    if (status == RESULT_OK)
        return 0;
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, "error");
    return DECODE(node, error_fields, error, err) < 0 ? lab_error_wrap(err, "\"error\"") : 0;
}

static int decode_host(const cJSON *node, struct host_result *host, struct lab_error *err)
{
    if (DECODE(node, host_fields, host, err) < 0)
        return -1;
    return result_error_from_json(node, host->status, &host->error, err);
}

static int decode_hosts(const cJSON *node, struct trial_result *trial, struct lab_error *err)
{
    size_t count;
    const cJSON *array = fields_array(node, "hosts", &count, err), *item;
    if (!array)
        return -1;
    trial->hosts = calloc(count + 1, sizeof(*trial->hosts));
    if (!trial->hosts)
        return lab_error_memory(err);
    cJSON_ArrayForEach(item, array)
    {
        if (decode_host(item, &trial->hosts[trial->host_count++], err) < 0)
            return lab_error_wrap(err, "host %zu", trial->host_count);
    }
    return 0;
}

/* Runs of older versions have none. */
static int decode_list(const cJSON *node, const struct list *list, struct trial_result *trial,
                       struct lab_error *err)
{
    size_t count, *number = (size_t *)((char *)trial + list->number);
    if (!cJSON_GetObjectItemCaseSensitive(node, list->key))
        return 0;
    const cJSON *array = fields_array(node, list->key, &count, err), *item;
    char *entries = array ? calloc(count + 1, list->size) : NULL;
    if (!entries)
        return array ? lab_error_memory(err) : -1;
    *(char **)((char *)trial + list->entries) = entries;
    cJSON_ArrayForEach(item, array)
    {
        char *entry = entries + (*number)++ * list->size;
        if (fields_decode(item, list->fields, list->count, entry, err) < 0)
            return lab_error_wrap(err, "\"%s\", entry %zu", list->key, *number);
    }
    return 0;
}

int trial_from_json(const cJSON *node, struct trial_result *trial, struct lab_error *err)
{
    if (DECODE(node, trial_fields, trial, err) < 0 ||
        result_error_from_json(node, trial->status, &trial->error, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++)
        if (decode_list(node, &lists[i], trial, err) < 0)
            return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(trial_parts); i++) {
        const cJSON *part = cJSON_GetObjectItemCaseSensitive(node, trial_parts[i].key);
        if (fields_decode(part, trial_parts[i].fields, trial_parts[i].count, trial, err) < 0)
            return lab_error_wrap(err, "\"%s\"", trial_parts[i].key);
    }
    return decode_hosts(node, trial, err);
}

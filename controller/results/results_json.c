/* results.json, written and read by the same tables. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "labctl/cleanup.h"
#include "results/json_fields.h"
#include "results/results.h"
#include "results/trial.h"

/* Largest results.json that is read: 1,000 trials of 6 hosts have about 3 MB. */
#define RESULTS_FILE_MAX (256u << 20)

static const char *status_name(int value)
{
    return result_status_name((enum result_status)value);
}

static const char *model_text(int value)
{
    return model_name((enum model_kind)value);
}

static const char *start_text(int value)
{
    return start_name((enum start_kind)value);
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

#define AT(type, member)         .offset = offsetof(struct type, member)
#define TEXT_AT(type, member)    AT(type, member), .size = sizeof(((struct type *)0)->member)
#define NAMED(function, largest) .name = (function), .names = (int)(largest) + 1

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
    { "status", FIELD_NAME, AT(host_result, status), NAMED(status_name, RESULT_INTERRUPTED) },
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
    { "status", FIELD_NAME, AT(trial_result, status), NAMED(status_name, RESULT_INTERRUPTED) },
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

static const struct field summary_fields[] = {
    { "n", FIELD_SIZE, AT(summary, n) },
    { "min", FIELD_SECONDS, AT(summary, min) },
    { "median", FIELD_SECONDS, AT(summary, median) },
    { "mean", FIELD_SECONDS, AT(summary, mean) },
    { "max", FIELD_SECONDS, AT(summary, max) },
    { "stdev", FIELD_SECONDS, AT(summary, stdev) },
    { "ci_low", FIELD_SECONDS, AT(summary, ci_low), .added = true },
    { "ci_high", FIELD_SECONDS, AT(summary, ci_high), .added = true },
};

static const struct {
    const char *key;
    size_t offset;
    bool added; /* as of a field */
} summaries[] = {
    { "makespan_s", offsetof(struct results, makespan_s), false },
    { "efficiency", offsetof(struct results, efficiency), false },
    { "jain_index", offsetof(struct results, jain_index), true },
};

static const struct field run_fields[] = {
    { "status", FIELD_NAME, AT(results, status), NAMED(status_name, RESULT_INTERRUPTED) },
    { "experiment", FIELD_STRING, AT(results, experiment) },
    { "title", FIELD_STRING, AT(results, title) },
    { "model", FIELD_NAME, AT(results, model), NAMED(model_text, MODEL_EXEC) },
    { "start", FIELD_NAME, AT(results, start), NAMED(start_text, START_STAGGER) },
    { "run_dir", FIELD_STRING, AT(results, run_dir) },
    { "planned_trials", FIELD_UNSIGNED, AT(results, planned_trials) },
};

#define ENCODE(object, table, in)       fields_encode(object, table, ARRAY_LENGTH(table), in)
#define DECODE(object, table, out, err) fields_decode(object, table, ARRAY_LENGTH(table), out, err)

/* --- writing -------------------------------------------------------------- */

static void encode_error(cJSON *object, enum result_status status, const struct result_error *error)
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

static cJSON *encode_trial(const struct trial_result *trial)
{
    cJSON *object = cJSON_CreateObject();
    ENCODE(object, trial_fields, trial);
    encode_error(object, trial->status, &trial->error);
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++)
        encode_list(object, &lists[i], trial);
    for (size_t i = 0; i < ARRAY_LENGTH(trial_parts); i++)
        fields_encode(cJSON_AddObjectToObject(object, trial_parts[i].key), trial_parts[i].fields,
                      trial_parts[i].count, trial);
    cJSON *hosts = cJSON_AddArrayToObject(object, "hosts");
    for (size_t i = 0; i < trial->host_count; i++) {
        cJSON *host = cJSON_CreateObject();
        ENCODE(host, host_fields, &trial->hosts[i]);
        encode_error(host, trial->hosts[i].status, &trial->hosts[i].error);
        cJSON_AddItemToArray(hosts, host);
    }
    return object;
}

static void encode_trials(cJSON *root, const char *key, const struct trial_result *trials,
                          size_t count)
{
    cJSON *array = cJSON_AddArrayToObject(root, key);
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(array, encode_trial(&trials[i]));
}

static void encode_summary(cJSON *root, const struct results *results)
{
    size_t ok = 0, verdicts[VERDICT_INVALID + 1] = { 0 };
    for (size_t i = 0; i < results->trial_count; i++) {
        ok += results->trials[i].status == RESULT_OK;
        verdicts[results->trials[i].verdict]++;
    }
    cJSON *object = cJSON_AddObjectToObject(root, "summary");
    cJSON_AddNumberToObject(object, "trials", (double)results->trial_count);
    cJSON_AddNumberToObject(object, "ok", (double)ok);
    for (enum verdict v = VERDICT_UNKNOWN; v <= VERDICT_INVALID; v++)
        cJSON_AddNumberToObject(object, verdict_name(v), (double)verdicts[v]);
    for (size_t i = 0; i < ARRAY_LENGTH(summaries); i++)
        ENCODE(cJSON_AddObjectToObject(object, summaries[i].key), summary_fields,
               (const char *)results + summaries[i].offset);
}

char *results_to_json(const struct results *results)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "schema", RESULTS_SCHEMA);
    ENCODE(root, run_fields, results);
    encode_error(root, results->status, &results->error);
    encode_trials(root, "trials", results->trials, results->trial_count);
    encode_trials(root, "warmup_trials", results->warmups, results->warmup_count);
    encode_summary(root, results);
    cleanup_free char *text = cJSON_Print(root);
    cJSON_Delete(root);
    return text ? fs_path("%s\n", text) : NULL;
}

/* --- reading -------------------------------------------------------------- */

static int decode_error(const cJSON *object, enum result_status status, struct result_error *error,
                        struct lab_error *err)
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
    return decode_error(node, host->status, &host->error, err);
}

/* The array `key` of `object`; its length in *count. NULL with err set when there is none. */
static const cJSON *get_array(const cJSON *object, const char *key, size_t *count,
                              struct lab_error *err)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsArray(array)) {
        lab_error_set(err, LAB_ERR_INVALID, "\"%s\" is missing or no array", key);
        return NULL;
    }
    *count = (size_t)cJSON_GetArraySize(array);
    return array;
}

static int decode_hosts(const cJSON *node, struct trial_result *trial, struct lab_error *err)
{
    size_t count;
    const cJSON *array = get_array(node, "hosts", &count, err), *item;
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
    const cJSON *array = get_array(node, list->key, &count, err), *item;
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

static int decode_trial(const cJSON *node, struct trial_result *trial, struct lab_error *err)
{
    if (DECODE(node, trial_fields, trial, err) < 0 ||
        decode_error(node, trial->status, &trial->error, err) < 0)
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

static int decode_trials(const cJSON *root, const char *key, struct trial_result **trials,
                         size_t *done, struct lab_error *err)
{
    size_t count;
    const cJSON *array = get_array(root, key, &count, err), *item;
    if (!array)
        return -1;
    *trials = calloc(count + 1, sizeof(**trials));
    if (!*trials)
        return lab_error_memory(err);
    cJSON_ArrayForEach(item, array)
    {
        if (decode_trial(item, &(*trials)[(*done)++], err) < 0)
            return lab_error_wrap(err, "\"%s\", entry %zu", key, *done);
    }
    return 0;
}

static int decode_summary(const cJSON *root, struct results *results, struct lab_error *err)
{
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(root, "summary");
    for (size_t i = 0; i < ARRAY_LENGTH(summaries); i++) {
        const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, summaries[i].key);
        struct summary *summary = (void *)((char *)results + summaries[i].offset);
        *summary = statistics_summarise(NULL, 0);
        if (!node && summaries[i].added)
            continue;
        if (DECODE(node, summary_fields, summary, err) < 0)
            return lab_error_wrap(err, "\"summary\", \"%s\"", summaries[i].key);
    }
    return 0;
}

static int decode_root(const cJSON *root, struct results *results, struct lab_error *err)
{
    const cJSON *schema = cJSON_GetObjectItemCaseSensitive(root, "schema");
    if (!cJSON_IsString(schema) || strcmp(schema->valuestring, RESULTS_SCHEMA) != 0)
        return lab_error_set(err, LAB_ERR_INVALID, "\"schema\" is not \"%s\"", RESULTS_SCHEMA);
    if (DECODE(root, run_fields, results, err) < 0 ||
        decode_error(root, results->status, &results->error, err) < 0 ||
        decode_trials(root, "trials", &results->trials, &results->trial_count, err) < 0 ||
        decode_trials(root, "warmup_trials", &results->warmups, &results->warmup_count, err) < 0)
        return -1;
    return decode_summary(root, results, err);
}

struct results *results_parse(const char *name, const char *text, size_t length,
                              const char *run_dir, struct lab_error *err)
{
    struct json_doc doc;
    struct results *results = calloc(1, sizeof(*results));
    int failed = -1;
    if (!results)
        lab_error_memory(err);
    else if ((failed = json_doc_parse(&doc, name, text, length, err)) == 0 &&
             (failed = decode_root(doc.root, results, err)) < 0)
        lab_error_wrap(err, "%s", name);
    if (results)
        json_doc_close(&doc);
    if (failed < 0) {
        results_free(results);
        return NULL;
    }
    free(results->run_dir);
    results->run_dir = fs_path("%s", run_dir);
    return results;
}

struct results *results_read(const char *run_dir, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/results.json", run_dir);
    size_t length;
    cleanup_free char *text = fs_read_file(path, RESULTS_FILE_MAX, &length, err);
    return text ? results_parse(path, text, length, run_dir, err) : NULL;
}

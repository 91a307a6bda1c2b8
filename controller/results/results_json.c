/* results.json, written and read by the same tables; its trials: trial_json.c. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "labctl/cleanup.h"
#include "results/json_fields.h"
#include "results/results.h"
#include "results/trial_json.h"

/* Largest results.json that is read: 1,000 trials of 6 hosts have about 3 MB. */
#define RESULTS_FILE_MAX (256u << 20)

static const char *model_text(int value)
{
    return model_name((enum model_kind)value);
}

static const char *start_text(int value)
{
    return start_name((enum start_kind)value);
}

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
    { "status", FIELD_NAME, AT(results, status), NAMED(result_status_text, RESULT_INTERRUPTED) },
    { "experiment", FIELD_STRING, AT(results, experiment) },
    { "title", FIELD_STRING, AT(results, title) },
    { "model", FIELD_NAME, AT(results, model), NAMED(model_text, MODEL_EXEC) },
    { "start", FIELD_NAME, AT(results, start), NAMED(start_text, START_STAGGER) },
    { "run_dir", FIELD_STRING, AT(results, run_dir) },
    { "planned_trials", FIELD_UNSIGNED, AT(results, planned_trials) },
};

/* --- writing -------------------------------------------------------------- */

static void encode_trials(cJSON *root, const char *key, const struct trial_result *trials,
                          size_t count)
{
    cJSON *array = cJSON_AddArrayToObject(root, key);
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(array, trial_to_json(&trials[i]));
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
    result_error_to_json(root, results->status, &results->error);
    encode_trials(root, "trials", results->trials, results->trial_count);
    encode_trials(root, "warmup_trials", results->warmups, results->warmup_count);
    encode_summary(root, results);
    cleanup_free char *text = cJSON_Print(root);
    cJSON_Delete(root);
    return text ? fs_path("%s\n", text) : NULL;
}

/* --- reading -------------------------------------------------------------- */

static int decode_trials(const cJSON *root, const char *key, struct trial_result **trials,
                         size_t *done, struct lab_error *err)
{
    size_t count;
    const cJSON *array = fields_array(root, key, &count, err), *item;
    if (!array)
        return -1;
    *trials = calloc(count + 1, sizeof(**trials));
    if (!*trials)
        return lab_error_memory(err);
    cJSON_ArrayForEach(item, array)
    {
        if (trial_from_json(item, &(*trials)[(*done)++], err) < 0)
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
        result_error_from_json(root, results->status, &results->error, err) < 0 ||
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

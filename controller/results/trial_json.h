/* A trial in results.json, written and read by the same tables. Used by results_json.c alone. */
#ifndef LABCTL_TRIAL_JSON_H
#define LABCTL_TRIAL_JSON_H

#include <cjson/cJSON.h>

#include "labctl/error.h"
#include "results/results.h"

/* Caller deletes. */
cJSON *trial_to_json(const struct trial_result *trial);

/* Fill `trial`, which is zeroed. Returns 0, or -1 with err set; trial_clear() in either case. */
int trial_from_json(const cJSON *node, struct trial_result *trial, struct lab_error *err);

/* "error" of a run, a trial or a host; only those whose status is not ok have one. */
void result_error_to_json(cJSON *object, enum result_status status,
                          const struct result_error *error);
int result_error_from_json(const cJSON *object, enum result_status status,
                           struct result_error *error, struct lab_error *err);

/* result_status_name(), as tables of fields want it. */
const char *result_status_text(int value);

#endif

/* One trial: its logs to its measures. Used in this folder alone. */
#ifndef LABCTL_TRIAL_H
#define LABCTL_TRIAL_H

#include "experiment/plan.h"
#include "results/results.h"

/* What all trials of a run share. */
struct trial_context {
    const struct plan *plan; /* borrowed; with its experiment */
    struct event_log *log;   /* scratch, used for one log after another */
};

/* Compute the trial whose logs are below `trial_dir`. `result` is zeroed but for its
 * trial number. Returns 0, or -1 with err set when out of memory. */
int trial_compute(struct trial_result *result, const char *trial_dir,
                  const struct trial_context *context, struct lab_error *err);

void trial_clear(struct trial_result *result);

/* Set an error; a NULL *error stays as it is when it already has one. Message by printf. */
void result_error_set(struct result_error *error, enum lab_error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The status that goes with an error's code. */
enum result_status result_status_of(enum lab_error_code code);

#endif

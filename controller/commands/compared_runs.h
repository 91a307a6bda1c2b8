/* Two runs beside each other: whether they differ, in what, and what to be wary of. */
#ifndef LABCTL_COMPARED_RUNS_H
#define LABCTL_COMPARED_RUNS_H

#include <cjson/cJSON.h>

#include "labctl/error.h"
#include "results/record_differences.h"
#include "results/results.h"
#include "results/run_comparison.h"

#define COMPARED_WARNINGS_MAX 8

/* Both runs, and what there is to say of them. */
struct compared_runs {
    const char *dirs[2]; /* as given; borrowed */
    struct results *results[2];
    struct run_comparison figures;
    struct record_differences experiments, machines;
    char *warnings[COMPARED_WARNINGS_MAX]; /* owned */
    size_t warning_count;
};

/* Read the runs in the directories `a` and `b`, which are borrowed, and compare them. Returns 0,
 * or -1 with err set; compared_runs_clear() in either case. */
int compared_runs_load(struct compared_runs *c, const char *a, const char *b,
                       struct lab_error *err);

/* In words, to stdout. */
void compared_runs_print(const struct compared_runs *c);

/* Caller deletes. */
cJSON *compared_runs_to_json(const struct compared_runs *c);

void compared_runs_clear(struct compared_runs *c);

#endif

/* The runs that a report is about. */
#ifndef LABCTL_RUN_SET_H
#define LABCTL_RUN_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "experiment/experiment.h"
#include "labctl/error.h"
#include "report/series.h"
#include "results/results.h"

struct report_run {
    char *path; /* as found: the root that was given and the way down from it */
    struct experiment *experiment;
    struct results *results;
    bool latest; /* the newest run of its experiment, by the name of its directory */

    /* Of the latest run only: its most typical trial, and per client the bytes it held
     * over time (x in seconds, y in bytes). NULL when no trial has anything to show. */
    const struct trial_result *shown;
    struct series *series; /* owned; shown->host_count of them */
};

/* Sorted by name of experiment, then by the name of the run's directory, oldest first. */
struct run_set {
    struct report_run *runs;
    size_t count;
    size_t passed_over; /* directories that were named on `notes` and left out */
};

/* Find and load every run below the roots, leaving out the directory `skip` (the report
 * itself). Unfinished and damaged runs are named on `notes` and passed over. Returns 0, or
 * -1 with err set when a root cannot be read. Free with run_set_clear() in either case. */
int run_set_load(struct run_set *set, const char *const *roots, size_t count, const char *skip,
                 FILE *notes, struct lab_error *err);

void run_set_clear(struct run_set *set);

/* Last component of a run's path: its timestamp. Borrowed from the run. */
const char *run_stamp(const struct report_run *run);

#endif

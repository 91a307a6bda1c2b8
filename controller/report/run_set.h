/* The runs that a report is about. */
#ifndef LABCTL_RUN_SET_H
#define LABCTL_RUN_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "experiment/experiment.h"
#include "labctl/error.h"
#include "report/detail.h"
#include "report/sweep_run.h"
#include "results/results.h"

struct report_run {
    char *path; /* as found: the root that was given and the way down from it */
    struct experiment *experiment;
    struct results *results;
    const struct sweep_run *sweep; /* that it is a cell of, or NULL; borrowed from the set */
    const struct cell *cell;       /* what the sweep tells of it, or NULL; likewise */
    bool latest;  /* the newest run of its experiment, by the name of its directory */
    bool plotted; /* has plots of its own: among the first experiments by name */

    /* Its most typical trial, NULL when no trial has anything to show; and what the logs
     * of that trial tell, gathered by transfers_read(). */
    const struct trial_result *shown;
    struct run_detail detail;
};

/* A directory that was named on `notes`, and why: it was left out, or something in it was. */
struct passed_over {
    char *path, *why;
};

/* Experiments that get plots of their own; the tables and the page have all. */
#define PLOTTED_MAX 20

/* Sorted by name of experiment, then by the name of the run's directory, oldest first. */
struct run_set {
    struct report_run *runs;
    size_t count;
    struct sweep_run **sweeps; /* that the runs are cells of, in the order they were found */
    size_t sweep_count;
    struct passed_over *passed;
    size_t passed_count;
    size_t left_out; /* how many of them are no part of the report at all */
};

/* Find and load every run below the roots, leaving out the directory `skip` (the report
 * itself). What is unfinished, damaged or no run is named on `notes` and passed over. Returns 0, or
 * -1 with err set when a root cannot be read. Free with run_set_clear() in either case. */
int run_set_load(struct run_set *set, const char *const *roots, size_t count, const char *skip,
                 FILE *notes, struct lab_error *err);

void run_set_clear(struct run_set *set);

/* Timestamp of a run, or of the sweep that it is a cell of: the name of the directory.
 * Borrowed from the run. */
const char *run_stamp(const struct report_run *run);

#endif

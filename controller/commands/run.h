/* One run of one experiment, from a fresh run directory to its results. */
#ifndef LABCTL_RUN_H
#define LABCTL_RUN_H

#include <stdbool.h>

#include "experiment/experiment.h"
#include "labctl/error.h"
#include "results/results.h"

struct run_request {
    const struct experiment *experiment;
    const char *output; /* folder that run directories go to */
    const char *resume; /* run directory to complete, or NULL: a fresh one */
    bool quiet;
};

/* Run it, and put its results into the run directory. Failed trials are results.
 * Caller frees with results_free(); NULL with err set when there are none: the machine
 * cannot run it, or the run directory cannot be written. SIGINT, SIGTERM and SIGHUP end the
 * run early, with results of status "interrupted". */
struct results *run_experiment(const struct run_request *request, struct lab_error *err);

/* Write RUN_DIR/experiment.json, and make sure that it can be read back. */
int run_write_record(const struct experiment *experiment, const char *run_dir,
                     struct lab_error *err);

#endif

/* Run a sweep: every trial of every cell in a sandbox of its own. */
#ifndef LABCTL_RUN_SWEEP_H
#define LABCTL_RUN_SWEEP_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "experiment/sweep.h"
#include "labctl/error.h"
#include "results/sweep_results.h"

#define SWEEP_JOBS_MAX 256

struct sweep_request {
    const struct sweep *sweep;
    const char *output; /* folder that run directories go to */
    const char *resume; /* run directory to complete, or NULL: a fresh one */
    struct sweep_shard shard;
    unsigned jobs; /* trials at once, at most SWEEP_JOBS_MAX */
    bool quiet;
};

/* Run what is missing, and put results.json into the run directory. Failed cells are results.
 * Caller deletes what is returned; NULL with err set when there is nothing: this machine can
 * run no cell, or the run directory cannot be written. SIGINT, SIGTERM and SIGHUP end the sweep
 * early, with results of status "interrupted"; what is finished is kept. */
cJSON *run_sweep(const struct sweep_request *request, struct lab_error *err);

#endif

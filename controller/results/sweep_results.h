/* results.json of a sweep: what its cells came to. It is made from the sweep's record and the
 * results.json of every cell, and docs/results-format.md explains it. */
#ifndef LABCTL_SWEEP_RESULTS_H
#define LABCTL_SWEEP_RESULTS_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "experiment/sweep.h"
#include "labctl/error.h"

#define SWEEP_RESULTS_SCHEMA "labctl.sweep/1"

/* Which share of the cells is run here; 1 of 1 is all. */
struct sweep_shard {
    unsigned number; /* from 1 */
    unsigned of;
};

/* Whether `run_dir` is the run directory of a sweep. */
bool sweep_is_at(const char *run_dir);

/* The directory of a cell in that of its sweep. Caller frees. */
char *sweep_cell_dir(const char *run_dir, unsigned cell);

/* Whether the shard has each cell: of_cell[cell - 1]. Caller frees; NULL when out of memory. */
bool *sweep_shard_cells(const struct sweep *sweep, struct sweep_shard shard);

/* The results of the shard's cells below `run_dir`; cells that have no results yet are
 * interrupted. `final_path` is what "run_dir" tells. Caller deletes; NULL with err set. */
cJSON *sweep_results_make(const struct sweep *sweep, struct sweep_shard shard, const char *run_dir,
                          const char *final_path, struct lab_error *err);

/* Write RUN_DIR/results.json in one step. */
int sweep_results_write(const cJSON *results, const char *run_dir, struct lab_error *err);

/* RUN_DIR/results.json of a sweep or a cell, as it stands; NULL when there is none to be read.
 * Caller deletes. */
cJSON *sweep_results_read(const char *run_dir);

/* The shard that RUN_DIR/results.json tells of; all, when there is none. */
struct sweep_shard sweep_results_shard(const char *run_dir);

/* A line for each cell, at most 80 columns but for the values. */
void sweep_results_print(const cJSON *results, FILE *out);

/* Exit status of labctl for these results: 0, 1, 3 or 130. */
int sweep_results_exit_status(const cJSON *results);

#endif

/* The cells of a sweep on disk: each has a run directory of its own. */
#ifndef LABCTL_SWEEP_CELLS_H
#define LABCTL_SWEEP_CELLS_H

#include "commands/sweep_schedule.h"
#include "results/sweep_results.h"
#include "rundir/shared_store.h"

/* The cells of a shard, below the sweep's directory, with what is there already. Files that
 * they distribute are put into the store. Caller frees with cells_free(); NULL with err set. */
struct cell *cells_load(const struct sweep *sweep, struct sweep_shard shard, const char *run_dir,
                        struct shared_store *store, size_t *count, struct lab_error *err);

void cells_free(struct cell *cells, size_t count);

/* Make the cell's run directory, unless it is there, and the room for a trial: what a half-done
 * one left is removed. *file is what is known of the file it distributes. */
int cell_prepare(struct cell *cell, const struct experiment *experiment, struct trial_id trial,
                 const struct shared_store *store, const struct shared_file **file,
                 struct lab_error *err);

/* Whether no trial of it runs or is to come, as far as is known now. */
bool cell_is_over(const struct cell *cell);

/* Write results.json of the cell from its logs, and complete its manifest. `final_path` is where
 * the sweep's directory will be. Nothing to do, where nothing was run. */
int cell_complete(struct cell *cell, const char *final_path, struct lab_error *err);

#endif

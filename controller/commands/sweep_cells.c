#include "commands/sweep_cells.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "commands/run.h"
#include "commands/signals.h"
#include "experiment/bounds.h"
#include "labctl/cleanup.h"
#include "results/results.h"
#include "rundir/inventory.h"
#include "rundir/manifest.h"

/* --- what there is -------------------------------------------------------- */

static bool has(const struct cell *cell, const char *name)
{
    cleanup_free char *path = fs_path("%s/%s", cell->dir, name);
    return access(path, F_OK) == 0;
}

/* Trials of an earlier run that this one completes. */
static void count_done(struct cell *cell)
{
    for (unsigned i = 1; i <= cell->warmup; i++)
        cell->done += inventory_has(cell->dir, (struct trial_id){ i, true });
    for (unsigned i = 1; i <= cell->planned; i++)
        cell->done += inventory_has(cell->dir, (struct trial_id){ i, false });
    cell->touched = !has(cell, "results.json");
}

static int load(struct cell *cell, const struct sweep *sweep, const char *run_dir,
                struct shared_store *store, struct lab_error *err)
{
    uint64_t bytes;
    struct experiment *experiment = sweep_cell(sweep, cell->number, err);
    int failed = experiment ? experiment_check_file(experiment, &bytes, err) : -1;
    if (failed == 0)
        failed = shared_store_add(store, experiment, &signals_stop, err);
    if (failed == 0) {
        cell->dir = sweep_cell_dir(run_dir, cell->number);
        cell->warmup = experiment->warmup;
        cell->planned = cell->max_planned = experiment_first_trials(experiment);
        if (experiment->until.ci > 0)
            cell->max_planned = experiment->until.max_trials;
        cell->bound_s = bound_makespan(experiment, bytes).framed_s;
        count_done(cell);
    }
    experiment_free(experiment);
    return failed;
}

struct cell *cells_load(const struct sweep *sweep, struct sweep_shard shard, const char *run_dir,
                        struct shared_store *store, size_t *count, struct lab_error *err)
{
    cleanup_free bool *mine = sweep_shard_cells(sweep, shard);
    struct cell *cells = calloc((size_t)sweep->cells + 1, sizeof(*cells));
    *count = 0;
    if (!mine || !cells) {
        free(cells);
        lab_error_memory(err);
        return NULL;
    }
    for (unsigned number = 1; number <= sweep->cells; number++) {
        if (!mine[number - 1])
            continue;
        struct cell *cell = &cells[(*count)++];
        cell->number = number;
        if (load(cell, sweep, run_dir, store, err) < 0) {
            cells_free(cells, *count);
            return NULL;
        }
    }
    return cells;
}

void cells_free(struct cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(cells[i].dir);
        free(cells[i].cause);
    }
    free(cells);
}

/* --- its directory -------------------------------------------------------- */

static int make_directory(const struct cell *cell, const struct experiment *experiment,
                          struct lab_error *err)
{
    struct manifest manifest = { .experiment = experiment };
    clock_gettime(CLOCK_REALTIME, &manifest.started);
    if (fs_make_dirs(cell->dir, err) < 0 || manifest_write(&manifest, cell->dir, err) < 0)
        return -1;
    return run_write_record(experiment, cell->dir, err);
}

/* Results of an earlier run do not tell of what is run now: should this run be killed, no one
 * may take them for the whole. */
static int forget_results(struct cell *cell, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/results.json", cell->dir);
    cell->touched = true;
    if (unlink(path) < 0 && errno != ENOENT)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot remove %s", path);
    return 0;
}

int cell_prepare(struct cell *cell, const struct experiment *experiment, struct trial_id trial,
                 const struct shared_store *store, const struct shared_file **file,
                 struct lab_error *err)
{
    cleanup_free char *trial_dir = plan_trial_dir(cell->dir, trial.number, trial.warmup);
    if (!has(cell, "experiment.json") && make_directory(cell, experiment, err) < 0)
        return -1;
    if (fs_remove_tree(trial_dir, err) < 0 || forget_results(cell, err) < 0)
        return -1;
    return shared_store_link(store, experiment, cell->dir, file, err);
}

/* --- its end -------------------------------------------------------------- */

bool cell_is_over(const struct cell *cell)
{
    if (cell->running > 0)
        return false;
    return cell->given_up ||
           (cell->planned == cell->max_planned && cell->done >= cell->warmup + cell->planned);
}

int cell_complete(struct cell *cell, const char *final_path, struct lab_error *err)
{
    if (!cell->touched || !has(cell, "experiment.json"))
        return 0;
    struct results *results = results_compute(cell->dir, err);
    if (!results)
        return -1;
    if (cell->cause)
        results_set_cause(results, cell->cause);
    free(results->run_dir);
    results->run_dir = sweep_cell_dir(final_path, cell->number);
    int failed = results_write(results, cell->dir, err);
    if (failed == 0)
        failed = manifest_finish(cell->dir, result_status_name(results->status), err);
    cleanup_free char *link = fs_path("%s/" SHARED_FILE_NAME, cell->dir);
    unlink(link);
    cell->touched = failed != 0;
    results_free(results);
    return failed;
}

#include "commands/run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fs.h"
#include "commands/programs.h"
#include "commands/progress.h"
#include "commands/session.h"
#include "commands/signals.h"
#include "experiment/plan.h"
#include "labctl/cleanup.h"
#include "rundir/inventory.h"
#include "rundir/manifest.h"
#include "rundir/rundir.h"
#include "rundir/shared_file.h"

#define LONGEST_WAIT_NS 1000000000u

/* A run in the making. */
struct run {
    const struct run_request *request;
    const struct plan *plan;
    const char *nodes_dir;
    struct rundir *rundir;
    struct manifest manifest;
    struct shared_file file;
    struct progress *progress;
    struct lab_error cause; /* why it ended early, or LAB_ERR_NONE */
    bool begun;             /* there is a trial */
};

int run_write_record(const struct experiment *experiment, const char *run_dir,
                     struct lab_error *err)
{
    cleanup_free char *text = experiment_to_json(experiment);
    cleanup_free char *path = fs_path("%s/experiment.json", run_dir);
    if (!text)
        return lab_error_memory(err);
    if (fs_write_file(path, text, strlen(text), err) < 0)
        return -1;
    /* The results are made from the record: better know now than after the last trial. */
    struct experiment *again = experiment_read(path, err);
    experiment_free(again);
    return again ? 0 : lab_error_wrap(err, "the record of the experiment cannot be read back");
}

/* --- the trials ----------------------------------------------------------- */

static void run_trials(struct run *run, const struct trial_list *trials)
{
    sigset_t before;
    struct session session = {
        .input = { .plan = run->plan,
                   .run_dir = run->rundir->path,
                   .nodes_dir = run->nodes_dir,
                   .trials = trials->at,
                   .trial_count = trials->count,
                   .sha256 = run->file.sha256[0] ? run->file.sha256 : NULL,
                   .file_bytes = run->file.bytes },
        .progress = run->progress,
    };
    signals_block(&before);
    session_start(&session);
    while (!session.over) {
        if (signals_stop)
            session_stop(&session);
        if (!session.over)
            session_wait(&(struct session *){ &session }, 1, LONGEST_WAIT_NS, &before);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    run->begun = run->begun || session.any_trial;
    run->cause = session.cause;
}

/* Run those of the first `planned` trials that are missing. */
static int run_missing(struct run *run, unsigned planned, struct lab_error *err)
{
    const struct experiment *experiment = run->request->experiment;
    struct trial_list missing;
    int failed = inventory_missing(run->rundir->path, experiment->warmup, planned, &missing, err);
    run->begun = run->begun || missing.count < (size_t)experiment->warmup + planned;
    if (failed == 0 && missing.count > 0)
        run_trials(run, &missing);
    free(missing.at);
    return failed;
}

/* Run what there is to run; how many trials that is may depend on what those before came to
 * ("until"). Returns the results, or NULL with err set when there are none. */
static struct results *run_until_done(struct run *run, struct lab_error *err)
{
    unsigned planned = experiment_first_trials(run->request->experiment);
    for (;;) {
        if (run_missing(run, planned, err) < 0)
            return NULL;
        if (!run->begun && run->cause.code != LAB_ERR_INTERRUPTED) {
            *err = run->cause;
            return NULL;
        }
        struct results *results = results_compute(run->rundir->path, err);
        if (!results || session_is_hopeless(&run->cause) || results->planned_trials <= planned)
            return results;
        planned = results->planned_trials;
        results_free(results);
    }
}

/* --- the run directory ---------------------------------------------------- */

/* Complete the run directory with the results. */
static int complete(struct run *run, struct results *results, struct lab_error *err)
{
    struct rundir *rundir = run->rundir;
    results_set_cause(results, &run->cause);
    free(results->run_dir);
    results->run_dir = fs_path("%s", rundir->final_path);
    run->manifest.status = result_status_name(results->status);
    clock_gettime(CLOCK_REALTIME, &run->manifest.finished);
    shared_file_release(run->manifest.experiment, rundir->path);
    if (results_write(results, rundir->path, err) == 0 &&
        manifest_write(&run->manifest, rundir->path, err) == 0 && rundir_finish(rundir, err) == 0)
        return 0;
    if (run->cause.code != LAB_ERR_NONE)
        return lab_error_wrap(err, "%s; and the results could not be kept", run->cause.message);
    return lab_error_wrap(err, "the results could not be kept");
}

/* Record what is to run, or with --resume that it goes on. */
static int record(struct run *run, struct lab_error *err)
{
    const char *run_dir = run->rundir->path;
    clock_gettime(CLOCK_REALTIME, &run->manifest.started);
    if (run->request->resume) {
        if (manifest_keep(run_dir, err) < 0)
            return -1;
    } else if (run_write_record(run->request->experiment, run_dir, err) < 0) {
        return -1;
    }
    return manifest_write(&run->manifest, run_dir, err);
}

static struct results *run_in_directory(struct run *run, struct lab_error *err)
{
    const struct experiment *experiment = run->request->experiment;
    const char *run_dir = run->rundir->path;
    struct results *results = NULL;
    uint64_t bytes;
    signals_catch();
    if (experiment_check_file(experiment, &bytes, err) == 0 && record(run, err) == 0 &&
        shared_file_prepare(experiment, run_dir, &signals_stop, &run->file, err) == 0) {
        run->progress = progress_begin(experiment, bytes, run->request->quiet);
        results = run_until_done(run, err);
        progress_end(run->progress);
    }
    if (!results && !run->request->resume && !run->begun) {
        struct lab_error ignored; /* a refused run leaves no run directory; a trial always does */
        fs_remove_tree(run_dir, &ignored);
    } else if (results && complete(run, results, err) < 0) {
        results_free(results);
        return NULL;
    }
    return results;
}

static int open_directory(struct rundir *rundir, const struct run_request *request,
                          struct lab_error *err)
{
    return request->resume ? rundir_reopen(rundir, request->resume, err)
                           : rundir_create(rundir, request->output, request->experiment->name, err);
}

struct results *run_experiment(const struct run_request *request, struct lab_error *err)
{
    struct rundir rundir = RUNDIR_INIT;
    struct results *results = NULL;
    cleanup_free char *nodes_dir = programs_find(err);
    struct plan *plan = NULL;
    if (nodes_dir && programs_check(request->experiment->exec.needs, err) == 0)
        plan = plan_build(request->experiment, err);
    if (plan && open_directory(&rundir, request, err) == 0) {
        struct run run = { .request = request,
                           .plan = plan,
                           .nodes_dir = nodes_dir,
                           .rundir = &rundir,
                           .manifest.experiment = request->experiment };
        results = run_in_directory(&run, err);
    }
    if (!results)
        lab_error_wrap(err, "%s", request->experiment->name);
    rundir_release(&rundir);
    plan_free(plan);
    return results;
}

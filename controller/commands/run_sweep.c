#include "commands/run_sweep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "commands/programs.h"
#include "commands/session.h"
#include "commands/signals.h"
#include "commands/sweep_cells.h"
#include "commands/sweep_progress.h"
#include "labctl/cleanup.h"
#include "labctl/event_writer.h"
#include "rundir/inventory.h"
#include "rundir/manifest.h"
#include "rundir/rundir.h"
#include "supervise/cpu_usage.h"

#define LONGEST_WAIT_NS 1000000000u

/* A trial that is running. */
struct job {
    struct session session;
    struct cell *cell; /* NULL: this place is free */
    struct experiment *experiment;
    struct plan *plan;
    struct trial_id trial;
    uint64_t began_ns;
};

struct run {
    const struct sweep_request *request;
    const char *nodes_dir;
    struct rundir *rundir;
    struct cell *cells;
    size_t cell_count;
    struct shared_store store;
    struct schedule schedule;
    struct sweep_progress progress;
    struct job *jobs; /* request->jobs of them */
    bool stopping;
};

/* --- one trial ------------------------------------------------------------ */

static void give_up(struct run *run, struct cell *cell, const struct lab_error *cause)
{
    cell->given_up = true;
    cell->cause = cell->cause ? cell->cause : malloc(sizeof(*cause));
    if (cell->cause)
        *cell->cause = *cause;
    sweep_progress_tell(&run->progress, cell, cause->message);
}

static void release_job(struct job *job)
{
    plan_free(job->plan);
    experiment_free(job->experiment);
    *job = (struct job){ 0 };
}

static int begin_job(struct run *run, struct job *job, struct lab_error *err)
{
    const struct shared_file *file;
    job->experiment = sweep_cell(run->request->sweep, job->cell->number, err);
    if (!job->experiment ||
        cell_prepare(job->cell, job->experiment, job->trial, &run->store, &file, err) < 0 ||
        programs_check(job->experiment->exec.needs, err) < 0)
        return -1;
    job->plan = plan_build(job->experiment, err);
    if (!job->plan)
        return -1;
    job->session.input = (struct supervise_input){ .plan = job->plan,
                                                   .run_dir = job->cell->dir,
                                                   .nodes_dir = run->nodes_dir,
                                                   .trials = &job->trial,
                                                   .trial_count = 1,
                                                   .sha256 = file->sha256,
                                                   .file_bytes = file->bytes };
    job->began_ns = event_now();
    session_start(&job->session);
    return 0;
}

/* The sandbox of a trial has ended: what came of it, and whether its cell goes on. */
static void end_job(struct run *run, struct job *job)
{
    const struct lab_error *cause = &job->session.cause;
    struct cell *cell = job->cell;
    struct lab_error problem = LAB_ERROR_INIT;
    cell->running--;
    if (inventory_has(cell->dir, job->trial)) {
        cell->done++;
        cell->failed += cause->code != LAB_ERR_NONE;
        cell->spent_s += (double)(event_now() - job->began_ns) / 1e9;
        cell->timed++;
    }
    if (cause->code != LAB_ERR_NONE && cause->code != LAB_ERR_INTERRUPTED) {
        if (session_is_hopeless(cause))
            give_up(run, cell, cause);
        else
            sweep_progress_tell(&run->progress, cell, cause->message);
    }
    if (cell_is_over(cell) && cell_complete(cell, run->rundir->final_path, &problem) < 0)
        sweep_progress_tell(&run->progress, cell, problem.message);
    release_job(job);
    sweep_progress_show(&run->progress, true);
}

/* --- all trials ----------------------------------------------------------- */

static struct job *find_place(struct run *run)
{
    for (unsigned i = 0; i < run->request->jobs; i++)
        if (!run->jobs[i].cell)
            return &run->jobs[i];
    return NULL;
}

/* Start trials while there are places and trials. */
static void start_jobs(struct run *run)
{
    struct job *job;
    while (!run->stopping && (job = find_place(run)) != NULL) {
        struct lab_error problem = LAB_ERROR_INIT;
        struct cell *cell;
        if (schedule_next(&run->schedule, &cell, &job->trial) != SCHEDULE_TRIAL)
            return;
        job->cell = cell;
        cell->running++;
        if (begin_job(run, job, &problem) == 0)
            continue;
        cell->running--;
        give_up(run, cell, &problem);
        if (cell_is_over(cell))
            cell_complete(cell, run->rundir->final_path, &problem);
        release_job(job);
    }
}

/* Wait for the running trials. Returns false when there are none. */
static bool watch_jobs(struct run *run, const sigset_t *signals)
{
    struct session *sessions[SWEEP_JOBS_MAX];
    size_t count = 0;
    bool over = false;
    for (unsigned i = 0; i < run->request->jobs; i++) {
        if (!run->jobs[i].cell)
            continue;
        sessions[count++] = &run->jobs[i].session;
        over = over || run->jobs[i].session.over;
    }
    if (count > 0 && !over)
        session_wait(sessions, count, LONGEST_WAIT_NS, signals);
    for (unsigned i = 0; i < run->request->jobs; i++)
        if (run->jobs[i].cell && run->jobs[i].session.over)
            end_job(run, &run->jobs[i]);
    return count > 0;
}

static void stop_jobs(struct run *run)
{
    run->stopping = true;
    for (unsigned i = 0; i < run->request->jobs; i++)
        if (run->jobs[i].cell)
            session_stop(&run->jobs[i].session);
}

static void run_trials(struct run *run)
{
    sigset_t before;
    signals_block(&before);
    do {
        if (signals_stop)
            stop_jobs(run);
        start_jobs(run);
        sweep_progress_show(&run->progress, false);
    } while (watch_jobs(run, &before));
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/* --- how busy the machine was --------------------------------------------- */

/* From these shares on, it is worth a look whether some figures are those of the processors and
 * not of the links. Over a whole sweep nobody can tell: most of the time may have gone to building
 * networks, or have been that of one cell. The verdicts go by the window of each trial. */
#define BUSY_LIMIT     0.85
#define PRESSURE_LIMIT 0.25

static void tell_cpu(const struct run *run, const struct cpu_usage *before, uint64_t began_ns)
{
    struct cpu_usage now;
    if (run->request->quiet || !cpu_usage_read(&now) || now.total_ns <= before->total_ns)
        return;
    double busy =
        (double)(now.busy_ns - before->busy_ns) / (double)(now.total_ns - before->total_ns);
    double pressure =
        (double)(now.pressure_us - before->pressure_us) * 1000 / (double)(event_now() - began_ns);
    if (busy < BUSY_LIMIT && pressure < PRESSURE_LIMIT)
        return;
    char jobs[64] = "";
    if (run->request->jobs > 1)
        snprintf(jobs, sizeof(jobs), ", with up to %u trials at once (--jobs)", run->request->jobs);
    cleanup_free char *text = fs_path(
        "%s: from its start to its end the processors were busy %.0f %% of the time, and for "
        "%.0f %% of it something had to wait for one%s. That may have changed some of the times; "
        "each trial's verdict says whether it was in doubt.",
        run->request->sweep->name, 100 * busy, 100 * pressure, jobs);
    utf8_print_wrapped(stderr, 0, text);
}

static void run_and_tell(struct run *run)
{
    struct cpu_usage before = { 0 };
    const struct sweep_request *request = run->request;
    uint64_t began_ns = event_now();
    bool known = cpu_usage_read(&before);
    sweep_progress_begin(&run->progress, request->sweep, run->cells, run->cell_count, request->jobs,
                         request->quiet);
    run_trials(run);
    sweep_progress_end(&run->progress);
    if (known)
        tell_cpu(run, &before, began_ns);
}

/* --- the run directory ---------------------------------------------------- */

static cJSON *make_results(const struct run *run, struct lab_error *err)
{
    cJSON *results = sweep_results_make(run->request->sweep, run->request->shard, run->rundir->path,
                                        run->rundir->final_path, err);
    if (results && sweep_results_write(results, run->rundir->path, err) == 0)
        return results;
    cJSON_Delete(results);
    return NULL;
}

/* The record comes last: a directory that has one can be resumed. */
static int record(const struct run *run, struct lab_error *err)
{
    const char *run_dir = run->rundir->path;
    cleanup_free char *text = sweep_to_json(run->request->sweep);
    cleanup_free char *path = fs_path("%s/experiment.json", run_dir);
    struct experiment *first = sweep_cell(run->request->sweep, 1, err);
    struct manifest manifest = { .experiment = first };
    clock_gettime(CLOCK_REALTIME, &manifest.started);
    if (run->request->resume && manifest_keep(run_dir, err) < 0) {
        experiment_free(first);
        return -1;
    }
    int failed = first ? manifest_write(&manifest, run_dir, err) : -1;
    experiment_free(first);
    cJSON *results = failed || run->request->resume ? NULL : make_results(run, err);
    failed = failed || (!run->request->resume && !results);
    cJSON_Delete(results);
    if (failed || run->request->resume)
        return failed ? -1 : 0;
    return text ? fs_write_file(path, text, strlen(text), err) : lab_error_memory(err);
}

/* Whether no cell could be run here at all; err says why the first one could not. */
static bool is_unsupported(const struct run *run, struct lab_error *err)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        if (cell->done > 0 || !cell->cause || cell->cause->code != LAB_ERR_UNSUPPORTED)
            return false;
    }
    if (run->cell_count == 0)
        return false;
    *err = *run->cells[0].cause;
    return true;
}

static void tell_how_to_resume(const struct run *run)
{
    if (run->stopping)
        fprintf(stderr, "%s: interrupted; labctl run --resume %s does what is missing\n",
                run->request->sweep->name, run->rundir->final_path);
}

static cJSON *complete(struct run *run, struct lab_error *err)
{
    for (size_t i = 0; i < run->cell_count; i++)
        if (cell_complete(&run->cells[i], run->rundir->final_path, err) < 0)
            return NULL;
    cJSON *results = make_results(run, err);
    if (!results)
        return NULL;
    const char *status = cJSON_GetObjectItemCaseSensitive(results, "status")->valuestring;
    shared_store_clear(&run->store);
    if (manifest_finish(run->rundir->path, status, err) == 0 &&
        rundir_finish(run->rundir, err) == 0) {
        tell_how_to_resume(run);
        return results;
    }
    cJSON_Delete(results);
    lab_error_wrap(err, "the results could not be kept");
    return NULL;
}

static cJSON *run_in_directory(struct run *run, struct lab_error *err)
{
    const struct sweep_request *request = run->request;
    cJSON *results = NULL;
    bool refused = true;
    signals_catch();
    run->jobs = calloc(request->jobs, sizeof(*run->jobs));
    if (!run->jobs) {
        lab_error_memory(err);
        return NULL;
    }
    if (record(run, err) == 0 && shared_store_init(&run->store, run->rundir->path, err) == 0)
        run->cells = cells_load(request->sweep, request->shard, run->rundir->path, &run->store,
                                &run->cell_count, err);
    if (run->cells &&
        schedule_init(&run->schedule, request->sweep, run->cells, run->cell_count, err) == 0) {
        run_and_tell(run);
        refused = is_unsupported(run, err);
        if (!refused)
            results = complete(run, err);
    }
    if (refused && !request->resume) {
        struct lab_error ignored; /* a refused sweep leaves no run directory */
        fs_remove_tree(run->rundir->path, &ignored);
    }
    return results;
}

cJSON *run_sweep(const struct sweep_request *request, struct lab_error *err)
{
    struct rundir rundir = RUNDIR_INIT;
    cleanup_free char *nodes_dir = programs_find(err);
    cJSON *results = NULL;
    struct run run = { .request = request, .nodes_dir = nodes_dir, .rundir = &rundir };
    if (nodes_dir &&
        (request->resume ? rundir_reopen(&rundir, request->resume, err)
                         : rundir_create(&rundir, request->output, request->sweep->name, err)) == 0)
        results = run_in_directory(&run, err);
    if (!results)
        lab_error_wrap(err, "%s", request->sweep->name);
    shared_store_clear(&run.store);
    schedule_release(&run.schedule);
    cells_free(run.cells, run.cell_count);
    free(run.jobs);
    rundir_release(&rundir);
    return results;
}

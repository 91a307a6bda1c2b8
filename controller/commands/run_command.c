/* labctl run: run experiments, one after the other. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "commands/command.h"
#include "commands/run.h"
#include "commands/run_sweep.h"
#include "experiment/sweep.h"
#include "labctl/cleanup.h"
#include "results/results.h"
#include "rundir/rundir.h"

struct run_options {
    const char *output;
    const char *trials;
    const char *timeout;
    bool json;
    bool quiet;
    const char *resume;
    const char *jobs;
    const char *shard;
};

/* What the command line says instead of the file. */
static int read_overrides(const struct run_options *options, struct sweep_overrides *overrides,
                          struct lab_error *err)
{
    *overrides = (struct sweep_overrides){ 0 };
    if (options->trials) {
        char *end;
        unsigned long trials = strtoul(options->trials, &end, 10);
        if (*end || !isdigit((unsigned char)options->trials[0]) || trials < 1 ||
            trials > TRIALS_MAX)
            return lab_error_set(err, LAB_ERR_USAGE,
                                 "--trials: expected a number from 1 to %d, found '%s'", TRIALS_MAX,
                                 options->trials);
        overrides->trials = (unsigned)trials;
    }
    uint64_t *timeout = &overrides->timeout_ns;
    if (options->timeout &&
        (!units_parse_time(options->timeout, timeout) || *timeout == 0 || *timeout > TIME_MAX))
        return lab_error_set(err, LAB_ERR_USAGE,
                             "--timeout: expected a time above 0 and up to a day, such as 30s, "
                             "found '%s'",
                             options->timeout);
    return 0;
}

/* Whether the files that are to be shared are there. */
static int check_files(const struct sweep *sweep, struct lab_error *err)
{
    for (unsigned cell = 1; cell <= sweep->cells; cell++) {
        uint64_t bytes;
        struct experiment *experiment = sweep_cell(sweep, cell, err);
        int failed = experiment ? experiment_check_file(experiment, &bytes, err) : -1;
        experiment_free(experiment);
        if (failed)
            return -1;
    }
    return 0;
}

static struct sweep *read_file(const char *path, const struct run_options *options,
                               struct lab_error *err)
{
    struct sweep_overrides overrides;
    if (read_overrides(options, &overrides, err) < 0)
        return NULL;
    struct sweep *sweep = sweep_read(path, &overrides, err);
    if (sweep && check_files(sweep, err) == 0)
        return sweep;
    sweep_free(sweep);
    return NULL;
}

static int print_results(const struct results *results, bool json, struct lab_error *err)
{
    if (!json) {
        results_print(results, stdout);
    } else {
        cleanup_free char *text = results_to_json(results);
        if (!text)
            return lab_error_memory(err);
        fputs(text, stdout);
    }
    fflush(stdout);
    return results_exit_status(results);
}

static int run_one(const struct experiment *experiment, const struct run_options *options,
                   struct lab_error *err)
{
    struct run_request request = {
        .experiment = experiment,
        .output = options->output ? options->output : "output",
        .resume = options->resume,
        .quiet = options->quiet,
    };
    struct results *results = run_experiment(&request, err);
    if (!results)
        return -1;
    int status = print_results(results, options->json, err);
    results_free(results);
    return status;
}

/* A whole number from 1 to `max` that ends at *end. */
static bool read_number(const char *text, unsigned long max, char **end, unsigned *out)
{
    unsigned long number = strtoul(text, end, 10);
    *out = (unsigned)number;
    return isdigit((unsigned char)text[0]) && number >= 1 && number <= max;
}

static int read_sweep_options(const struct run_options *options, struct sweep_request *request,
                              struct lab_error *err)
{
    char *end;
    request->jobs = 1;
    request->shard = (struct sweep_shard){ 1, 1 };
    if (options->jobs &&
        (!read_number(options->jobs, SWEEP_JOBS_MAX, &end, &request->jobs) || *end))
        return lab_error_set(err, LAB_ERR_USAGE,
                             "--jobs: expected a number from 1 to %d, found '%s'", SWEEP_JOBS_MAX,
                             options->jobs);
    if (!options->shard)
        return 0;
    struct sweep_shard *shard = &request->shard;
    if (!read_number(options->shard, SWEEP_CELLS_MAX, &end, &shard->number) || *end != '/' ||
        !read_number(end + 1, SWEEP_CELLS_MAX, &end, &shard->of) || *end ||
        shard->number > shard->of)
        return lab_error_set(err, LAB_ERR_USAGE,
                             "--shard: expected I/N with I from 1 to N, such as 1/4, found '%s'",
                             options->shard);
    return 0;
}

static int run_swept(const struct sweep *sweep, const struct run_options *options,
                     const char *run_dir, struct lab_error *err)
{
    struct sweep_request request = {
        .sweep = sweep,
        .output = options->output ? options->output : "output",
        .resume = options->resume,
        .quiet = options->quiet,
    };
    if (read_sweep_options(options, &request, err) < 0)
        return -1;
    if (run_dir)
        request.shard = sweep_results_shard(run_dir);
    cJSON *results = run_sweep(&request, err);
    if (!results)
        return -1;
    if (options->json) {
        cleanup_free char *text = cJSON_Print(results);
        puts(text ? text : "");
    } else {
        sweep_results_print(results, stdout);
    }
    fflush(stdout);
    int status = sweep_results_exit_status(results);
    cJSON_Delete(results);
    return status;
}

/* `run_dir` is the one to be resumed, or NULL. Returns the exit status, or -1 with err set when
 * there are no results. */
static int run_file(const struct sweep *file, const struct run_options *options,
                    const char *run_dir, struct lab_error *err)
{
    if (file->swept)
        return run_swept(file, options, run_dir, err);
    if (options->jobs || options->shard)
        return lab_error_set(err, LAB_ERR_USAGE,
                             "%s: --jobs and --shard are for sweeps, and it has no \"sweep\"",
                             file->doc.name);
    struct experiment *experiment = sweep_cell(file, 1, err);
    int status = experiment ? run_one(experiment, options, err) : -1;
    experiment_free(experiment);
    return status;
}

/* Run all, though one may fail; Ctrl-C ends the rest too. The first status that is not 0
 * counts, or that of the interruption. */
static int run_all(struct sweep *const *files, int count, const struct run_options *options,
                   struct lab_error *err)
{
    int status = 0;
    for (int i = 0; i < count; i++) {
        struct lab_error problem = LAB_ERROR_INIT;
        int one = run_file(files[i], options, NULL, &problem);
        bool interrupted = one < 0 ? problem.code == LAB_ERR_INTERRUPTED
                                   : one == lab_error_exit_status(LAB_ERR_INTERRUPTED);
        if (status == 0 || interrupted) {
            status = one;
            *err = problem;
        } else if (one < 0) {
            command_print_error(&problem);
        }
        if (interrupted)
            break;
    }
    return status;
}

/* Complete the run in a directory, from its own record. */
static int resume(int argc, const struct run_options *options, struct lab_error *err)
{
    if (argc > 0 || options->output || options->trials || options->timeout || options->shard)
        return lab_error_set(err, LAB_ERR_USAGE,
                             "--resume goes on as the run directory says: it takes no file, "
                             "--output, --trials, --timeout or --shard");
    cleanup_free char *run_dir = rundir_find(options->resume, err);
    cleanup_free char *path = run_dir ? fs_path("%s/experiment.json", run_dir) : NULL;
    struct sweep *file = path ? sweep_read(path, NULL, err) : NULL;
    int status = file ? run_file(file, options, run_dir, err) : -1;
    sweep_free(file);
    return status;
}

/* All files are read before the first is run: a mistake in the last one should be told now,
 * not in an hour. */
static int run_files(int argc, char **argv, const struct run_options *options,
                     struct lab_error *err)
{
    cleanup_free struct sweep **files = calloc((size_t)argc, sizeof(files[0]));
    if (!files)
        return lab_error_memory(err);
    int invalid = 0;
    for (int i = 0; i < argc; i++) {
        struct lab_error problem = LAB_ERROR_INIT;
        files[i] = read_file(argv[i], options, &problem);
        if (!files[i] && invalid++ == 0)
            *err = problem;
        else if (!files[i])
            command_print_error(&problem);
    }
    int status = invalid ? -1 : run_all(files, argc, options, err);
    for (int i = 0; i < argc; i++)
        sweep_free(files[i]);
    return status;
}

static int run_command(int argc, char **argv, const void *data, struct lab_error *err)
{
    const struct run_options *options = data;
    if (options->resume)
        return resume(argc, options, err);
    if (argc == 0)
        return lab_error_set(err, LAB_ERR_USAGE, "FILE... is missing; see labctl run --help");
    return run_files(argc, argv, options, err);
}

#define OPTION(field) offsetof(struct run_options, field)

static const struct command_option options[] = {
    { "output", 'o', "DIR", "put run directories below DIR (default: output)", OPTION(output) },
    { "trials", 'n', "N", "count N trials, whatever the files say", OPTION(trials) },
    { "timeout", 't', "TIME", "end a trial after TIME, such as 30s", OPTION(timeout) },
    { "resume", 'r', "RUN_DIR", "do what is missing in a run that was interrupted or killed",
      OPTION(resume) },
    { "jobs", 'J', "K", "sweep: run K trials at once (default: 1)", OPTION(jobs) },
    { "shard", 's', "I/N", "sweep: run the I-th of N shares of the cells", OPTION(shard) },
    { "json", 'j', NULL, "print the results in JSON, and nothing else", OPTION(json) },
    { "quiet", 'q', NULL, "show no progress", OPTION(quiet) },
};

const struct command command_run = {
    .name = "run",
    .arguments = "FILE... | --resume RUN_DIR",
    .summary = "Run experiments and print their results",
    .details = "Each run has a directory of its own below output/NAME/, with logs, received files\n"
               "and results. The exit status is 0 when every host of every trial received the\n"
               "right file or failed as the experiment expects of it, 1 when one did neither, 2\n"
               "for an invalid file, 3 when this machine cannot run it (labctl doctor tells why),\n"
               "130 when it was interrupted.",
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .min_arguments = 0,
    .max_arguments = -1,
    .run = run_command,
    .options_size = sizeof(struct run_options),
};

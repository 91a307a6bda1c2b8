/* labctl run: run experiments, one after the other. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "commands/command.h"
#include "commands/run.h"
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

/* Returns the exit status, or -1 with err set when there are no results. */
static int run_file(const struct sweep *file, const struct run_options *options,
                    struct lab_error *err)
{
    if (file->swept)
        return lab_error_set(err, LAB_ERR_USAGE, "%s is a sweep", file->doc.name);
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
        int one = run_file(files[i], options, &problem);
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
    if (argc > 0 || options->output || options->trials || options->timeout)
        return lab_error_set(err, LAB_ERR_USAGE,
                             "--resume goes on as the run directory says: it takes no file, "
                             "--output, --trials or --timeout");
    cleanup_free char *run_dir = rundir_find(options->resume, err);
    cleanup_free char *path = run_dir ? fs_path("%s/experiment.json", run_dir) : NULL;
    struct sweep *file = path ? sweep_read(path, NULL, err) : NULL;
    int status = file ? run_file(file, options, err) : -1;
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
    { "json", 'j', NULL, "print the results in JSON, and nothing else", OPTION(json) },
    { "quiet", 'q', NULL, "show no progress", OPTION(quiet) },
};

const struct command command_run = {
    .name = "run",
    .arguments = "FILE... | --resume RUN_DIR",
    .summary = "Run experiments and print their results",
    .details = "Each run has a directory of its own below output/NAME/, with logs, received files\n"
               "and results. The exit status is 0 when every host of every trial received the\n"
               "right file, 1 when one did not, 2 for an invalid file, 3 when this machine cannot\n"
               "run it (labctl doctor tells why), 130 when it was interrupted.",
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .min_arguments = 0,
    .max_arguments = -1,
    .run = run_command,
    .options_size = sizeof(struct run_options),
};

/* labctl rerun: run the same thing again, from the record that a run left. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "commands/command.h"
#include "experiment/experiment.h"
#include "labctl/cleanup.h"
#include "results/results.h"
#include "results/sweep_results.h"

struct rerun_options {
    const char *output;
    const char *trials;
    const char *timeout;
    const char *jobs;
    bool json;
    bool quiet;
};

/* SHA-256 of the file that the run distributed, or "" when its results do not tell. */
static void read_digest(const char *run_dir, char digest[SHA256_HEX_SIZE])
{
    struct lab_error ignored = LAB_ERROR_INIT;
    struct results *results = results_read(run_dir, &ignored);
    if (!results)
        results = results_compute(run_dir, &ignored);
    digest[0] = '\0';
    for (size_t i = 0; results && !digest[0] && i < results->trial_count; i++)
        memcpy(digest, results->trials[i].file_sha256, SHA256_HEX_SIZE);
    results_free(results);
}

/* Files as they are now. Most cells of a sweep distribute the same one. */
struct hashed {
    char *path;
    char digest[SHA256_HEX_SIZE];
};

struct hashes {
    const char *root; /* the run directory that is to be repeated */
    struct hashed *files;
    size_t count;
};

static void hashes_clear(struct hashes *hashes)
{
    for (size_t i = 0; i < hashes->count; i++)
        free(hashes->files[i].path);
    free(hashes->files);
}

/* The digest of a file, borrowed; NULL with err set when it cannot be read. */
static const char *hash_once(struct hashes *hashes, const char *path, struct lab_error *err)
{
    uint64_t bytes;
    for (size_t i = 0; i < hashes->count; i++)
        if (strcmp(hashes->files[i].path, path) == 0)
            return hashes->files[i].digest;
    struct hashed *more = realloc(hashes->files, (hashes->count + 1) * sizeof(*hashes->files));
    if (!more) {
        lab_error_memory(err);
        return NULL;
    }
    hashes->files = more;
    struct hashed *file = &more[hashes->count];
    if (fs_sha256(path, file->digest, &bytes, err) < 0)
        return NULL;
    file->path = fs_path("%s", path);
    hashes->count++;
    return file->digest;
}

/* A generated file is the same by its seed; one that was given may have changed since. */
static int check_file(const char *run_dir, const struct experiment *experiment,
                      struct hashes *hashes, struct lab_error *err)
{
    char before[SHA256_HEX_SIZE];
    if (!experiment->file.path)
        return 0;
    read_digest(run_dir, before);
    cleanup_free char *path = experiment_file_path(experiment);
    const char *now = hash_once(hashes, path, err);
    if (!now)
        return lab_error_wrap(err, "the file that the run distributed");
    if (!before[0] || strcmp(before, now) == 0)
        return 0;
    return lab_error_set(err, LAB_ERR_INVALID,
                         "%s has changed since the run in %s: its SHA-256 is %s, expected %s; "
                         "labctl run %s/experiment.json runs it all the same",
                         path, run_dir, now, before, hashes->root);
}

/* A run directory with an experiment of its own: all of it, or a cell. */
static int check_record(const char *dir, struct hashes *hashes, struct lab_error *err)
{
    cleanup_free char *record = fs_path("%s/experiment.json", dir);
    struct experiment *experiment = experiment_read(record, err);
    if (!experiment)
        return lab_error_wrap(err, "%s: no run can be repeated from it", dir);
    int failed = check_file(dir, experiment, hashes, err);
    experiment_free(experiment);
    return failed;
}

/* The record of a sweep is no single experiment: files are checked of every cell that was run
 * here. */
static int check_cells(const char *run_dir, struct hashes *hashes, struct lab_error *err)
{
    for (unsigned number = 1; number <= SWEEP_CELLS_MAX; number++) {
        cleanup_free char *cell = sweep_cell_dir(run_dir, number);
        cleanup_free char *record = fs_path("%s/experiment.json", cell);
        if (access(record, F_OK) == 0 && check_record(cell, hashes, err) < 0)
            return -1;
    }
    return 0;
}

/* Check what can differ. */
static int check_run(const char *run_dir, struct lab_error *err)
{
    struct hashes hashes = { .root = run_dir };
    int failed = sweep_is_at(run_dir) ? check_cells(run_dir, &hashes, err)
                                      : check_record(run_dir, &hashes, err);
    hashes_clear(&hashes);
    return failed;
}

/* Give the record to `labctl run`, with the options that it shares; of a share of a sweep, the
 * same share. */
static int run_rerun(int argc, char **argv, const void *data, struct lab_error *err)
{
    const struct rerun_options *options = data;
    const struct sweep_shard shard = sweep_results_shard(argv[0]);
    cleanup_free char *share = shard.of > 1 ? fs_path("%u/%u", shard.number, shard.of) : NULL;
    const struct {
        const char *name, *value;
        bool flag;
    } passed[] = {
        { "--output", options->output, false },
        { "--trials", options->trials, false },
        { "--timeout", options->timeout, false },
        { "--jobs", options->jobs, false },
        { "--shard", share, false },
        { "--json", NULL, options->json },
        { "--quiet", NULL, options->quiet },
    };
    cleanup_free char *record = fs_path("%s/experiment.json", argv[0]);
    const char *words[2 * ARRAY_LENGTH(passed) + 4] = { "run" };
    int count = 1;
    (void)argc;
    if (check_run(argv[0], err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(passed); i++) {
        if (passed[i].value || passed[i].flag)
            words[count++] = passed[i].name;
        if (passed[i].value)
            words[count++] = passed[i].value;
    }
    words[count++] = "--";
    words[count++] = record;
    return command_execute(&command_run, count, (char **)words, err);
}

#define OPTION(field) offsetof(struct rerun_options, field)

static const struct command_option options[] = {
    { "output", 'o', "DIR", "put the run directory below DIR (default: output)", OPTION(output) },
    { "trials", 'n', "N", "count N trials, whatever the record says", OPTION(trials) },
    { "timeout", 't', "TIME", "end a trial after TIME, such as 30s", OPTION(timeout) },
    { "jobs", 'J', "K", "sweep: run K trials at once (default: 1)", OPTION(jobs) },
    { "json", 'j', NULL, "print the results in JSON, and nothing else", OPTION(json) },
    { "quiet", 'q', NULL, "show no progress", OPTION(quiet) },
};

const struct command command_rerun = {
    .name = "rerun",
    .arguments = "RUN_DIR",
    .summary = "Run again what a run directory records",
    .details = "The new run has a directory of its own. A file that was given, and not generated,\n"
               "must still be the one that the run distributed; otherwise the exit status is 2.\n"
               "Else it is that of labctl run.",
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_rerun,
    .options_size = sizeof(struct rerun_options),
};

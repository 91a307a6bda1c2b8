#include "results/results.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "results/trial.h"
#include "results/until.h"

/* --- finding the trials --------------------------------------------------- */

/* A trial's directory: 001, 002 ... counted, w01 ... warm-up. */
struct trial_name {
    unsigned number;
    bool warmup;
};

static bool parse_trial_name(const char *text, struct trial_name *name)
{
    name->warmup = text[0] == 'w';
    const char *digits = text + name->warmup;
    size_t length = strspn(digits, "0123456789");
    if (length < 2 || length > 6 || digits[length] != '\0')
        return false;
    name->number = (unsigned)strtoul(digits, NULL, 10);
    return name->number > 0;
}

static int compare_names(const void *a, const void *b)
{
    const struct trial_name *x = a, *y = b;
    if (x->warmup != y->warmup)
        return x->warmup - y->warmup;
    return (x->number > y->number) - (x->number < y->number);
}

/* The trials of a run, counted ones first, in order. Caller frees; a directory that is not
 * there holds none. NULL with err set only when out of memory. */
static struct trial_name *list_trials(const char *run_dir, size_t *count, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/trials", run_dir);
    cleanup_closedir DIR *dir = opendir(path);
    size_t room = 16;
    cleanup_free struct trial_name *names = malloc(room * sizeof(*names));
    *count = 0;
    struct dirent *entry;
    while (names && dir && (entry = readdir(dir)) != NULL) {
        if (!parse_trial_name(entry->d_name, &names[*count]) || ++*count < room)
            continue;
        room *= 2;
        struct trial_name *more = realloc(names, room * sizeof(*names));
        if (!more)
            break;
        names = more;
    }
    if (!names || *count == room) {
        lab_error_memory(err);
        return NULL;
    }
    qsort(names, *count, sizeof(*names), compare_names);
    return steal_ptr(names);
}

/* --- computing ------------------------------------------------------------ */

static int compute_trials(struct results *results, const char *run_dir,
                          const struct trial_context *context, struct lab_error *err)
{
    size_t count;
    cleanup_free struct trial_name *names = list_trials(run_dir, &count, err);
    if (!names)
        return -1;
    results->trials = calloc(count + 1, sizeof(*results->trials));
    results->warmups = calloc(count + 1, sizeof(*results->warmups));
    if (!results->trials || !results->warmups)
        return lab_error_memory(err);
    for (size_t i = 0; i < count; i++) {
        bool warmup = names[i].warmup;
        struct trial_result *trial = warmup ? &results->warmups[results->warmup_count++]
                                            : &results->trials[results->trial_count++];
        trial->trial = names[i].number;
        cleanup_free char *path = plan_trial_dir(run_dir, trial->trial, warmup);
        if (trial_compute(trial, path, context, err) < 0)
            return -1;
    }
    return 0;
}

/* Over the trials that count, of the measure at `offset` in each, where it is known. */
static struct summary summarise(const struct results *results, double *scratch, size_t offset)
{
    size_t count = 0;
    for (size_t i = 0; i < results->trial_count; i++) {
        const struct trial_result *trial = &results->trials[i];
        double value = *(const double *)((const char *)trial + offset);
        if (results_trial_counts(trial) && !isnan(value))
            scratch[count++] = value;
    }
    struct summary summary = statistics_summarise(scratch, count);
    summary.median = statistics_round_seconds(summary.median);
    summary.mean = statistics_round_seconds(summary.mean);
    summary.stdev = statistics_round_seconds(summary.stdev);
    return summary;
}

static int compute_summary(struct results *results, struct lab_error *err)
{
    cleanup_free double *scratch = malloc((results->trial_count + 1) * sizeof(*scratch));
    if (!scratch)
        return lab_error_memory(err);
    results->makespan_s = summarise(results, scratch, offsetof(struct trial_result, makespan_s));
    results->efficiency = summarise(results, scratch, offsetof(struct trial_result, efficiency));
    results->jain_index = summarise(results, scratch, offsetof(struct trial_result, jain_index));
    return 0;
}

/* The first trial that is not ok; an interrupted one goes before all others, for it ended
 * the run. Warm-ups speak only when there is no counted trial. */
static const struct trial_result *first_bad_of(const struct trial_result *trials, size_t count)
{
    const struct trial_result *bad = NULL;
    for (size_t i = 0; i < count; i++) {
        if (trials[i].status == RESULT_INTERRUPTED)
            return &trials[i];
        if (trials[i].status != RESULT_OK && !bad)
            bad = &trials[i];
    }
    return bad;
}

/* A warm-up does not count in the figures, but one that failed is no good sign for them. */
static const struct trial_result *first_bad_trial(const struct results *results, const char **kind)
{
    const struct trial_result *bad = first_bad_of(results->trials, results->trial_count);
    *kind = bad ? "trial" : "warm-up trial";
    return bad ? bad : first_bad_of(results->warmups, results->warmup_count);
}

static void judge_run(struct results *results)
{
    const char *kind;
    const struct trial_result *bad = first_bad_trial(results, &kind);
    if (bad) {
        results->status = bad->status;
        result_error_set(&results->error, bad->error.code, "%s %u: %s", kind, bad->trial,
                         bad->error.message);
    } else if (results->trial_count < results->planned_trials) {
        results->status = RESULT_INTERRUPTED;
        result_error_set(&results->error, LAB_ERR_INTERRUPTED, "%zu of %u trials were run",
                         results->trial_count, results->planned_trials);
    }
}

static char *copy_text(const char *text)
{
    return fs_path("%s", text ? text : "");
}

/* `run_dir` without trailing slashes and without the mark of a directory in the making. */
static char *final_path(const char *run_dir)
{
    char *path = copy_text(run_dir);
    size_t length = strlen(path), suffix = strlen(RESULTS_PARTIAL_SUFFIX);
    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
    if (length > suffix && strcmp(path + length - suffix, RESULTS_PARTIAL_SUFFIX) == 0)
        path[length - suffix] = '\0';
    return path;
}

static struct results *compute(const char *run_dir, const struct trial_context *context,
                               struct lab_error *err)
{
    const struct experiment *experiment = context->plan->experiment;
    struct results *results = calloc(1, sizeof(*results));
    if (!results) {
        lab_error_memory(err);
        return NULL;
    }
    results->experiment = copy_text(experiment->name);
    results->title = copy_text(experiment->title);
    results->run_dir = final_path(run_dir);
    results->model = experiment->model;
    results->start = experiment->start;
    if (compute_trials(results, run_dir, context, err) < 0 || compute_summary(results, err) < 0) {
        results_free(results);
        return NULL;
    }
    results->planned_trials = until_planned_trials(results, experiment);
    judge_run(results);
    return results;
}

struct results *results_compute(const char *run_dir, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/experiment.json", run_dir);
    struct experiment *experiment = experiment_read(path, err);
    struct plan *plan = experiment ? plan_build(experiment, err) : NULL;
    cleanup_free struct event_log *log = plan ? malloc(sizeof(*log)) : NULL;
    struct results *results = NULL;
    if (log)
        results = compute(run_dir, &(struct trial_context){ plan, log }, err);
    else if (plan)
        lab_error_memory(err);
    plan_free(plan);
    experiment_free(experiment);
    return results;
}

/* --- the rest ------------------------------------------------------------- */

void results_set_cause(struct results *results, const struct lab_error *cause)
{
    const char *kind;
    if (cause->code == LAB_ERR_NONE || first_bad_trial(results, &kind))
        return;
    results->status = result_status_of(cause->code);
    result_error_set(&results->error, cause->code, "%s", cause->message);
}

int results_write(const struct results *results, const char *run_dir, struct lab_error *err)
{
    cleanup_free char *json = results_to_json(results);
    if (!json)
        return lab_error_memory(err);
    cleanup_free char *path = fs_path("%s/results.json", run_dir);
    return fs_write_file(path, json, strlen(json), err);
}

bool results_trial_counts(const struct trial_result *trial)
{
    return trial->status == RESULT_OK && trial->verdict != VERDICT_INVALID;
}

const struct trial_result *results_typical_trial(const struct results *results)
{
    const struct trial_result *best = NULL;
    double distance = INFINITY;
    for (size_t i = 0; i < results->trial_count; i++) {
        const struct trial_result *trial = &results->trials[i];
        double away =
            statistics_round_seconds(fabs(trial->makespan_s - results->makespan_s.median));
        if (results_trial_counts(trial) && away < distance) {
            best = trial;
            distance = away;
        }
    }
    for (size_t i = 0; !best && i < results->trial_count; i++)
        if (results->trials[i].origin_ns)
            best = &results->trials[i];
    return best;
}

int results_exit_status(const struct results *results)
{
    return results->status == RESULT_OK ? 0 : lab_error_exit_status(results->error.code);
}

static void clear_trials(struct trial_result *trials, size_t count)
{
    for (size_t i = 0; i < count; i++)
        trial_clear(&trials[i]);
    free(trials);
}

void results_free(struct results *results)
{
    if (!results)
        return;
    clear_trials(results->trials, results->trial_count);
    clear_trials(results->warmups, results->warmup_count);
    free(results->error.message);
    free(results->experiment);
    free(results->title);
    free(results->run_dir);
    free(results);
}

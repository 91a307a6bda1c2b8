#include "commands/compared_runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"

void compared_runs_clear(struct compared_runs *c)
{
    for (int i = 0; i < 2; i++)
        results_free(c->results[i]);
    run_comparison_clear(&c->figures);
    record_differences_clear(&c->experiments);
    record_differences_clear(&c->machines);
    for (size_t i = 0; i < c->warning_count; i++)
        free(c->warnings[i]);
}

/* `warning` is taken over. */
static void warn(struct compared_runs *c, char *warning)
{
    if (c->warning_count < COMPARED_WARNINGS_MAX)
        c->warnings[c->warning_count++] = warning;
    else
        free(warning);
}

/* --- reading -------------------------------------------------------------- */

/* The results of a run, from its logs when results.json is not there or damaged. */
static struct results *read_run(const char *dir, struct lab_error *err)
{
    struct lab_error ignored = LAB_ERROR_INIT;
    struct json_doc record;
    cleanup_free char *path = fs_path("%s/experiment.json", dir);
    if (json_doc_read(&record, path, err) < 0) {
        json_doc_close(&record);
        lab_error_wrap(err, "%s is no run directory", dir);
        err->code = LAB_ERR_USAGE;
        return NULL;
    }
    json_doc_close(&record);
    struct results *results = results_read(dir, &ignored);
    return results ? results : results_compute(dir, err);
}

/* What may differ without making it another experiment. */
static const char *const same_experiment[] = { "/$schema", "/name",    "/title",      "/trials",
                                               "/warmup",  "/timeout", "/keep_files", "/seed",
                                               "/until",   NULL };

/* What of a manifest is of the machine. */
static const char *const other_than_machine[] = { "/schema",   "/command", "/started",
                                                  "/finished", "/status",  "/experiment_file",
                                                  "/seed",     "/uid",     "/memory_bytes",
                                                  NULL };

/* Compare a file of both run directories; one that cannot be read is told of. */
static void compare_files(struct compared_runs *c, const char *name, const char *const *ignored,
                          struct record_differences *differences)
{
    struct json_doc docs[2];
    struct lab_error err = LAB_ERROR_INIT;
    bool both = true;
    for (int i = 0; i < 2; i++) {
        cleanup_free char *path = fs_path("%s/%s", c->dirs[i], name);
        if (json_doc_read(&docs[i], path, &err) < 0) {
            warn(c, fs_path("%s, so that it is not compared", err.message));
            both = false;
        }
    }
    if (both)
        record_differences_add(differences, "", docs[0].root, docs[1].root, ignored);
    for (int i = 0; i < 2; i++)
        json_doc_close(&docs[i]);
}

/* Files of one length may still hold other bytes. */
static bool same_file(const struct compared_runs *c)
{
    const struct results *a = c->results[0], *b = c->results[1];
    return a->trial_count == 0 || b->trial_count == 0 ||
           strcmp(a->trials[0].file_sha256, b->trials[0].file_sha256) == 0;
}

static void warn_of_trials(struct compared_runs *c, int run)
{
    const struct results *results = c->results[run];
    size_t suspect = 0, out = 0;
    for (size_t i = 0; i < results->trial_count; i++) {
        suspect += results->trials[i].verdict == VERDICT_SUSPECT;
        out += !results_trial_counts(&results->trials[i]);
    }
    if (out > 0)
        warn(c, fs_path("%zu of %zu trials of %c are not ok or invalid, and left out", out,
                        results->trial_count, 'A' + run));
    if (suspect > 0)
        warn(c, fs_path("%zu of %zu trials of %c are suspect: its results say why", suspect,
                        results->trial_count, 'A' + run));
}

int compared_runs_load(struct compared_runs *c, const char *a, const char *b, struct lab_error *err)
{
    *c = (struct compared_runs){ .dirs = { a, b } };
    for (int i = 0; i < 2; i++) {
        c->results[i] = read_run(c->dirs[i], err);
        if (!c->results[i])
            return -1;
    }
    if (run_comparison_make(&c->figures, c->results[0], c->results[1], err) < 0)
        return -1;
    compare_files(c, "experiment.json", same_experiment, &c->experiments);
    compare_files(c, "manifest.json", other_than_machine, &c->machines);
    if (c->machines.count > 0)
        warn(c, fs_path("the runs are from different machines or versions of software, so a "
                        "difference may be theirs"));
    if (!same_file(c))
        warn(c, fs_path("the files that were distributed are not the same"));
    warn_of_trials(c, 0);
    warn_of_trials(c, 1);
    return 0;
}

/* --- words ---------------------------------------------------------------- */

static void print_differences(const char *what, const struct record_differences *differences)
{
    if (differences->count == 0)
        return;
    printf("\n%s:\n", what);
    for (size_t i = 0; i < differences->listed; i++) {
        cleanup_free char *line = fs_path("  %s: %s against %s", differences->at[i].pointer,
                                          differences->at[i].b, differences->at[i].a);
        utf8_print(stdout, line);
        fputc('\n', stdout);
    }
    if (differences->count > differences->listed)
        printf("  and %zu more\n", differences->count - differences->listed);
}

void compared_runs_print(const struct compared_runs *c)
{
    for (int i = 0; i < 2; i++) {
        cleanup_free char *line =
            fs_path("%c: %s, %s", 'A' + i, c->results[i]->experiment, c->dirs[i]);
        utf8_print(stdout, line);
        fputc('\n', stdout);
    }
    fputc('\n', stdout);
    utf8_print_wrapped(stdout, 0, c->figures.sentence);
    print_differences("The experiments differ, B against A", &c->experiments);
    print_differences("The machines differ, B against A", &c->machines);
    for (size_t i = 0; i < c->warning_count; i++) {
        cleanup_free char *line = fs_path("warning: %s", c->warnings[i]);
        fputs(i ? "" : "\n", stdout);
        utf8_print_wrapped(stdout, 0, line);
    }
}

/* --- JSON ----------------------------------------------------------------- */

static void add_number(cJSON *object, const char *key, double value)
{
    if (isnan(value))
        cJSON_AddNullToObject(object, key);
    else
        cJSON_AddNumberToObject(object, key, value);
}

static void add_seconds(cJSON *object, const char *key, double value)
{
    add_number(object, key, statistics_round_seconds(value));
}

static void add_run(cJSON *root, const struct compared_runs *c, int run)
{
    const struct results *results = c->results[run];
    const struct summary *summary = run ? &c->figures.b_makespan : &c->figures.a_makespan;
    cJSON *object = cJSON_AddObjectToObject(root, run ? "b" : "a");
    cJSON_AddStringToObject(object, "run_dir", c->dirs[run]);
    cJSON_AddStringToObject(object, "experiment", results->experiment);
    cJSON_AddStringToObject(object, "model", model_name(results->model));
    cJSON_AddNumberToObject(object, "trials", (double)results->trial_count);
    cJSON_AddNumberToObject(object, "counted", (double)summary->n);
    add_seconds(object, "median_s", summary->median);
    add_seconds(object, "ci_low_s", summary->ci_low);
    add_seconds(object, "ci_high_s", summary->ci_high);
    cJSON_AddItemToObject(
        object, "makespans_s",
        cJSON_CreateDoubleArray(run ? c->figures.b : c->figures.a, (int)summary->n));
}

static void add_differences(cJSON *root, const char *key,
                            const struct record_differences *differences)
{
    cJSON *array = cJSON_AddArrayToObject(root, key);
    for (size_t i = 0; i < differences->listed; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "pointer", differences->at[i].pointer);
        cJSON_AddStringToObject(item, "a", differences->at[i].a);
        cJSON_AddStringToObject(item, "b", differences->at[i].b);
        cJSON_AddItemToArray(array, item);
    }
}

cJSON *compared_runs_to_json(const struct compared_runs *c)
{
    const struct run_comparison *figures = &c->figures;
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "finding", comparison_finding_name(figures->finding));
    cJSON_AddStringToObject(root, "sentence", figures->sentence);
    add_run(root, c, 0);
    add_run(root, c, 1);
    add_number(root, "ratio", statistics_round_ratio(figures->ratio));
    add_seconds(root, "difference_s", figures->difference_s);
    add_seconds(root, "difference_ci_low_s", figures->difference.low);
    add_seconds(root, "difference_ci_high_s", figures->difference.high);
    cJSON *test = cJSON_AddObjectToObject(root, "mann_whitney");
    add_number(test, "u", figures->test.u);
    add_number(test, "p", figures->test.p);
    cJSON_AddBoolToObject(test, "exact", figures->test.exact);
    add_number(test, "least_p", figures->least_p);
    add_differences(root, "experiment_differences", &c->experiments);
    add_differences(root, "machine_differences", &c->machines);
    cJSON_AddItemToObject(
        root, "warnings",
        cJSON_CreateStringArray((const char *const *)c->warnings, (int)c->warning_count));
    return root;
}

/* labctl compare: whether two runs, or the cells of two sweeps, differ. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/command.h"
#include "commands/compared_runs.h"
#include "commands/compared_sweeps.h"
#include "labctl/cleanup.h"
#include "results/sweep_results.h"

#define COMPARE_SCHEMA        "labctl.compare/1"
#define COMPARE_SWEEPS_SCHEMA "labctl.compare-sweeps/1"

struct compare_options {
    bool json;
};

/* Takes over `root`. */
static int print_json(cJSON *root, struct lab_error *err)
{
    cleanup_free char *text = cJSON_Print(root);
    cJSON_Delete(root);
    if (!text)
        return lab_error_memory(err);
    puts(text);
    return 0;
}

static int compare_runs(char **dirs, bool json, struct lab_error *err)
{
    struct compared_runs runs;
    int result = compared_runs_load(&runs, dirs[0], dirs[1], err);
    if (result == 0 && json) {
        cJSON *root = compared_runs_to_json(&runs);
        cJSON_AddStringToObject(root, "schema", COMPARE_SCHEMA);
        result = print_json(root, err);
    } else if (result == 0) {
        compared_runs_print(&runs);
    }
    compared_runs_clear(&runs);
    return result;
}

static int compare_sweeps(char **dirs, bool json, struct lab_error *err)
{
    struct compared_sweeps sweeps;
    int result = compared_sweeps_load(&sweeps, dirs[0], dirs[1], err);
    if (result == 0 && json) {
        cJSON *root = compared_sweeps_to_json(&sweeps);
        cJSON_AddStringToObject(root, "schema", COMPARE_SWEEPS_SCHEMA);
        result = print_json(root, err);
    } else if (result == 0) {
        compared_sweeps_print(&sweeps);
    }
    compared_sweeps_clear(&sweeps);
    return result;
}

static int run_compare(int argc, char **argv, const void *options, struct lab_error *err)
{
    const struct compare_options *compare = options;
    bool a = sweep_is_at(argv[0]), b = sweep_is_at(argv[1]);
    (void)argc;
    if (a != b)
        return lab_error_set(err, LAB_ERR_USAGE,
                             "%s holds a sweep, and %s does not: compare one of its cells, such "
                             "as %s/cells/001",
                             argv[a ? 0 : 1], argv[a ? 1 : 0], argv[a ? 0 : 1]);
    return (a ? compare_sweeps : compare_runs)(argv, compare->json, err);
}

static const struct command_option options[] = {
    { "json", 'j', NULL, "print JSON, and nothing else", offsetof(struct compare_options, json) },
};

const struct command command_compare = {
    .name = "compare",
    .arguments = "RUN_DIR RUN_DIR",
    .summary = "Tell whether two runs differ, and by how much",
    .details =
        "Compares the makespans of the trials that count: the difference of their medians\n"
        "with a bootstrap confidence interval, and Mann and Whitney's test of whether it may\n"
        "be chance. Says plainly when there are too few trials to tell, and in what the\n"
        "experiments and the machines differ. Of two sweeps those cells are compared that have\n"
        "the same values. The exit status is 0 whatever is found, and 1 when a run has no\n"
        "trial that counts.",
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .min_arguments = 2,
    .max_arguments = 2,
    .run = run_compare,
    .options_size = sizeof(struct compare_options),
};

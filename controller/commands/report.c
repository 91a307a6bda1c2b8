/* labctl report: tables and plots of every run below some directories. */
#include "report/report.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "commands/command.h"
#include "labctl/cleanup.h"

struct report_options {
    const char *output;
};

static int run_report(int argc, char **argv, const void *options, struct lab_error *err)
{
    const struct report_options *report = options;
    struct report_outcome outcome = { 0 };
    int length = (int)strlen(argv[0]);
    while (length > 1 && argv[0][length - 1] == '/')
        length--;
    cleanup_free char *output =
        report->output ? fs_path("%s", report->output) : fs_path("%.*s/report", length, argv[0]);
    int result =
        report_write((const char *const *)argv, (size_t)argc, output, stderr, &outcome, err);
    if (outcome.runs > 0)
        printf("%s: %zu run%s, %zu trial%s, %zu plot%s\n", output, outcome.runs,
               outcome.runs == 1 ? "" : "s", outcome.trials, outcome.trials == 1 ? "" : "s",
               outcome.plots, outcome.plots == 1 ? "" : "s");
    return result;
}

static const struct command_option options[] = {
    { "output", 'o', "DIR", "write to DIR (default: report in the first DIR given)",
      offsetof(struct report_options, output) },
};

const struct command command_report = {
    .name = "report",
    .arguments = "DIR...",
    .summary = "Write CSV files and plots of all runs below the directories",
    .details = "Writes runs.csv, hosts.csv, transfers.csv, and below plots/ each plot as SVG and\n"
               "PNG beside its gnuplot script and data. Runs that are unfinished or damaged are\n"
               "named on standard error and passed over.",
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .min_arguments = 1,
    .max_arguments = -1,
    .run = run_report,
    .options_size = sizeof(struct report_options),
};

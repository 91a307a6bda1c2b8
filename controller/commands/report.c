/* labctl report: tables, plots and a page of every run below some directories. */
#include "report/report.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "commands/command.h"
#include "labctl/cleanup.h"

struct report_options {
    const char *output;
    const char *format;
    bool latex;
};

static const struct {
    const char *name;
    unsigned part;
} formats[] = {
    { "csv", REPORT_CSV },
    { "json", REPORT_JSON },
    { "html", REPORT_HTML },
    { "plots", REPORT_PLOTS },
};

static unsigned find_format(const char *name, size_t length)
{
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++)
        if (strlen(formats[i].name) == length && strncmp(formats[i].name, name, length) == 0)
            return formats[i].part;
    return 0;
}

/* "csv,html" to parts of a report. Returns 0, or -1 with err set. */
static int read_formats(const char *list, unsigned *parts, struct lab_error *err)
{
    for (;;) {
        size_t length = strcspn(list, ",");
        unsigned part = find_format(list, length);
        if (!part)
            return lab_error_set(err, LAB_ERR_USAGE,
                                 "--format: found '%.*s', expected csv, json, html or plots",
                                 (int)length, list);
        *parts |= part;
        if (!list[length])
            return 0;
        list += length + 1;
    }
}

static int choose_parts(const struct report_options *options, unsigned *parts,
                        struct lab_error *err)
{
    *parts = options->latex ? REPORT_LATEX : 0;
    if (options->format)
        return read_formats(options->format, parts, err);
    *parts |= REPORT_DEFAULT;
    return 0;
}

static int run_report(int argc, char **argv, const void *options, struct lab_error *err)
{
    const struct report_options *report = options;
    struct report_outcome outcome = { 0 };
    unsigned parts;
    if (choose_parts(report, &parts, err) < 0)
        return -1;
    int length = (int)strlen(argv[0]);
    while (length > 1 && argv[0][length - 1] == '/')
        length--;
    cleanup_free char *output =
        report->output ? fs_path("%s", report->output) : fs_path("%.*s/report", length, argv[0]);
    int result =
        report_write((const char *const *)argv, (size_t)argc, output, parts, stderr, &outcome, err);
    if (outcome.runs > 0)
        printf("%s: %zu run%s, %zu trial%s, %zu plot%s\n", output, outcome.runs,
               outcome.runs == 1 ? "" : "s", outcome.trials, outcome.trials == 1 ? "" : "s",
               outcome.plots, outcome.plots == 1 ? "" : "s");
    return result;
}

static const struct command_option options[] = {
    { "output", 'o', "DIR", "write to DIR (default: report in the first DIR given)",
      offsetof(struct report_options, output) },
    { "format", 'f', "LIST", "csv, json, html, plots (default: csv,html,plots)",
      offsetof(struct report_options, format) },
    { "latex", 0, NULL, "also write table.tex, a table for a paper",
      offsetof(struct report_options, latex) },
};

const struct command command_report = {
    .name = "report",
    .arguments = "DIR...",
    .summary = "Write a page, CSV files and plots of all runs below the directories",
    .details =
        "Writes index.html, a page that compares the runs and needs no network; tables as\n"
        "CSV: runs, hosts, faults, transfers, traffic, links and, where there is telemetry,\n"
        "connections; and below plots/ each plot as SVG and PNG beside its gnuplot script\n"
        "and data. --format chooses among them, may be given several times, and also knows\n"
        "json: report.json, the data of the page. Runs that are unfinished or damaged are\n"
        "named on standard error and passed over.",
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .list_option = "format",
    .min_arguments = 1,
    .max_arguments = -1,
    .run = run_report,
    .options_size = sizeof(struct report_options),
};

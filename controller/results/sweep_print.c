/* The table at the end of a sweep. */
#include <string.h>

#include "base/fs.h"
#include "base/units.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"
#include "results/print_parts.h"
#include "results/sweep_results.h"

/* Failures, and cells that are not all valid, told in full. */
#define FAILURES_LISTED 10
#define DOUBTS_LISTED   10

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *node = member(object, key);
    return cJSON_IsString(node) ? node->valuestring : "-";
}

/* A time, or "-" where there is none. Returns buf. */
static const char *format_time(const cJSON *object, const char *key, char buf[UNITS_TEXT_MAX])
{
    const cJSON *node = member(object, key);
    if (!cJSON_IsNumber(node) || node->valuedouble <= 0)
        return "-";
    return units_format_time(node->valuedouble, buf, UNITS_TEXT_MAX);
}

/* How many trials of a cell have a verdict. */
static size_t count_of(const cJSON *cell, enum verdict verdict)
{
    const cJSON *node = member(member(cell, "summary"), verdict_name(verdict));
    return cJSON_IsNumber(node) && node->valuedouble > 0 ? (size_t)node->valuedouble : 0;
}

/* The worst verdict on a trial of the cell; where there is none, none speaks against it. */
static enum verdict worst_of(const cJSON *cell)
{
    static const enum verdict worst_first[] = { VERDICT_INVALID, VERDICT_SUSPECT, VERDICT_UNKNOWN };
    for (size_t i = 0; i < ARRAY_LENGTH(worst_first); i++)
        if (count_of(cell, worst_first[i]))
            return worst_first[i];
    return VERDICT_VALID;
}

static void print_cell(const cJSON *cell, FILE *out)
{
    const cJSON *summary = member(cell, "summary"), *makespan = member(summary, "makespan_s");
    const cJSON *efficiency = member(member(summary, "efficiency"), "median");
    const cJSON *low = member(makespan, "ci_low"), *high = member(makespan, "ci_high");
    char median[UNITS_TEXT_MAX], bound[UNITS_TEXT_MAX], share[32] = "-", width[32] = "-";
    if (cJSON_IsNumber(efficiency))
        snprintf(share, sizeof(share), "%.1f %%", 100 * efficiency->valuedouble);
    if (cJSON_IsNumber(low) && cJSON_IsNumber(high))
        snprintf(width, sizeof(width), "%.1f %%",
                 100 * (high->valuedouble - low->valuedouble) /
                     member(makespan, "median")->valuedouble);
    cleanup_free char *trials = cJSON_IsNumber(member(summary, "ok"))
                                    ? fs_path("%.0f/%.0f", member(summary, "ok")->valuedouble,
                                              member(summary, "trials")->valuedouble)
                                    : fs_path("-");
    fprintf(out, "%4.0f  %-11s %6s  %9s %7s  %9s  %8s  ", member(cell, "cell")->valuedouble,
            print_outcome(text_of(cell, "status"), worst_of(cell)), trials,
            format_time(makespan, "median", median), width,
            format_time(member(cell, "bound"), "framed_s", bound), share);
    utf8_print(out, text_of(cell, "label"));
    fputc('\n', out);
}

static void print_failures(const cJSON *cells, FILE *out)
{
    const cJSON *cell;
    unsigned told = 0;
    cJSON_ArrayForEach(cell, cells)
    {
        const cJSON *error = member(cell, "error");
        if (!error || told++ >= FAILURES_LISTED)
            continue;
        cleanup_free char *line = fs_path("cell %.0f (%s): %s", member(cell, "cell")->valuedouble,
                                          text_of(cell, "label"), text_of(error, "message"));
        fputs(told == 1 ? "\n" : "", out);
        utf8_print_wrapped(out, 0, line);
    }
    if (told > FAILURES_LISTED)
        fprintf(out, "and %u more (results.json lists all)\n", told - FAILURES_LISTED);
}

/* How many trials of all cells have each verdict, and in which cells that are ok some are not
 * valid. */
static void print_doubts(const cJSON *cells, FILE *out)
{
    const cJSON *cell;
    size_t counts[VERDICT_INVALID + 1] = { 0 }, told = 0;
    cJSON_ArrayForEach(cell, cells) for (enum verdict v = VERDICT_UNKNOWN; v <= VERDICT_INVALID;
                                         v++) counts[v] += count_of(cell, v);
    fputc('\n', out);
    print_verdict_counts(counts, out);
    cJSON_ArrayForEach(cell, cells)
    {
        bool ok = strcmp(text_of(cell, "status"), "ok") == 0;
        if (!ok || worst_of(cell) == VERDICT_VALID || told++ >= DOUBTS_LISTED)
            continue;
        cleanup_free char *line = fs_path("- cell %.0f (%s): %s; %s/results.json says why",
                                          member(cell, "cell")->valuedouble, text_of(cell, "label"),
                                          verdict_name(worst_of(cell)), text_of(cell, "dir"));
        utf8_print_wrapped(out, 2, line);
    }
    if (told > DOUBTS_LISTED)
        fprintf(out, "  and %zu more cells\n", told - DOUBTS_LISTED);
}

void sweep_results_print(const cJSON *results, FILE *out)
{
    const cJSON *sweep = member(results, "sweep"), *cells = member(results, "cells"), *cell;
    cleanup_free char *title =
        fs_path("%s: %s", text_of(results, "experiment"), text_of(results, "title"));
    utf8_print_wrapped(out, 0, title);
    fprintf(out, "sweep of %.0f cells", member(sweep, "cells")->valuedouble);
    if (member(sweep, "shards")->valuedouble > 1)
        fprintf(out, ", shard %.0f of %.0f", member(sweep, "shard")->valuedouble,
                member(sweep, "shards")->valuedouble);
    fprintf(out, "\n\n%4s  %-11s %6s  %9s %7s  %9s  %8s  %s\n", "cell", "status", "trials",
            "median", "95% CI", "bound", "of bound", "values");
    cJSON_ArrayForEach(cell, cells) print_cell(cell, out);
    print_doubts(cells, out);
    print_failures(cells, out);
    fprintf(out, "\nrun directory: %s\n", text_of(results, "run_dir"));
}

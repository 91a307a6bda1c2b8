#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "report/plots.h"

#define COLOURS 3
#define SYMBOLS 4
#define DASHES  5

/* By model: a family of colours, and symbols and fills that no other model has. */
static const struct {
    const char *text;
    const char *colours[COLOURS];
    int points[SYMBOLS];
    const char *fills[SYMBOLS];
} models[PLOT_MODELS] = {
    [MODEL_CS] = { "client/server",
                   { "#e69f00", "#d55e00", "#704700" },
                   { 7, 13, 6, 12 },
                   { "solid 1.0", "pattern 4", "solid 0.5", "pattern 2" } },
    [MODEL_P2P] = { "peer to peer",
                    { "#0072b2", "#56b4e9", "#003f63" },
                    { 5, 15, 4, 14 },
                    { "solid 1.0", "pattern 5", "solid 0.5", "pattern 1" } },
    [MODEL_EXEC] = { "commands",
                     { "#009e73", "#63c558", "#005a36" },
                     { 9, 11, 8, 10 },
                     { "pattern 3", "pattern 6", "solid 0.5", "pattern 7" } },
};

/* Colours, symbols and dashes go round by themselves. No two of their numbers have a common
 * divisor, so that any two of the three tell the first twelve apart. */
struct plot_style plot_style(enum model_kind model, size_t variant)
{
    return (struct plot_style){ .colour = models[model].colours[variant % COLOURS],
                                .point = models[model].points[variant % SYMBOLS],
                                .fill = models[model].fills[variant % SYMBOLS],
                                .dash = 1 + (int)(variant % DASHES) };
}

const char *plot_model_text(enum model_kind model)
{
    return models[model].text;
}

char *plot_short_name(const char *name, size_t max)
{
    size_t length = strlen(name), tail = max / 3, head = max - tail - 1;
    if (length <= max)
        return fs_path("%s", name);
    return fs_path("%.*s\xe2\x80\xa6%s", (int)head, name, name + length - tail);
}

const char *plot_time_unit(double largest_s, double *per_second)
{
    *per_second = largest_s < 1 ? 1e3 : 1;
    return largest_s < 1 ? "ms" : "s";
}

bool plot_wants_log(double smallest, double largest)
{
    return smallest > 0 && largest / smallest > 50;
}

char *plot_subtitle(const struct report_run *run)
{
    const struct results *results = run->results;
    const struct trial_result *trial = run->shown;
    cleanup_free char *which =
        results->trial_count == 1
            ? fs_path("%s", "")
            : fs_path(", trial %u of %zu (%s makespan)", trial->trial, results->trial_count,
                      trial->status == RESULT_OK ? "median" : "no");
    return fs_path("%s from %s, run %s%s", plot_model_text(results->model), trial->server,
                   run_stamp(run), which);
}

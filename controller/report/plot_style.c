#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "report/plots.h"

/* By model. */
static const struct {
    const char *text;
    struct plot_style variants[3];
} models[PLOT_MODELS] = {
    [MODEL_CS] = { "client/server",
                   { { "#e69f00", 7, "solid 1.0" },
                     { "#d55e00", 9, "pattern 4" },
                     { "#8c5a00", 13, "pattern 2" } } },
    [MODEL_P2P] = { "peer to peer",
                    { { "#0072b2", 5, "solid 1.0" },
                      { "#56b4e9", 11, "pattern 5" },
                      { "#003f63", 15, "pattern 1" } } },
    [MODEL_EXEC] = { "commands",
                     { { "#009e73", 9, "pattern 3" },
                       { "#cc79a7", 11, "pattern 6" },
                       { "#7f7f7f", 13, "pattern 7" } } },
};

const struct plot_curve plot_curves[PLOT_CURVES] = {
    { "#0072b2", 1 }, { "#d55e00", 2 }, { "#009e73", 4 }, { "#cc79a7", 5 },
    { "#000000", 3 }, { "#e69f00", 1 }, { "#56b4e9", 2 }, { "#7f7f7f", 4 },
};

const struct plot_style *plot_style(enum model_kind model, size_t variant)
{
    return &models[model].variants[variant % ARRAY_LENGTH(models[0].variants)];
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

/* Bytes received over time, one curve a host. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "labctl/cleanup.h"
#include "report/gnuplot.h"
#include "report/plots.h"

struct byte_unit {
    const char *name;
    double factor; /* from bytes */
};

static struct byte_unit byte_unit(uint64_t bytes)
{
    if (bytes >= 10000000000u)
        return (struct byte_unit){ "GB", 1e-9 };
    if (bytes >= 10000000u)
        return (struct byte_unit){ "MB", 1e-6 };
    return bytes >= 10000u ? (struct byte_unit){ "kB", 1e-3 } : (struct byte_unit){ "bytes", 1 };
}

/* One block of data a host. Returns the latest time shown, or 0 when there is no curve. */
static double put_curves(const struct report_run *run, FILE *data)
{
    double latest = 0;
    fputs("# One block of lines a host.\n# time_s  bytes\n", data);
    for (size_t h = 0; h < run->shown->host_count; h++) {
        const struct series *curve = &run->detail.clients[h].curve;
        fputs("# ", data);
        gnuplot_cell(data, run->shown->hosts[h].host, NODE_NAME_MAX);
        fputs(curve->count ? "\n" : "\n? ?\n", data);
        for (size_t i = 0; i < curve->count; i++)
            fprintf(data, "%.9f %.0f\n", curve->points[i].x, curve->points[i].y);
        if (curve->count > 1)
            latest = fmax(latest, curve->points[curve->count - 1].x);
        fputs("\n\n", data);
    }
    return latest;
}

/* --- the script ----------------------------------------------------------- */

struct bytes_plot {
    const struct report_run *run;
    const char *name;
    double time_factor, latest;
    const char *time_unit;
    struct byte_unit unit;
};

static void put_curve(const struct bytes_plot *b, FILE *script, size_t host, const char *colour,
                      int dash, double width, const char *title)
{
    fprintf(script,
            "'%s.dat' index %zu using ($1*%g):($2*%g) with lines linewidth %g dashtype %d "
            "linecolor rgb '%s' ",
            b->name, host, b->time_factor, b->unit.factor, width, dash, colour);
    gnuplot_title(script, title, 40);
    fputs(", \\\n  ", script);
}

/* The host with the `rank`-th finish from 0; those without come last, in order. */
static size_t host_by_rank(const struct trial_result *trial, size_t rank)
{
    for (size_t h = 0; h < trial->host_count; h++) {
        double finish = trial->hosts[h].finish_s;
        size_t before = 0;
        for (size_t k = 0; k < trial->host_count; k++) {
            double other = trial->hosts[k].finish_s;
            bool first = isnan(finish) ? !isnan(other) || k < h
                                       : other < finish || (other == finish && k < h);
            before += k != h && first;
        }
        if (before == rank)
            return h;
    }
    return 0;
}

static void put_few(const struct bytes_plot *b, FILE *script)
{
    const struct trial_result *trial = b->run->shown;
    for (size_t h = 0; h < trial->host_count; h++) {
        cleanup_free char *title = fs_path("%s%s", trial->hosts[h].host,
                                           trial->hosts[h].status == RESULT_OK ? ""
                                           : trial->hosts[h].expected ? " (failed, expected)"
                                                                      : " (failed)");
        struct plot_style style = plot_style(b->run->results->model, h);
        /* Ever thinner, so that curves that coincide are all to be seen. */
        put_curve(b, script, h, style.colour, style.dash, 2.8 - 0.25 * (double)h, title);
    }
}

static void put_many(const struct bytes_plot *b, FILE *script)
{
    const struct trial_result *trial = b->run->shown;
    size_t last = trial->host_count - 1;
    const struct {
        size_t rank;
        const char *what;
        int dash;
    } named[] = { { 0, "first", 2 }, { last / 2, "median", 1 }, { last, "last", 4 } };
    struct plot_style style = plot_style(b->run->results->model, 0);
    for (size_t h = 0; h < trial->host_count; h++)
        put_curve(b, script, h, style.colour, 1, 0.6, h ? NULL : "each host");
    for (size_t i = 0; i < ARRAY_LENGTH(named); i++) {
        size_t host = host_by_rank(trial, named[i].rank);
        bool failed = trial->hosts[host].status != RESULT_OK;
        cleanup_free char *title =
            fs_path("%s: %s", failed ? "failed" : named[i].what, trial->hosts[host].host);
        put_curve(b, script, host, "#000000", named[i].dash, 2, title);
    }
}

/* The bound as an upright line from the axis to the file's size. */
static void put_bound(const struct bytes_plot *b, FILE *script)
{
    const struct trial_result *trial = b->run->shown;
    double bound = trial->bound.framed_s * b->time_factor;
    double top = (double)trial->file_bytes * b->unit.factor;
    if (bound > 0)
        fprintf(script,
                "'+' using (%.9g):($0 == 0 ? 0 : %.9g) every ::0::1 with lines dashtype 3 "
                "linewidth 1.6 linecolor rgb '#404040' title 'lower bound', \\\n  ",
                bound, top);
    fprintf(script, "%.9g with lines linewidth 0.8 linecolor rgb '#808080' title 'whole file'\n",
            top);
}

static void put_axes(const struct bytes_plot *b, FILE *script)
{
    double end_s = fmax(b->latest, b->run->shown->bound.framed_s) * 1.04;
    fprintf(script,
            "set xlabel 'time since the %s (%s)'\n"
            "set ylabel 'received (%s)'\n"
            "set xrange [0:%.9g]\nset yrange [0:%.9g]\n",
            b->run->results->model == MODEL_EXEC ? "start" : "first connection", b->time_unit,
            b->unit.name, end_s * b->time_factor,
            fmax(1, (double)b->run->shown->file_bytes) * 1.06 * b->unit.factor);
    plot_put_faults(script, b->run->shown, b->time_factor, end_s);
}

int plot_bytes(const struct report_run *run, const char *folder, const char *name,
               struct lab_error *err)
{
    struct plot plot;
    if (plot_begin(&plot, folder, name, err) < 0)
        return -1;
    struct bytes_plot b = { .run = run, .name = name, .unit = byte_unit(run->shown->file_bytes) };
    b.latest = put_curves(run, plot.data);
    if (b.latest <= 0) {
        plot_abandon(&plot);
        return 1;
    }
    b.time_unit = plot_time_unit(b.latest, &b.time_factor);

    static const char *const options[] = { "set key outside right top vertical reverse Left",
                                           NULL };
    cleanup_free char *title = fs_path("Bytes received over time: %s", run->results->experiment);
    cleanup_free char *subtitle = plot_subtitle(run);
    plot_put_frame(&plot, &(struct plot_frame){ title, subtitle, 800, 460, options });
    put_axes(&b, plot.script);
    fputs("plot ", plot.script);
    if (run->shown->host_count <= PLOT_CURVES)
        put_few(&b, plot.script);
    else
        put_many(&b, plot.script);
    put_bound(&b, plot.script);
    return plot_end(&plot, err);
}

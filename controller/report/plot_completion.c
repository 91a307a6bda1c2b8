/* Completion time by host. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "labctl/cleanup.h"
#include "report/gnuplot.h"
#include "report/plots.h"

/* Bars are readable up to this many; beyond, and on a logarithmic axis, points. */
#define BARS_MAX 72

/* Host names that fit below the axis at the least distance; more are thinned out. */
#define NAMES_MAX 48

/* Part of the distance between two hosts that their bars or points fill. */
#define GROUP_WIDTH 0.8

/* Ends a block of data. A block must have a line to be counted; gnuplot leaves out a "?". */
#define NO_LINE "? ? ? ? 0 \"\"\n\n\n"

struct completion {
    const struct report_run *const *runs;
    size_t count;
    double smallest, largest; /* of the finish times and bounds shown */
    bool logarithmic, bars, bounds;
    size_t failed; /* hosts that completed in no trial */
    double factor; /* from seconds to the axis */
    const char *unit;
};

static size_t host_count(const struct report_run *run)
{
    return run->results->trials[0].host_count;
}

/* Finish times of a host over the trials in which it got the whole file; an invalid one says
 * nothing of it. */
static struct summary host_finishes(const struct report_run *run, size_t host, double *scratch)
{
    const struct results *results = run->results;
    size_t count = 0;
    for (size_t i = 0; i < results->trial_count; i++) {
        const struct trial_result *trial = &results->trials[i];
        if (trial->status == RESULT_OK && !results_trial_counts(trial))
            continue;
        if (host < trial->host_count && trial->hosts[host].status == RESULT_OK)
            scratch[count++] = trial->hosts[host].finish_s;
    }
    return statistics_summarise(scratch, count);
}

static double position(const struct completion *c, size_t series, size_t host)
{
    double width = GROUP_WIDTH / (double)c->count;
    return (double)host + 1 + ((double)series - ((double)c->count - 1) / 2) * width;
}

static void widen(struct completion *c, double value)
{
    if (isnan(value) || value <= 0)
        return;
    c->smallest = fmin(c->smallest, value);
    c->largest = fmax(c->largest, value);
}

/* One block of data a run: its hosts' times. */
static void put_times(struct completion *c, FILE *data, double *scratch)
{
    fputs("# One block of lines a run, then the hosts that did not complete, then the bounds.\n"
          "# position  median_s  min_s  max_s  trials  host\n",
          data);
    for (size_t s = 0; s < c->count; s++) {
        const struct report_run *run = c->runs[s];
        for (size_t h = 0; h < host_count(run); h++) {
            struct summary finish = host_finishes(run, h, scratch);
            c->failed += finish.n == 0;
            if (finish.n == 0)
                continue;
            fprintf(data, "%.4f %.9f %.9f %.9f %zu ", position(c, s, h), finish.median, finish.min,
                    finish.max, finish.n);
            gnuplot_cell(data, run->results->trials[0].hosts[h].host, NODE_NAME_MAX);
            fputc('\n', data);
            widen(c, finish.min);
            widen(c, finish.max);
        }
        widen(c, run->results->trials[0].bound.framed_s);
        fputs(NO_LINE, data);
    }
}

/* Hosts without the file are crosses at the foot of their place. */
static void put_failures(const struct completion *c, FILE *data, double *scratch)
{
    double foot = c->logarithmic ? c->smallest / 1.5 : c->largest * 0.02;
    for (size_t s = 0; s < c->count; s++)
        for (size_t h = 0; h < host_count(c->runs[s]); h++)
            if (host_finishes(c->runs[s], h, scratch).n == 0) {
                fprintf(data, "%.4f %.9f ? ? 0 ", position(c, s, h), foot);
                gnuplot_cell(data, c->runs[s]->results->trials[0].hosts[h].host, NODE_NAME_MAX);
                fputc('\n', data);
            }
    fputs(NO_LINE, data);
}

/* A stroke at the height of its run's bound in every host's place. */
static void put_bounds(struct completion *c, FILE *data)
{
    for (size_t s = 0; s < c->count; s++) {
        double bound = c->runs[s]->results->trials[0].bound.framed_s;
        for (size_t h = 0; bound > 0 && h < host_count(c->runs[s]); h++) {
            fprintf(data, "%.4f %.9f\n", position(c, s, h), bound);
            c->bounds = true;
        }
    }
}

/* --- the script ----------------------------------------------------------- */

static void put_names(const struct completion *c, FILE *script)
{
    const struct trial_result *trial = &c->runs[0]->results->trials[0];
    size_t longest = 0, step = (trial->host_count + NAMES_MAX - 1) / NAMES_MAX;
    for (size_t h = 0; h < trial->host_count; h++)
        longest = strlen(trial->hosts[h].host) > longest ? strlen(trial->hosts[h].host) : longest;
    bool upright = trial->host_count / step * (longest + 1) > 80;
    fprintf(script, "set xtics %s scale 0 (", upright ? "rotate by 90 right" : "norotate");
    for (size_t h = 0; h < trial->host_count; h += step) {
        fputs(h ? ", " : "", script);
        gnuplot_quote(script, trial->hosts[h].host, NODE_NAME_MAX);
        fprintf(script, " %zu", h + 1);
    }
    /* Few hosts keep to the middle, so that their bars do not become walls. */
    double hosts = (double)trial->host_count, margin = hosts < 4 ? 0.6 + (4 - hosts) / 2 : 0.6;
    fprintf(script, ")\nset xrange [%g:%g]\n", 1 - margin, hosts + margin);
}

static void put_axes(const struct completion *c, FILE *script)
{
    fprintf(script,
            "set xlabel 'host'\n"
            "set ylabel 'time until the host had the file (%s)'\n",
            c->unit);
    put_names(c, script);
    if (c->logarithmic)
        fprintf(script, "set logscale y\nset yrange [%.9g:%.9g]\n", c->smallest / 2 * c->factor,
                c->largest * 1.6 * c->factor);
    else
        fprintf(script, "set yrange [0:%.9g]\n", c->largest * 1.08 * c->factor);
}

static void put_series_title(const struct report_run *run, FILE *script)
{
    const struct results *results = run->results;
    cleanup_free char *start = results->start == START_TOGETHER
                                   ? fs_path("%s", "")
                                   : fs_path(", %s start", start_name(results->start));
    cleanup_free char *trials =
        results->trial_count == 1
            ? fs_path("%s", "")
            : fs_path(", median and range of %zu trials", results->trial_count);
    cleanup_free char *name = plot_short_name(results->experiment, 40);
    cleanup_free char *title =
        fs_path("%s: %s%s%s", name, plot_model_text(results->model), start, trials);
    fputs(" title ", script);
    gnuplot_quote(script, title, 96);
}

static struct plot_style series_style(const struct completion *c, size_t series)
{
    size_t variant = 0;
    for (size_t s = 0; s < series; s++)
        variant += c->runs[s]->results->model == c->runs[series]->results->model;
    return plot_style(c->runs[series]->results->model, variant);
}

static void put_series(const struct completion *c, size_t s, const char *name, FILE *script)
{
    struct plot_style style = series_style(c, s);
    double width = GROUP_WIDTH / (double)c->count * 0.92;
    fprintf(script, "'%s.dat' index %zu using 1:($2*%g)", name, s, c->factor);
    if (c->bars)
        fprintf(script,
                ":(%.4f) with boxes linecolor rgb '%s' fillstyle %s border linecolor rgb '%s'",
                width, style.colour, style.fill, style.colour);
    else
        fprintf(script, " with points pointtype %d pointsize %g linecolor rgb '%s'", style.point,
                host_count(c->runs[s]) > BARS_MAX ? 0.4 : 1.0, style.colour);
    put_series_title(c->runs[s], script);
}

static void put_plot(const struct completion *c, const char *name, FILE *script)
{
    fputs("plot ", script);
    for (size_t s = 0; s < c->count; s++) {
        fputs(s ? ", \\\n  " : "", script);
        put_series(c, s, name, script);
    }
    for (size_t s = 0; s < c->count; s++)
        if (c->runs[s]->results->trial_count > 1)
            fprintf(
                script,
                ", \\\n  '%s.dat' index %zu using 1:($3*%g):(0):(($4-$3)*%g) with vectors heads "
                "size screen 0.005,90 fixed linewidth 1.2 linecolor rgb '#404040' notitle",
                name, s, c->factor, c->factor);
    if (c->bounds)
        fprintf(script,
                ", \\\n  '%s.dat' index %zu using ($1-%.4f):($2*%g):(%.4f):(0) with vectors nohead "
                "linewidth 2 linecolor rgb '#000000' notitle, \\\n  keyentry with lines "
                "linewidth 2 linecolor rgb '#000000' title 'lower bound of the makespan'",
                name, c->count + 1, GROUP_WIDTH / 2 / (double)c->count, c->factor,
                GROUP_WIDTH / (double)c->count);
    if (c->failed)
        fprintf(script,
                ", \\\n  '%s.dat' index %zu using 1:($2*%g) with points pointtype 2 pointsize 1 "
                "linewidth 2 linecolor rgb '#000000' title 'did not get the file'",
                name, c->count, c->factor);
    fputs("\n", script);
}

static char *describe(const struct completion *c)
{
    const struct trial_result *trial = &c->runs[0]->results->trials[0];
    char size[UNITS_TEXT_MAX];
    return fs_path("%s from %s to %zu client%s",
                   units_format_size(trial->file_bytes, size, sizeof(size)), trial->server,
                   trial->host_count, trial->host_count == 1 ? "" : "s");
}

int plot_completion(const struct report_run *const *runs, size_t count, const char *folder,
                    const char *name, struct lab_error *err)
{
    struct completion c = { .runs = runs, .count = count, .smallest = INFINITY };
    size_t trials = 1;
    for (size_t s = 0; s < count; s++)
        trials = runs[s]->results->trial_count > trials ? runs[s]->results->trial_count : trials;
    cleanup_free double *scratch = malloc(trials * sizeof(*scratch));
    struct plot plot;
    if (!scratch)
        return lab_error_memory(err);
    if (plot_begin(&plot, folder, name, err) < 0)
        return -1;
    put_times(&c, plot.data, scratch);
    if (c.failed == count * host_count(runs[0])) {
        plot_abandon(&plot);
        return 1;
    }
    c.logarithmic = plot_wants_log(c.smallest, c.largest);
    c.bars = !c.logarithmic && count * host_count(runs[0]) <= BARS_MAX;
    c.unit = plot_time_unit(c.largest, &c.factor);
    put_failures(&c, plot.data, scratch);
    put_bounds(&c, plot.data);

    static const char *const options[] = {
        "set key below center vertical maxcols 1 reverse Left height 0.7", "set grid noxtics ytics",
        NULL
    };
    cleanup_free char *subtitle = describe(&c);
    plot_put_frame(&plot, &(struct plot_frame){ "Completion time by host", subtitle, 800,
                                                460 + 20 * (int)(count + 2), options });
    put_axes(&c, plot.script);
    put_plot(&c, name, plot.script);
    return plot_end(&plot, err);
}

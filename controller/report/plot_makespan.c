/* Makespan of each run beside its bound: one line a run, names at the left. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "labctl/cleanup.h"
#include "report/gnuplot.h"
#include "report/plots.h"

/* Characters of a run's name that leave room for the plot. */
#define LABEL_MAX 44

struct makespan {
    const struct report_run *const *runs;
    size_t count;
    double smallest, largest;
    bool models[PLOT_MODELS]; /* which there are, among runs with a makespan */
    bool bounds, failures;
    bool logarithmic;
    double foot; /* where the axis begins */
    double factor;
    const char *unit;
};

static double bound_of(const struct report_run *run)
{
    return run->results->trial_count ? run->results->trials[0].bound.framed_s : 0;
}

static void survey(struct makespan *m)
{
    m->smallest = INFINITY;
    for (size_t i = 0; i < m->count; i++) {
        const struct results *results = m->runs[i]->results;
        double bound = bound_of(m->runs[i]);
        if (results->makespan_s.n > 0) {
            m->models[results->model] = true;
            m->smallest = fmin(m->smallest, results->makespan_s.min);
            m->largest = fmax(m->largest, results->makespan_s.max);
        }
        m->failures |= results->makespan_s.n == 0;
        if (bound > 0) {
            m->bounds = true;
            m->smallest = fmin(m->smallest, bound);
            m->largest = fmax(m->largest, bound);
        }
    }
}

/* Does the experiment of run `i` have another run, so that the name alone is not enough? */
static bool has_sibling(const struct makespan *m, size_t i)
{
    const char *name = m->runs[i]->results->experiment;
    return (i > 0 && strcmp(m->runs[i - 1]->results->experiment, name) == 0) ||
           (i + 1 < m->count && strcmp(m->runs[i + 1]->results->experiment, name) == 0);
}

static char *label_of(const struct makespan *m, size_t i)
{
    const char *name = m->runs[i]->results->experiment, *stamp = run_stamp(m->runs[i]);
    if (!has_sibling(m, i))
        return plot_short_name(name, LABEL_MAX);
    size_t room = LABEL_MAX > strlen(stamp) + 8 ? LABEL_MAX - strlen(stamp) - 1 : 8;
    cleanup_free char *cut = plot_short_name(name, room);
    return fs_path("%s %s", cut, stamp);
}

/* The first run is at the top. */
static double height_of(const struct makespan *m, size_t i)
{
    return (double)(m->count - i);
}

static char *value_text(const struct report_run *run)
{
    const struct results *results = run->results;
    double median = results->makespan_s.median, bound = bound_of(run);
    char time[UNITS_TEXT_MAX];
    const char *status = result_status_name(results->status);
    const char *code = lab_error_name(results->error.code);
    if (results->makespan_s.n == 0)
        return strcmp(status, code) == 0 ? fs_path("%s", status) : fs_path("%s: %s", status, code);
    units_format_time(median, time, sizeof(time));
    return bound > 0 ? fs_path("%s, %.2f \xc3\x97 bound", time, median / bound)
                     : fs_path("%s", time);
}

/* Blocks of data: the runs of each model, then those that failed, then the bounds. */
static void put_runs(const struct makespan *m, FILE *data, int model)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct results *results = m->runs[i]->results;
        bool failed = results->makespan_s.n == 0;
        if (failed ? model >= 0 : (int)results->model != model)
            continue;
        cleanup_free char *text = value_text(m->runs[i]);
        const struct summary *s = &results->makespan_s;
        fprintf(data, "%g ", height_of(m, i));
        if (failed)
            fprintf(data, "? ? ? %.9f ", fmax(m->foot * 1.02, bound_of(m->runs[i])));
        else
            fprintf(data, "%.9f %.9f %.9f %.9f ", s->median, s->min, s->max,
                    fmax(s->max, bound_of(m->runs[i])));
        gnuplot_cell(data, text, 60);
        fputc('\n', data);
    }
    fputs("? ? ? ? ? \"\"\n\n\n", data);
}

static void put_bounds(const struct makespan *m, FILE *data)
{
    fputs("# place  bound_s\n", data);
    for (size_t i = 0; i < m->count; i++)
        if (bound_of(m->runs[i]) > 0)
            fprintf(data, "%g %.9f\n", height_of(m, i), bound_of(m->runs[i]));
}

static void put_data(const struct makespan *m, FILE *data)
{
    fputs("# Blocks of lines: client/server, peer to peer, commands, failed, bounds.\n"
          "# place  median_s  min_s  max_s  label_at_s  label\n",
          data);
    for (int model = 0; model < PLOT_MODELS; model++)
        put_runs(m, data, model);
    put_runs(m, data, -1);
    put_bounds(m, data);
}

/* --- the script ----------------------------------------------------------- */

static void put_axes(const struct makespan *m, FILE *script)
{
    /* Room for the words at the right of the last point. */
    double right =
        m->logarithmic ? m->largest * pow(m->largest / m->foot, 0.45) : m->largest * 1.45;
    fprintf(script, "set xlabel 'makespan (%s)'\nset yrange [0.4:%zu.6]\nset ytics scale 0 (",
            m->unit, m->count);
    for (size_t i = 0; i < m->count; i++) {
        cleanup_free char *label = label_of(m, i);
        fputs(i ? ", " : "", script);
        gnuplot_quote(script, label, LABEL_MAX);
        fprintf(script, " %g", height_of(m, i));
    }
    fprintf(script, ")\n%sset xrange [%.9g:%.9g]\nset grid xtics noytics\n",
            m->logarithmic ? "set logscale x\n" : "", m->foot * m->factor, right * m->factor);
}

static void put_model(const struct makespan *m, int model, const char *name, FILE *script)
{
    struct plot_style style = plot_style((enum model_kind)model, 0);
    fprintf(script,
            "'%s.dat' index %d using ($3*%g):1:(($4-$3)*%g):(0) with vectors heads size screen "
            "0.005,90 fixed linewidth 1.4 linecolor rgb '#404040' notitle, \\\n"
            "  '' index %d using ($2*%g):1 with points pointtype %d pointsize 1.3 "
            "linecolor rgb '%s' title '%s', \\\n"
            "  '' index %d using ($5*%g):1:6 with labels left offset 1.2,0 font ',11' "
            "textcolor rgb '#404040' notitle, \\\n  ",
            name, model, m->factor, m->factor, model, m->factor, style.point, style.colour,
            plot_model_text((enum model_kind)model), model, m->factor);
}

static void put_plot(const struct makespan *m, const char *name, FILE *script)
{
    fputs("plot ", script);
    if (m->bounds)
        fprintf(script,
                "'%s.dat' index %d using ($2*%g):($1-0.36):(0):(0.72) with vectors nohead "
                "linewidth 2.4 linecolor rgb '#000000' notitle, \\\n  ",
                name, PLOT_MODELS + 1, m->factor);
    for (int model = 0; model < PLOT_MODELS; model++)
        if (m->models[model])
            put_model(m, model, name, script);
    if (m->failures)
        fprintf(script,
                "'%s.dat' index %d using ($5*%g):1:6 with labels left offset 0.8,0 font ',11' "
                "textcolor rgb '#000000' notitle, \\\n  ",
                name, PLOT_MODELS, m->factor);
    if (m->bounds)
        fputs("keyentry with lines linewidth 2.4 linecolor rgb '#000000' "
              "title 'lower bound, headers counted'",
              script);
    else
        fputs("NaN notitle", script);
    fputc('\n', script);
}

int plot_makespan(const struct report_run *const *runs, size_t count, const char *folder,
                  const char *name, struct lab_error *err)
{
    struct makespan m = { .runs = runs, .count = count };
    struct plot plot;
    survey(&m);
    bool any = false;
    for (size_t i = 0; i < ARRAY_LENGTH(m.models); i++)
        any |= m.models[i];
    if (!any)
        return 1;
    if (plot_begin(&plot, folder, name, err) < 0)
        return -1;
    m.logarithmic = plot_wants_log(m.smallest, m.largest);
    m.foot = m.logarithmic ? m.smallest / 2 : 0;
    m.unit = plot_time_unit(m.largest, &m.factor);
    put_data(&m, plot.data);

    static const char *const options[] = {
        "set key below center vertical maxcols 1 reverse Left height 0.7", NULL
    };
    bool several = false;
    for (size_t i = 0; i < count; i++)
        several |= runs[i]->results->trial_count > 1;
    plot_put_frame(&plot, &(struct plot_frame){
                              "Makespan of each run beside its lower bound",
                              several ? "median over the trials, bars from least to most" : NULL,
                              800, 190 + 26 * (int)count, options });
    put_axes(&m, plot.script);
    put_plot(&m, name, plot.script);
    return plot_end(&plot, err);
}

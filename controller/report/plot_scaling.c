/* Makespan of a sweep against the number of clients, beside the curves of theory. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "report/gnuplot.h"
#include "report/lines.h"
#include "report/plots.h"

/* Lines that are drawn; a plot of more cannot be read. */
#define LINES_MAX 12

/* Runs of a sweep that differ in the number of clients alone, and what they are set beside. */
struct scaling_line {
    const struct report_run **runs; /* owned; by number of clients */
    size_t count;
    struct plot_style style;
    struct curve_point curve[CURVE_POINTS_MAX];
    size_t points; /* of the curve; 0: nothing binds, or another line has the same */
};

struct scaling {
    const struct run_group *group;
    struct scaling_line lines[LINES_MAX];
    size_t count;
    double smallest, largest; /* times */
    size_t least, most;       /* clients */
    bool several;             /* trials */
    bool bounds;
};

/* --- lines ---------------------------------------------------------------- */

static size_t clients_of(const struct report_run *run)
{
    return run->experiment->client_count;
}

static int compare_clients(const void *a, const void *b)
{
    size_t x = clients_of(*(const struct report_run *const *)a);
    size_t y = clients_of(*(const struct report_run *const *)b);
    return (x > y) - (x < y);
}

static void widen(struct scaling *s, double low, double high)
{
    s->smallest = fmin(s->smallest, low);
    s->largest = fmax(s->largest, high);
}

static bool same_curve(const struct scaling_line *a, const struct scaling_line *b)
{
    bool same = a->points == b->points;
    for (size_t i = 0; same && i < a->points; i++)
        same = fabs(a->curve[i].bound.framed_s / b->curve[i].bound.framed_s - 1) < 1e-6;
    return same;
}

/* The curve of theory; the same curve is drawn once. */
static void add_curve(struct scaling *s, struct scaling_line *line, const struct report_run *like)
{
    line->points = curve_fill(like, line_clients(s->group), line->curve);
    if (line->points > 0 && !(line->curve[0].bound.framed_s > 0))
        line->points = 0;
    for (const struct scaling_line *before = s->lines; before < line; before++)
        if (same_curve(before, line))
            line->points = 0;
    for (size_t i = 0; i < line->points; i++)
        widen(s, line->curve[i].bound.framed_s, line->curve[i].bound.framed_s);
    s->bounds |= line->points > 0;
}

/* How many lines of its model there are before it, so that each has a look of its own. */
static size_t variant_of(const struct scaling *s, enum model_kind model)
{
    size_t variant = 0;
    for (size_t i = 0; i < s->count; i++)
        variant += s->lines[i].runs[0]->results->model == model;
    return variant;
}

/* Take the line that the run `first` of the group is on, if it has two points or more. */
static int add_line(struct scaling *s, size_t first, bool *taken, struct lab_error *err)
{
    const struct run_group *group = s->group;
    struct scaling_line *line = &s->lines[s->count];
    *line = (struct scaling_line){ .runs = calloc(group->count, sizeof(*line->runs)) };
    if (!line->runs)
        return lab_error_memory(err);
    for (size_t i = first; i < group->count; i++) {
        if (taken[i] || !line_same(group, group->runs[first], group->runs[i]))
            continue;
        taken[i] = true;
        if (group->runs[i]->results->makespan_s.n > 0)
            line->runs[line->count++] = group->runs[i];
    }
    qsort(line->runs, line->count, sizeof(*line->runs), compare_clients);
    if (line->count < 2 || clients_of(line->runs[0]) == clients_of(line->runs[line->count - 1])) {
        free(line->runs);
        return 0;
    }
    line->style =
        plot_style(line->runs[0]->results->model, variant_of(s, line->runs[0]->results->model));
    for (size_t i = 0; i < line->count; i++) {
        const struct summary *makespan = &line->runs[i]->results->makespan_s;
        widen(s, makespan->min, makespan->max);
        s->several |= makespan->n > 1;
    }
    s->least = clients_of(line->runs[0]) < s->least ? clients_of(line->runs[0]) : s->least;
    add_curve(s, line, group->runs[first]);
    s->count++;
    return 0;
}

static int add_lines(struct scaling *s, struct lab_error *err)
{
    cleanup_free bool *taken = calloc(s->group->count + 1, sizeof(*taken));
    if (!taken)
        return lab_error_memory(err);
    for (size_t i = 0; i < s->group->count && s->count < LINES_MAX; i++)
        if (!taken[i] && add_line(s, i, taken, err) < 0)
            return -1;
    return 0;
}

/* --- data and script ------------------------------------------------------ */

static void put_data(const struct scaling *s, FILE *data)
{
    fputs("# Two blocks of lines for each line of the plot: what was measured, and its bound.\n",
          data);
    for (size_t i = 0; i < s->count; i++) {
        const struct scaling_line *line = &s->lines[i];
        cleanup_free char *label = line_label(s->group, line->runs[0]);
        fputs("# ", data);
        gnuplot_cell(data, label, 80);
        fputs("\n# clients  median_s  min_s  max_s\n", data);
        for (size_t k = 0; k < line->count; k++) {
            const struct summary *makespan = &line->runs[k]->results->makespan_s;
            fprintf(data, "%zu %.9f %.9f %.9f\n", clients_of(line->runs[k]), makespan->median,
                    makespan->min, makespan->max);
        }
        fputs("\n\n# clients  bound_s\n? ?\n", data);
        for (size_t k = 0; k < line->points; k++)
            fprintf(data, "%zu %.9f\n", line->curve[k].clients, line->curve[k].bound.framed_s);
        fputs("\n\n", data);
    }
}

static void put_axes(const struct scaling *s, const char *unit, double factor, FILE *script)
{
    bool far = plot_wants_log((double)s->least, (double)s->most);
    bool tall = plot_wants_log(s->smallest, s->largest);
    fprintf(script, "set xlabel 'clients'\nset ylabel 'makespan (%s)'\n", unit);
    if (far)
        fprintf(script, "set logscale x\nset xrange [%g:%g]\n", 0.8 * (double)s->least,
                1.25 * (double)s->most);
    else
        fprintf(script, "set xrange [0:%g]\n", 1.05 * (double)s->most);
    if (tall)
        fprintf(script, "set logscale y\nset yrange [%.9g:%.9g]\n", s->smallest * factor / 1.5,
                s->largest * factor * 1.5);
    else
        fprintf(script, "set yrange [0:%.9g]\n", s->largest * factor * 1.08);
}

static void put_line(const struct scaling *s, size_t i, const char *name, double factor,
                     FILE *script)
{
    const struct scaling_line *line = &s->lines[i];
    const char *colour = line->style.colour;
    cleanup_free char *label = line_label(s->group, line->runs[0]);
    if (line->points > 0)
        fprintf(script,
                "'%s.dat' index %zu using 1:($2*%g) with lines linewidth 3 dashtype 2 "
                "linecolor rgb '%s' notitle, \\\n  ",
                name, 2 * i + 1, factor, colour);
    fprintf(script,
            "'%s.dat' index %zu using 1:($3*%g):(0):(($4-$3)*%g) with vectors heads size screen "
            "0.005,90 fixed linewidth 1.4 linecolor rgb '#404040' notitle, \\\n"
            "  '' index %zu using 1:($2*%g) with linespoints linewidth 0.8 pointtype %d "
            "pointsize 1.2 linecolor rgb '%s' ",
            name, 2 * i, factor, factor, 2 * i, factor, line->style.point, colour);
    gnuplot_title(script, label, 60);
    fputs(", \\\n  ", script);
}

static void put_plot(const struct scaling *s, const char *name, double factor, FILE *script)
{
    fputs("plot ", script);
    for (size_t i = 0; i < s->count; i++)
        put_line(s, i, name, factor, script);
    if (s->bounds)
        fputs("keyentry with lines linewidth 3 dashtype 2 linecolor rgb '#404040' "
              "title 'lower bound, headers counted'\n",
              script);
    else
        fputs("NaN notitle\n", script);
}

static int draw(const struct scaling *s, const char *folder, const char *name,
                struct lab_error *err)
{
    static const char *const options[] = {
        "set key below center vertical maxcols 2 reverse Left height 0.7", NULL
    };
    struct plot plot;
    double factor;
    const char *unit = plot_time_unit(s->largest, &factor);
    if (plot_begin(&plot, folder, name, err) < 0)
        return -1;
    put_data(s, plot.data);
    plot_put_frame(&plot, &(struct plot_frame){
                              s->group->sweep->title ? s->group->sweep->title
                                                     : "Makespan against the number of clients",
                              s->several ? "median over the trials, bars from least to most" : NULL,
                              800, 480 + 11 * (int)s->count, options });
    put_axes(s, unit, factor, plot.script);
    put_plot(s, name, factor, plot.script);
    return plot_end(&plot, err);
}

int plot_scaling(const struct run_group *group, const char *folder, const char *name,
                 struct lab_error *err)
{
    struct scaling scaling = {
        .group = group, .smallest = INFINITY, .least = SIZE_MAX, .most = line_clients(group)
    };
    int result = add_lines(&scaling, err);
    if (result == 0)
        result = scaling.count > 0 ? draw(&scaling, folder, name, err) : 1;
    for (size_t i = 0; i < scaling.count; i++)
        free(scaling.lines[i].runs);
    return result;
}

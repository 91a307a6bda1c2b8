/* Round-trip times over time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "report/gnuplot.h"
#include "report/sample_plots.h"
#include "report/samples.h"

/* Time is cut into pieces, and a curve is the mean of its samples in each. */
#define PIECES_MAX 200

/* A curve is broken where it has no sample for so many pieces. */
#define GAP 4

struct mean {
    double sum;
    unsigned count;
};

struct rtt_plot {
    const struct run_logs *logs;
    enum model_kind model;
    const char *name;
    size_t curves, pieces;
    double piece_s;
    bool by_client;     /* the server alone sends: a curve a client */
    struct mean *means; /* curves x pieces, and those of all together */
    double latest, most;
    bool *used;  /* by curve */
    bool joined; /* some curve has two points, so that there is a line to be seen */
};

static size_t curve_of(const struct rtt_plot *plot, const struct connection_sample *sample)
{
    const struct plan *plan = plot->logs->plan;
    if (!plot->by_client)
        return sample->node;
    for (size_t i = 1; sample->node == 0 && i < plan->command_count; i++)
        if (strcmp(plan->commands[i].node, sample->peer) == 0)
            return i;
    return SIZE_MAX;
}

static void add(struct mean *mean, double value)
{
    mean->sum += value;
    mean->count++;
}

static void take_sample(void *owner, const struct connection_sample *sample)
{
    struct rtt_plot *plot = owner;
    size_t curve = curve_of(plot, sample);
    double piece = floor(sample->time_s / plot->piece_s);
    if (!sample->sends || curve >= plot->curves || piece < 0 || piece >= (double)plot->pieces)
        return;
    add(&plot->means[curve * plot->pieces + (size_t)piece], (double)sample->rtt_us);
    add(&plot->means[plot->curves * plot->pieces + (size_t)piece], (double)sample->rtt_us);
    plot->used[curve] = true;
}

/* One block of data a curve, and one for all. */
static void put_curves(struct rtt_plot *plot, FILE *data)
{
    fputs("# One block of lines a node, then one for all together.\n# time_s  rtt_us\n", data);
    for (size_t curve = 0; curve <= plot->curves; curve++) {
        fputs("# ", data);
        gnuplot_cell(data, curve < plot->curves ? plot->logs->plan->commands[curve].node : "all",
                     NODE_NAME_MAX);
        fputs("\n? ?\n", data);
        for (size_t i = 0, before = 0, points = 0; i < plot->pieces; i++) {
            const struct mean *mean = &plot->means[curve * plot->pieces + i];
            if (mean->count == 0)
                continue;
            if (i > before + GAP)
                fputc('\n', data);
            before = i;
            plot->joined |= points++ > 0 && curve < plot->curves;
            double time = ((double)i + 0.5) * plot->piece_s, rtt = mean->sum / mean->count;
            fprintf(data, "%.9f %.1f\n", time, rtt);
            plot->latest = fmax(plot->latest, time);
            plot->most = fmax(plot->most, rtt);
        }
        fputs("\n\n", data);
    }
}

static void put_curve(const struct rtt_plot *plot, FILE *script, size_t curve, double time,
                      double rtt, const char *look, const char *title)
{
    fprintf(script, "'%s.dat' index %zu using ($1*%g):($2*%g) with lines %s ", plot->name, curve,
            time, rtt, look);
    gnuplot_title(script, title, 40);
    fputs(", \\\n  ", script);
}

static void put_plot(const struct rtt_plot *plot, FILE *script)
{
    double time, rtt = plot->most < 1000 ? 1 : 1e-3;
    const char *unit = plot_time_unit(plot->latest, &time);
    size_t used = 0, drawn = 0;
    for (size_t i = 0; i < plot->curves; i++)
        used += plot->used[i];
    fprintf(script,
            "set xlabel 'time since the first connection (%s)'\n"
            "set ylabel 'round-trip time (%s)'\nset xrange [0:%.9g]\nset yrange [0:%.9g]\nplot ",
            unit, rtt == 1 ? "us" : "ms", plot->latest * 1.02 * time, plot->most * 1.08 * rtt);
    for (size_t i = 0; i < plot->curves; i++) {
        if (!plot->used[i])
            continue;
        const char *node = plot->logs->plan->commands[i].node;
        cleanup_free char *title = fs_path("%s %s", plot->by_client ? "to" : "from", node);
        bool many = used > PLOT_CURVES;
        struct plot_style style = plot_style(plot->model, many ? 0 : drawn);
        cleanup_free char *look = fs_path("linewidth %g dashtype %d linecolor rgb '%s'",
                                          many ? 0.5 : 1.6, style.dash, style.colour);
        put_curve(plot, script, i, time, rtt, look,
                  !many             ? title
                  : drawn           ? NULL
                  : plot->by_client ? "each client"
                                    : "each sender");
        drawn++;
    }
    if (used > PLOT_CURVES)
        put_curve(plot, script, plot->curves, time, rtt, "linewidth 2.2 linecolor rgb '#000000'",
                  "mean of all");
    fputs("NaN notitle\n", script);
}

static int begin(struct rtt_plot *plot, const struct report_run *run, struct lab_error *err)
{
    double duration = isnan(run->shown->makespan_s) ? (double)run->experiment->timeout_ns / 1e9
                                                    : run->shown->makespan_s;
    plot->curves = plot->logs->plan->command_count;
    plot->piece_s = fmax((double)run->experiment->telemetry_ns / 1e9, duration / PIECES_MAX);
    plot->pieces = (size_t)(duration / plot->piece_s) + 2;
    plot->model = run->results->model;
    plot->by_client = plot->model == MODEL_CS;
    plot->means = calloc((plot->curves + 1) * plot->pieces, sizeof(*plot->means));
    plot->used = calloc(plot->curves, sizeof(*plot->used));
    return plot->means && plot->used ? 0 : lab_error_memory(err);
}

static int draw(struct rtt_plot *rtt, const struct report_run *run, const char *folder,
                struct lab_error *err)
{
    static const char *const options[] = { "set key outside right top vertical reverse Left",
                                           NULL };
    struct plot plot;
    if (plot_begin(&plot, folder, rtt->name, err) < 0)
        return -1;
    put_curves(rtt, plot.data);
    if (!rtt->joined) {
        plot_abandon(&plot);
        return 1;
    }
    cleanup_free char *title = fs_path("Round-trip time over time: %s", run->results->experiment);
    cleanup_free char *subtitle = plot_subtitle(run);
    plot_put_frame(&plot, &(struct plot_frame){ title, subtitle, 800, 460, options });
    put_plot(rtt, plot.script);
    return plot_end(&plot, err);
}

int plot_rtt(const struct report_run *run, const char *folder, const char *name,
             struct lab_error *err)
{
    struct run_logs logs;
    struct rtt_plot plot = { .logs = &logs, .name = name };
    int result = run_logs_open(&logs, run, err);
    if (result == 0)
        result = begin(&plot, run, err);
    if (result == 0) {
        samples_read_connections(&logs, run->shown, take_sample, &plot);
        result = draw(&plot, run, folder, err);
    }
    run_logs_close(&logs);
    free(plot.means);
    free(plot.used);
    return result;
}

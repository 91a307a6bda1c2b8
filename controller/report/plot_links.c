/* How busy links were over time, as a map: a row for each direction of each link. */
#include <math.h>
#include <stdlib.h>

#include "labctl/cleanup.h"
#include "report/gnuplot.h"
#include "report/sample_plots.h"
#include "report/samples.h"

/* A row is cut into no more pieces than a picture has room for. */
#define PIECES_MAX 240

struct links_plot {
    const struct experiment *experiment;
    const char *name;
    FILE *data;
    bool unshaped;       /* some direction that was used has no rate to be measured against */
    double latest, most; /* seconds; bit/s */
    size_t spans;
};

/* Uplinks above, downlinks below. */
static size_t row_of(const struct links_plot *plot, const struct link_span *span)
{
    return span->up ? span->host : plot->experiment->host_count + span->host;
}

static const char *row_name(const void *owner, size_t row)
{
    static char name[NODE_NAME_MAX + 8];
    const struct experiment *experiment = owner;
    bool up = row < experiment->host_count;
    snprintf(name, sizeof(name), "%s %s",
             experiment->hosts[up ? row : row - experiment->host_count].name, up ? "up" : "down");
    return name;
}

static void put_span(void *owner, const struct link_span *span)
{
    struct links_plot *plot = owner;
    double rate = (double)span->bytes * 8 / (span->finish_s - span->start_s);
    double utilisation = link_span_utilisation(span);
    plot->unshaped |= isnan(utilisation);
    plot->latest = fmax(plot->latest, span->finish_s);
    plot->most = fmax(plot->most, rate);
    plot->spans++;
    fprintf(plot->data, "%.9f %.9f %zu %.9g ", span->start_s, span->finish_s, row_of(plot, span),
            rate);
    fprintf(plot->data, isnan(utilisation) ? "?\n" : "%.9g\n", utilisation);
}

static void put_plot(const struct links_plot *plot, FILE *script)
{
    double factor;
    const char *unit = plot_time_unit(plot->latest, &factor);
    size_t rows = 2 * plot->experiment->host_count;
    fprintf(script, "set xlabel 'time since the %s (%s)'\n",
            plot->experiment->model == MODEL_EXEC ? "start" : "first connection", unit);
    fprintf(script, "set xrange [0:%.9g]\nset yrange [%zu.5:-0.5]\n", plot->latest * factor,
            rows - 1);
    sample_plot_tics(script, "y", rows, row_name, plot->experiment);
    if (plot->unshaped)
        fprintf(script, "set cbrange [0:%.9g]\nset cblabel 'carried (Mbit/s)'\n", plot->most / 1e6);
    else
        fputs("set cbrange [0:100]\nset cblabel 'use of the rate (%)'\n", script);
    fprintf(script,
            "set arrow from graph 0, first %g to graph 1, first %g nohead front "
            "linewidth 1 linecolor rgb '#404040'\n",
            (double)plot->experiment->host_count - 0.5, (double)plot->experiment->host_count - 0.5);
    fprintf(script,
            "plot '%s.dat' using (($1+$2)/2*%g):3:($1*%g):($2*%g):($3-0.44):($3+0.44):(%s) "
            "with boxxyerror fillstyle solid 1 noborder linecolor palette notitle\n",
            plot->name, factor, factor, factor, plot->unshaped ? "$4/1e6" : "$5*100");
}

int plot_links(const struct report_run *run, const char *folder, const char *name,
               struct lab_error *err)
{
    struct plot plot;
    struct run_logs logs;
    struct links_plot links = { .experiment = run->experiment, .name = name };
    if (run_logs_open(&logs, run, err) < 0 || plot_begin(&plot, folder, name, err) < 0) {
        run_logs_close(&logs);
        return -1;
    }
    links.data = plot.data;
    fputs("# Rows: uplinks in the order of the hosts, then downlinks.\n"
          "# start_s  finish_s  row  bits_per_s  use_of_the_rate\n",
          plot.data);
    double duration = isnan(run->shown->makespan_s) ? 0 : run->shown->makespan_s;
    samples_read_links(&logs, run->shown, duration / PIECES_MAX, put_span, &links);
    run_logs_close(&logs);
    if (links.spans == 0) {
        plot_abandon(&plot);
        return 1;
    }
    const char *const options[] = { sample_plot_palette, "unset grid", "set border 3", NULL };
    size_t rows = 2 * run->experiment->host_count;
    cleanup_free char *title = fs_path("Use of links over time: %s", run->results->experiment);
    cleanup_free char *subtitle = plot_subtitle(run);
    int height = 150 + (int)(rows < 60 ? 18 * rows : 1080);
    plot_put_frame(&plot, &(struct plot_frame){ title, subtitle, 800, height, options });
    put_plot(&links, plot.script);
    return plot_end(&plot, err);
}

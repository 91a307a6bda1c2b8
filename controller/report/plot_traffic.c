/* Who sent how much of the file to whom, as a map. */
#include <math.h>

#include "labctl/cleanup.h"
#include "report/gnuplot.h"
#include "report/sample_plots.h"
#include "report/samples.h"

/* With no more nodes than this each cell has its figure in it. */
#define FIGURES_MAX 13

/* More make cells too small to be seen. */
#define NODES_MAX 200

struct traffic_plot {
    const struct plan *plan;
    const char *name;
    FILE *data;
    size_t senders; /* columns: the server, and clients if they send */
    uint64_t file_bytes;
    double most; /* share of the file */
    size_t cells;
};

static const char *node_name(const void *owner, size_t i)
{
    const struct plan *plan = owner;
    return plan->commands[i].node;
}

static const char *client_name(const void *owner, size_t i)
{
    return node_name(owner, i + 1);
}

static void put_cells(void *owner, size_t to, const uint64_t *from_bytes)
{
    struct traffic_plot *plot = owner;
    for (size_t from = 0; from < plot->senders; from++) {
        double share = (double)from_bytes[from] / (double)plot->file_bytes;
        if (from == to)
            continue;
        plot->most = fmax(plot->most, share);
        plot->cells += from_bytes[from] > 0;
        fprintf(plot->data, "%zu %zu %llu %.6f\n", from, to - 1,
                (unsigned long long)from_bytes[from], share);
    }
}

/* White figures on dark cells, dark ones on light cells. */
static void put_figures(const struct traffic_plot *plot, FILE *script)
{
    fprintf(script,
            ", \\\n  '' using 1:2:(sprintf($4 > 0 && $4 < 0.0995 ? '%%.1f' : '%%.0f', $4*100)):"
            "($4 > %.6g ? 0xffffff : 0x202020) with labels font ',10' textcolor rgb variable "
            "notitle",
            plot->most / 2);
}

static void put_plot(const struct traffic_plot *plot, FILE *script)
{
    size_t nodes = plot->plan->command_count;
    fprintf(script,
            "set xlabel 'from'\nset ylabel 'to'\nset cblabel 'share of the file (%%)'\n"
            "set xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\nset cbrange [0:%.6g]\n",
            plot->senders - 1, nodes - 2, plot->most * 100);
    sample_plot_tics(script, "x", plot->senders, node_name, plot->plan);
    sample_plot_tics(script, "y", nodes - 1, client_name, plot->plan);
    fprintf(script,
            "plot '%s.dat' using 1:2:($1-0.48):($1+0.48):($2-0.48):($2+0.48):($4*100) with "
            "boxxyerror fillstyle solid 1 noborder linecolor palette notitle",
            plot->name);
    if (nodes <= FIGURES_MAX)
        put_figures(plot, script);
    fputc('\n', script);
}

static int draw(struct run_logs *logs, const char *folder, const char *name, struct lab_error *err)
{
    const struct report_run *run = logs->run;
    struct plot plot;
    size_t nodes = logs->plan->command_count;
    struct traffic_plot traffic = { .plan = logs->plan,
                                    .name = name,
                                    .senders = run->results->model == MODEL_P2P ? nodes : 1,
                                    .file_bytes = run->shown->file_bytes };
    if (plot_begin(&plot, folder, name, err) < 0)
        return -1;
    traffic.data = plot.data;
    fputs("# Columns are the server and the clients in order, rows the clients.\n"
          "# column  row  bytes  share_of_the_file\n",
          plot.data);
    samples_read_traffic(logs, run->shown, put_cells, &traffic);
    if (traffic.cells == 0) {
        plot_abandon(&plot);
        return 1;
    }
    const char *const options[] = { sample_plot_palette, "unset grid", NULL };
    int side = nodes < 8 ? 320 : nodes < 20 ? (int)(40 * nodes) : 800;
    cleanup_free char *title =
        fs_path("Who sent how much of the file to whom: %s", run->results->experiment);
    cleanup_free char *subtitle = plot_subtitle(run);
    plot_put_frame(&plot, &(struct plot_frame){ title, subtitle, side < 500 ? 640 : side + 180,
                                                side + 120, options });
    put_plot(&traffic, plot.script);
    return plot_end(&plot, err);
}

int plot_traffic(const struct report_run *run, const char *folder, const char *name,
                 struct lab_error *err)
{
    struct run_logs logs;
    int result = run_logs_open(&logs, run, err);
    if (result == 0)
        result = logs.plan->command_count > NODES_MAX || run->shown->file_bytes == 0
                     ? 1
                     : draw(&logs, folder, name, err);
    run_logs_close(&logs);
    return result;
}

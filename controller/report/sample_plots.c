#include "report/sample_plots.h"

#include "report/gnuplot.h"

/* Names that fit along an axis. */
#define NAMES_MAX 60

const char sample_plot_palette[] =
    "set palette defined (0 '#f3f5f8', 0.25 '#c3d9ec', 0.5 '#6fa8d3', 0.75 '#2a6fae', "
    "1 '#08306b')\nset colorbox user origin screen 0.875, graph 0 size screen 0.02, graph 1\n"
    "set rmargin at screen 0.86";

void sample_plot_tics(FILE *script, const char *axis, size_t count,
                      const char *(*name)(const void *owner, size_t i), const void *owner)
{
    size_t step = (count + NAMES_MAX - 1) / NAMES_MAX;
    fprintf(script, "set %stics scale 0 %s(", axis,
            axis[0] == 'x' && count > 16 ? "rotate by 90 right " : "");
    for (size_t i = 0; i < count; i += step) {
        fputs(i ? ", " : "", script);
        gnuplot_quote(script, name(owner, i), NODE_NAME_MAX + 6);
        fprintf(script, " %zu", i);
    }
    fputs(")\n", script);
}

/* Faults in a plot over time: an upright line each, with what it was. */
#include <stdio.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "report/gnuplot.h"
#include "report/plots.h"

/* More marks than these are no longer told apart; the first ones are drawn. */
#define MARKS_MAX 24

/* Labels of neighbours stand at different heights, or they would cover each other. */
#define LABEL_STEPS 3

static void put_mark(FILE *script, const struct fault_result *fault, size_t number, double x)
{
    cleanup_free char *text = fs_path("%s %s", fault_event_name(fault->kind), fault->node);
    char *joint = text ? strchr(text, '_') : NULL; /* of link_down and the like; no node has one */
    if (joint)
        *joint = ' ';
    fprintf(script,
            "set arrow from first %.9g, graph 0 to first %.9g, graph 1 nohead back linewidth 1.2 "
            "dashtype 3 linecolor rgb '#a00000'\nset label ",
            x, x);
    gnuplot_quote(script, text, 40);
    fprintf(script,
            " at first %.9g, graph %.2f right rotate by 90 offset -0.9,0 front "
            "textcolor rgb '#a00000' font ',9'\n",
            x, 0.98 - 0.32 * (double)(number % LABEL_STEPS));
}

/* Below the last labels, that there are others. */
static void put_rest(FILE *script, size_t rest)
{
    if (rest > 0)
        fprintf(script,
                "set label 'and %zu more fault%s' at graph 0.99, graph 0.02 right front "
                "textcolor rgb '#a00000' font ',9'\n",
                rest, rest == 1 ? "" : "s");
}

void plot_put_faults(FILE *script, const struct trial_result *trial, double time_factor,
                     double latest_s)
{
    size_t shown = 0;
    for (size_t i = 0; i < trial->fault_count; i++) {
        double at_s = trial->faults[i].at_s;
        if (!(at_s >= 0 && at_s <= latest_s)) /* NAN: it did not happen */
            continue;
        if (shown < MARKS_MAX)
            put_mark(script, &trial->faults[i], shown, at_s * time_factor);
        shown++;
    }
    put_rest(script, shown > MARKS_MAX ? shown - MARKS_MAX : 0);
}

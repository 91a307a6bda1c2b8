/* The plots of a report. */
#ifndef LABCTL_PLOTS_H
#define LABCTL_PLOTS_H

#include <stdbool.h>
#include <stdio.h>

#include "labctl/error.h"
#include "report/groups.h"
#include "report/run_set.h"

/* All plots of a report, into `folder`; *drawn is how many. What has nothing to show is not
 * drawn, and `notes` says so. Returns 0; or -1 with err set to the first failure, after which
 * the others have been tried, unless gnuplot is missing. */
int plots_write(const struct run_set *set, const struct run_groups *groups, const char *folder,
                FILE *notes, size_t *drawn, struct lab_error *err);

/* Each of these leaves its script and data to be drawn by gnuplot_draw(). */

/* completion-NAME: time at which each host had the file, the latest runs of experiments
 * that differ only in how the file is moved side by side. NAME is the first one's. */
int plot_completion(const struct report_run *const *runs, size_t count, const char *folder,
                    const char *name, struct lab_error *err);

/* bytes-NAME: bytes each host held over time, in the shown trial of one run. */
int plot_bytes(const struct report_run *run, const char *folder, const char *name,
               struct lab_error *err);

/* makespan: every run's makespan beside its bound. */
int plot_makespan(const struct report_run *const *runs, size_t count, const char *folder,
                  const char *name, struct lab_error *err);

/* scaling-NAME: the makespan of a sweep's cells against the number of clients, beside the bound
 * for every number. Nothing to show unless the sweep varies that number. */
int plot_scaling(const struct run_group *group, const char *folder, const char *name,
                 struct lab_error *err);

/* Each returns 0, or 1 when there was nothing to show and no file is left, or -1. */

/* Mark each fault of a trial by an upright line with a label, in a plot whose x axis is the
 * trial's time in seconds x `time_factor`, up to `latest_s`. Before the plot command. */
void plot_put_faults(FILE *script, const struct trial_result *trial, double time_factor,
                     double latest_s);

/* --- what they share (plot_style.c) --------------------------------------- */

/* Models there are; each has a look of its own. */
#define PLOT_MODELS (MODEL_EXEC + 1)

/* A model has a family of colours, after those of Okabe and Ito (2008), which people with any
 * colour vision tell apart; the first of cs and of p2p also differ as greys. It has them in
 * every plot, and so has the page. */
struct plot_style {
    const char *colour; /* "#rrggbb" */
    int point, dash;    /* gnuplot's numbers of the symbol and of the dashes */
    const char *fill;   /* of a bar */
};

/* The style of the `variant`-th experiment, or host, of a model in one plot. The first twelve
 * differ, whichever two of colour, symbol and dashes are to be seen. */
struct plot_style plot_style(enum model_kind model, size_t variant);

/* Subtitle: "peer to peer from s1, run 2025..., trial 3 of 5 (median makespan)". Caller
 * frees. */
char *plot_subtitle(const struct report_run *run);

/* Curves of one plot that are drawn each in its own style; of more, all are thin. */
#define PLOT_CURVES 8

/* An experiment's name for a plot: one that is longer than `max` characters loses its
 * middle, for names of one series differ at the ends. Caller frees. */
char *plot_short_name(const char *name, size_t max);

/* "client/server", "peer to peer", "commands". */
const char *plot_model_text(enum model_kind model);

/* Unit for times up to `largest_s`: "s", or "ms" with *per_second 1000. */
const char *plot_time_unit(double largest_s, double *per_second);

/* Do positive values spread so far that a linear axis would hide the small ones? */
bool plot_wants_log(double smallest, double largest);

#endif

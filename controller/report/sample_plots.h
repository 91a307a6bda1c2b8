/* The plots of samples: links, round-trip times, traffic. */
#ifndef LABCTL_REPORT_SAMPLE_PLOTS_H
#define LABCTL_REPORT_SAMPLE_PLOTS_H

#include "report/plots.h"

/* Each shows the typical trial of a run that has one (run->shown), and returns 0, or 1 when
 * there was nothing to show and no file is left, or -1 with err set. */

/* links-NAME: how busy each direction of each link was, over time. */
int plot_links(const struct report_run *run, const char *folder, const char *name,
               struct lab_error *err);

/* rtt-NAME: round-trip times over time; a curve for each client of a server that alone
 * sends, else for each node that sends. */
int plot_rtt(const struct report_run *run, const char *folder, const char *name,
             struct lab_error *err);

/* traffic-NAME: a matrix of who sent how much of the file to whom. */
int plot_traffic(const struct report_run *run, const char *folder, const char *name,
                 struct lab_error *err);

/* From light to dark, also when printed in grey: the palette of the plots that are maps. */
extern const char sample_plot_palette[];

/* Names along an axis of a map, `count` of them at 0, 1, 2 ...; of very many, some only. */
void sample_plot_tics(FILE *script, const char *axis, size_t count,
                      const char *(*name)(const void *owner, size_t i), const void *owner);

#endif

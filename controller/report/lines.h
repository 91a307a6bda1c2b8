/* The lines of a chart of makespan against number of clients: which runs of a group lie on one,
 * and the theoretical curve that belongs to it. */
#ifndef LABCTL_REPORT_LINES_H
#define LABCTL_REPORT_LINES_H

#include "report/groups.h"

/* Points of a curve at most; beyond so many clients they are thinned out evenly. */
#define CURVE_POINTS_MAX 64

struct curve_point {
    size_t clients;
    struct bound bound;
};

/* The bound of an experiment like `run`'s, were there so many clients: further ones are like
 * those there are, in turn. fluid_s is NAN when out of memory. */
struct bound curve_bound(const struct report_run *run, size_t clients);

/* The curve from 1 to `clients` clients. Returns how many points; the first is 1, the last
 * `clients`.
 */
size_t curve_fill(const struct report_run *run, size_t clients,
                  struct curve_point points[CURVE_POINTS_MAX]);

/* Do two runs of a group differ in the number of clients alone? */
bool line_same(const struct run_group *group, const struct report_run *a,
               const struct report_run *b);

/* What a line of the group is called: the model and what else sets it apart from the other
 * lines. Caller frees. */
char *line_label(const struct run_group *group, const struct report_run *run);

/* Up to which number of clients the group's curves go. */
size_t line_clients(const struct run_group *group);

#endif

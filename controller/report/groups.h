/* Which runs of a report belong together: the cells of a sweep; runs that differ only in
 * how the file is moved; a run by itself. */
#ifndef LABCTL_REPORT_GROUPS_H
#define LABCTL_REPORT_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "labctl/error.h"
#include "report/run_set.h"

enum group_kind { GROUP_RUN, GROUP_COMPARISON, GROUP_SWEEP };

struct run_group {
    enum group_kind kind;
    const struct report_run **runs; /* owned; the latest of each experiment */
    size_t count;
    const struct sweep_run *sweep; /* of a sweep: its newest share */
};

/* The one that says most first: sweeps, then comparisons that have a bound, then others; of
 * a kind, the one with more runs, then the newer one. */
struct run_groups {
    struct run_group *groups;
    size_t count;
};

/* Group the latest runs of a set, which must outlive the groups. Returns 0, or -1 with err
 * set when out of memory. Release with groups_clear() in either case. */
int groups_build(struct run_groups *groups, const struct run_set *set, struct lab_error *err);
void groups_clear(struct run_groups *groups);

/* Do two runs differ only in how the file is moved (model, start, client options)? Both have
 * a trial. */
bool group_same_setting(const struct report_run *a, const struct report_run *b);

#endif

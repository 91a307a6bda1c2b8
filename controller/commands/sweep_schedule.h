/* Which trial of a sweep is run next. */
#ifndef LABCTL_SWEEP_SCHEDULE_H
#define LABCTL_SWEEP_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "experiment/plan.h"
#include "experiment/sweep.h"
#include "labctl/error.h"

/* A cell of the sweep that is run here. */
struct cell {
    unsigned number;
    char *dir;                /* its run directory, absolute; owned */
    unsigned warmup, planned; /* how many trials; with "until" `planned` may grow */
    unsigned max_planned;
    unsigned done, failed; /* trials that are over, warm-ups too; and of those the failed ones */
    unsigned running;
    bool given_up;           /* no point in another trial */
    bool touched;            /* something was run here that its results.json does not tell */
    double bound_s;          /* what a trial takes at least */
    double spent_s;          /* what trials took here, from the sandbox's start to its end */
    unsigned timed;          /* how many */
    struct lab_error *cause; /* why no trial can be run, or NULL; owned */
};

struct schedule {
    const struct sweep *sweep;
    struct cell *cells; /* by number */
    size_t count;
    unsigned warm_rounds;
    unsigned round; /* from 1; warm-ups first. 0: not begun */
    unsigned *order;
    unsigned position;
};

enum schedule_answer {
    SCHEDULE_TRIAL,
    SCHEDULE_WAIT, /* what comes next depends on trials that are running */
    SCHEDULE_DONE,
};

/* `cells` are borrowed, and sorted by number. Free with schedule_release(). */
int schedule_init(struct schedule *schedule, const struct sweep *sweep, struct cell *cells,
                  size_t count, struct lab_error *err);

/* The next trial that is missing: all cells have their first one, in an order shuffled by the
 * sweep's seed, before any has its second. */
enum schedule_answer schedule_next(struct schedule *schedule, struct cell **cell,
                                   struct trial_id *trial);

void schedule_release(struct schedule *schedule);

#endif

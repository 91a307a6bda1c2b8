/* What a person sees on stderr while a sweep runs: how many trials are done, how many failed,
 * how many are left and how long that takes. On a terminal one line, redrawn in place, and the
 * trials that are running; elsewhere plain lines now and then; nothing when quiet. */
#ifndef LABCTL_SWEEP_PROGRESS_H
#define LABCTL_SWEEP_PROGRESS_H

#include <stdbool.h>

#include "commands/sweep_schedule.h"

struct sweep_progress {
    const struct sweep *sweep;
    const struct cell *cells; /* borrowed, as the sweep */
    size_t count;
    unsigned jobs; /* trials at once */
    bool quiet;
    bool terminal;
    uint64_t shown_ns;
    unsigned drawn; /* lines on the terminal that are ours */
};

void sweep_progress_begin(struct sweep_progress *progress, const struct sweep *sweep,
                          const struct cell *cells, size_t count, unsigned jobs, bool quiet);

/* A trial ended, or time went by. */
void sweep_progress_show(struct sweep_progress *progress, bool trial_ended);

/* Something that a person should know at once: "NAME: cell 3 (hosts 4): MESSAGE". */
void sweep_progress_tell(struct sweep_progress *progress, const struct cell *cell,
                         const char *message);

/* How long the trials that are left will take, in seconds: each as long as others of its cell
 * did, or else in proportion to what theory asks of it. */
double sweep_progress_time_to_go(const struct sweep_progress *progress);

/* Take the drawing off the terminal. */
void sweep_progress_end(struct sweep_progress *progress);

#endif

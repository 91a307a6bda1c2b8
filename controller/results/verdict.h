/* Whether the figures of a trial can be believed: valid, suspect or invalid, and why. Worked
 * out from the logs alone; docs/results-format.md gives the reasons for each threshold. */
#ifndef LABCTL_VERDICT_H
#define LABCTL_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trial_result;
struct node_facts;
struct control_facts;
struct samples;

/* In order of how bad it is. */
enum verdict {
    VERDICT_UNKNOWN, /* nothing speaks against it, but there are no samples to tell by */
    VERDICT_VALID,
    VERDICT_SUSPECT, /* something may have changed the figures; they count */
    VERDICT_INVALID, /* the figures are not of what the experiment describes; they do not count */
};

/* "unknown", "valid", "suspect", "invalid". */
const char *verdict_name(enum verdict verdict);

/* One thing found. VERDICT_VALID is a note: worth knowing, and no reason for doubt. */
struct verdict_reason {
    enum verdict verdict;
    char code[24]; /* stable: "cpu_busy", ... */
    char *message; /* owned, never NULL */
};

/* The conditions that a trial ran under: differences of the two samples around its timed
 * window. NAN where they are not known. */
struct trial_conditions {
    double window_s;     /* between the two samples */
    double cpu_busy;     /* share of all processors' time */
    double cpu_others;   /* of it by programs that are no part of the run */
    double cpu_steal;    /* share taken by the machine below */
    double cpu_pressure; /* share of the window in which some task waited for a processor */
    double wait_max;     /* longest that a node program waited for one, as share of the window */
    double link_use;     /* share of the rate of what binds that was used; may pass 1 by a little */
    double drop_share;   /* of the packets offered to the queue that dropped the largest share */
    uint64_t drops;      /* packets, by all queues */
};

/* --- thresholds ----------------------------------------------------------- */

/* Windows too short to measure by: /proc/stat counts in ticks of 10 ms. */
#define VERDICT_TICKS_LEAST_S 0.5
#define VERDICT_LEAST_S       0.1

#define VERDICT_CPU_BUSY     0.90 /* shaped: processors' time spent */
#define VERDICT_CPU_OTHERS   0.10 /* unshaped: processors' time spent by others */
#define VERDICT_CPU_PRESSURE 0.50 /* shaped: time in which some task waited */
#define VERDICT_CPU_WAIT     0.25 /* shaped: time for which one node program waited */
#define VERDICT_CPU_STEAL    0.05 /* processors' time taken by the machine below */
#define VERDICT_CPU_BOUND    0.75 /* unshaped: a note that the processors were the limit */

#define VERDICT_LINK_OVER    1.05 /* of what rate and burst allow */
#define VERDICT_LINK_UNDER   0.60 /* of the rate of what binds */
#define VERDICT_LINK_LEAST_S 0.2  /* shorter bounds are spent on getting up to speed */
#define VERDICT_DROPS        0.05 /* share of packets of one queue */
#define VERDICT_DROPS_NOTE   0.01 /* likewise, to be noted */
#define VERDICT_DROPS_LEAST  100  /* fewer dropped packets are not counted against it */

#define VERDICT_SKEW         0.05  /* of the makespan, and */
#define VERDICT_SKEW_LEAST_S 0.010 /* more than a busy scheduler's turn */

#define VERDICT_CLOCK_BACK_S  0.1 /* by which an event may be before the one before it */
#define VERDICT_CLOCK_SLEPT_S 1.0 /* of sleep */
#define VERDICT_CLOCK_TICKS   0.1 /* by which ticks and clock may differ in a window of */
#define VERDICT_CLOCK_LEAST_S 1.0

/* --- judging -------------------------------------------------------------- */

/* What a verdict is made from; all borrowed. */
struct verdict_case {
    const struct samples *samples;
    const struct control_facts *control;
    const struct node_facts *nodes; /* by plan command */
    size_t node_count;
};

/* Fill conditions, verdict and reasons of a trial whose other measures are there. Returns 0, or
 * -1 when out of memory. */
int verdict_judge(struct trial_result *result, const struct verdict_case *c);

void verdict_clear(struct trial_result *result);

#endif

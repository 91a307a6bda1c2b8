/* The samples in labctl's own log of a trial (EVENT_CPU, EVENT_LINK, EVENT_PROGRAM): the first
 * and the last of each counter. Used in this folder alone. */
#ifndef LABCTL_SAMPLES_H
#define LABCTL_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event_record.h"
#include "experiment/plan.h"
#include "labctl/error.h"

/* Fields as in labctl/event.h; cumulative counters. */
struct cpu_sample {
    uint64_t t_ns, boot_ns;
    uint64_t cpus;
    uint64_t busy_ns, interrupt_ns, steal_ns, total_ns;
    uint64_t pressure_us;
    uint64_t runnable;
};

struct link_sample {
    uint64_t t_ns;
    uint64_t bytes, packets, drops;
};

struct program_sample {
    uint64_t cpu_ns, wait_ns;
};

#define SAMPLES_OF(type)                                                                           \
    struct {                                                                                       \
        size_t count;                                                                              \
        type first, last;                                                                          \
    }

enum { SAMPLES_UP, SAMPLES_DOWN, SAMPLES_DIRECTIONS };

struct link_samples {
    SAMPLES_OF(struct link_sample) at[SAMPLES_DIRECTIONS];
};

struct program_samples {
    SAMPLES_OF(struct program_sample) at;
};

struct samples {
    const struct plan *plan; /* borrowed */
    SAMPLES_OF(struct cpu_sample) cpu;
    bool has_pressure;
    struct link_samples *links;       /* by host; owned */
    struct program_samples *programs; /* by plan command, and after those labctl itself; owned */
    size_t next_link, next_program;   /* where the next event will probably belong */
    bool faulted;                     /* the experiment did something to the network or to nodes */
};

/* Zeroed counters for the hosts and programs of `plan`. Returns 0, or -1 with err set when
 * out of memory; samples_clear() in either case. */
int samples_init(struct samples *samples, const struct plan *plan, struct lab_error *err);
void samples_clear(struct samples *samples);

/* Take in an event of labctl's log; one that is no sample is passed over. */
void samples_take(struct samples *samples, const struct event_record *record);

#endif

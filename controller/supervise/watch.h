/* Watching the programs of a trial: their logs, their ends, the deadline, the user. */
#ifndef LABCTL_WATCH_H
#define LABCTL_WATCH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "labctl/error.h"
#include "labctl/event_writer.h"
#include "supervise/faults.h"
#include "supervise/message.h"
#include "supervise/program.h"
#include "supervise/sampler.h"

struct watch {
    const char *trial_dir;    /* borrowed, as the next three */
    struct program *programs; /* the server first, then the clients in order */
    size_t count;
    struct event_writer *log;   /* labctl.jsonl */
    struct sampler *sampler;    /* takes telemetry; NULL: none */
    struct faults *faults;      /* borrowed; NULL: none */
    int channel;                /* to the outside */
    uint64_t deadline_ns;       /* CLOCK_MONOTONIC; 0: none, and the channel is not heard */
    struct pollfd *polls;       /* count + 1; owned */
    bool *gates;                /* by client: whether its gate is open; owned */
    struct host_progress *told; /* by client: what was told last; owned */
    uint64_t next_told_ns;
    const struct limits_spec *limits; /* of the user's commands; borrowed, or NULL: none run */
    uint64_t next_check_ns;           /* of what they use */
    struct lab_error failure;         /* of the first program that failed; LAB_ERR_NONE: none did */
};

int watch_init(struct watch *watch, const char *trial_dir, struct program *programs, size_t count,
               struct lab_error *err);
void watch_release(struct watch *watch);

/* Wait up to `timeout_ms` for something to end, and take note of all there is. Returns -1
 * with err set when the trial cannot go on: the server failed, the time is up, the user or
 * the outside stopped it, a fault cannot be brought about, or a log cannot be read or
 * written. The failure of a client is noted in watch->failure, and the others go on; one
 * that the experiment expects is no failure. */
int watch_once(struct watch *watch, int timeout_ms, struct lab_error *err);

/* Tell the outside how far the hosts are, whether or not it is time for that. */
void watch_tell(struct watch *watch);

/* How often logs are read: often while waiting for a program to be ready, seldom while the
 * hosts have better things to do with the processors. Milliseconds. */
#define WATCH_TICK_READY    1
#define WATCH_TICK_TRANSFER 20

#endif

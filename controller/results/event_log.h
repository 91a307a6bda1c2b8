/* An event log read as a stream, in memory that does not grow with it.
 *
 * A log may be damaged: the program was killed in the middle of a line, the disk was full,
 * the file is something else. What cannot be read is passed over and counted. */
#ifndef LABCTL_EVENT_LOG_H
#define LABCTL_EVENT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event_record.h"
#include "labctl/error.h"

/* Longest line that is read. Our writers keep to EVENT_LINE_MAX; other programs' logs may
 * have more to say. */
#define EVENT_LOG_LINE_MAX 65535

/* Lines passed over, by reason, and what was not written in the first place. */
struct log_damage {
    uint64_t malformed;     /* no event: not JSON, or without "t" or "event" */
    uint64_t too_long;      /* longer than EVENT_LOG_LINE_MAX */
    uint64_t partial;       /* a last line without its end that is no event as it stands */
    uint64_t dropped_bytes; /* of what commands said; not there to be read (EVENT_DROPPED) */
};

struct event_log {
    int fd;
    int read_errno; /* first failure to read, or 0; the log ends there */
    size_t begin, end;
    bool skipping; /* inside a line that is too long */
    bool at_end;
    struct log_damage damage;
    char buffer[EVENT_LOG_LINE_MAX + 1];
};

/* Open a log; `log` is large, so keep it off small stacks. Returns 0; 1 when there is no
 * such file (err untouched); -1 with err set when it cannot be read or is no regular file.
 * Close with event_log_close() after 0. */
int event_log_open(struct event_log *log, const char *path, struct lab_error *err);

/* The next event; false at the end. The record is valid until the next call. */
bool event_log_next(struct event_log *log, struct event_record *record);

void event_log_close(struct event_log *log);

void log_damage_add(struct log_damage *sum, const struct log_damage *more);

#endif

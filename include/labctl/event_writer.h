/* Writes events (event.h) as JSON lines to a descriptor. Buffered; flushed by
 * event_flush() and when the buffer is full, always at a line's end. */
#ifndef LABCTL_EVENT_WRITER_H
#define LABCTL_EVENT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "labctl/error.h"

struct event_writer {
    int fd;          /* borrowed */
    int write_errno; /* first failure to write, or 0; later events are dropped */
    size_t used;
    char buffer[32768];
};

/* Longest line an event may become; a longer one loses its long strings' tails. */
#define EVENT_LINE_MAX 4096

void event_writer_init(struct event_writer *writer, int fd);

/* One line: begin, fields in any order, end. The time is `t_ns`, or now when it is 0. */
void event_begin(struct event_writer *writer, const char *event, uint64_t t_ns);
void event_string(struct event_writer *writer, const char *key, const char *value);
void event_integer(struct event_writer *writer, const char *key, int64_t value);
void event_real(struct event_writer *writer, const char *key, double value);
void event_bool(struct event_writer *writer, const char *key, bool value);
void event_end(struct event_writer *writer);

/* Write out what is buffered. Returns 0, or -1 with err set to the first failure. */
int event_flush(struct event_writer *writer, struct lab_error *err);

/* The clock of "t": CLOCK_MONOTONIC, nanoseconds. */
uint64_t event_now(void);

#endif

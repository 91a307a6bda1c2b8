/* One line of an event log (labctl/event.h), taken apart in place.
 *
 * A line is one flat JSON object. cJSON would allocate for every field and keep a number
 * as a double, which is too coarse for nanoseconds; logs have millions of lines, so this
 * reader allocates nothing and keeps integers whole. It reads logs while they are written
 * (supervise/program.c) and afterwards (results/event_log.h). */
#ifndef LABCTL_EVENT_RECORD_H
#define LABCTL_EVENT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_type {
    RECORD_NULL,
    RECORD_BOOL,
    RECORD_INTEGER, /* fits int64_t */
    RECORD_REAL,
    RECORD_STRING,
    RECORD_NESTED, /* an object or an array: checked, its content not kept */
};

/* A field; strings point into the line that was parsed. */
struct record_field {
    const char *key;
    enum record_type type;
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *string;
    };
};

/* Fields kept of one event; those past the limit are checked and not kept. */
#define RECORD_FIELDS_MAX 24

struct event_record {
    uint64_t t;        /* CLOCK_MONOTONIC, nanoseconds */
    const char *event; /* never NULL */
    struct record_field fields[RECORD_FIELDS_MAX];
    size_t field_count;
};

/* Take apart `line`, `length` bytes and a NUL after them. The line is overwritten (strings
 * are unescaped where they stand; bytes that are no UTF-8 become '?') and must outlive the
 * record. Returns false when it is no JSON object with "t" and "event". */
bool record_parse(struct event_record *record, char *line, size_t length);

/* The field `key`, or NULL. */
const struct record_field *record_find(const struct event_record *record, const char *key);

/* The value of a field; `fallback` when it is absent, of another type, or negative where
 * a count is asked for. Strings are borrowed from the line. */
const char *record_string(const struct event_record *record, const char *key, const char *fallback);
int64_t record_integer(const struct event_record *record, const char *key, int64_t fallback);
uint64_t record_count(const struct event_record *record, const char *key, uint64_t fallback);

#endif

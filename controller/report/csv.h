/* Writes one CSV file: RFC 4180 quoting, a header line, lines ended by LF, cells that are
 * not known left empty. Written beside its final name and renamed when whole. */
#ifndef LABCTL_CSV_H
#define LABCTL_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "labctl/error.h"

struct csv {
    FILE *out;
    char *path, *aside;
    bool in_row;
};

/* Begin a file; `header` is its first line without the end. Returns 0, or -1 with err set;
 * after 0, csv_close() or csv_abandon(). */
int csv_open(struct csv *csv, const char *path, const char *header, struct lab_error *err);

/* One cell each, in the header's order. */
void csv_text(struct csv *csv, const char *text); /* NULL: empty */
void csv_count(struct csv *csv, uint64_t value);
void csv_rate(struct csv *csv, uint64_t bps);         /* 0, which stands for none: empty */
void csv_bool(struct csv *csv, bool value);           /* true, false */
void csv_seconds(struct csv *csv, double value);      /* to the nanosecond; NAN: empty */
void csv_ratio(struct csv *csv, double value);        /* six decimals; NAN: empty */
void csv_nanoseconds(struct csv *csv, int64_t value); /* written in seconds */
void csv_exit(struct csv *csv, int status);           /* EXIT_UNKNOWN: empty */
void csv_empty(struct csv *csv);
void csv_end_row(struct csv *csv);

/* Put the file in its place. Returns 0, or -1 with err set and nothing left behind. */
int csv_close(struct csv *csv, struct lab_error *err);

/* Drop what was written. */
void csv_abandon(struct csv *csv);

#endif

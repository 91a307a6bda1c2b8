/* Two sweeps beside each other, cell by cell. */
#ifndef LABCTL_COMPARED_SWEEPS_H
#define LABCTL_COMPARED_SWEEPS_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "labctl/error.h"
#include "results/run_comparison.h"

/* A cell of both sweeps. */
struct compared_cell {
    const cJSON *a, *b; /* what results.json tells of it; borrowed */
    char *dirs[2];      /* owned */
    enum comparison_finding finding;
    char *sentence; /* owned; why not, when it could not be compared */
    cJSON *figures; /* owned; NULL when it could not be compared */
};

struct compared_sweeps {
    const char *dirs[2]; /* as given; borrowed */
    cJSON *results[2];
    struct compared_cell *cells; /* in the order of A's */
    size_t count;
    size_t only[2]; /* cells that the other sweep does not have */
};

/* Pair the cells that have the same values, and compare each pair. `a` and `b` are borrowed. A
 * pair that has nothing to compare is no error. Returns 0, or -1 with err set;
 * compared_sweeps_clear() in either case. */
int compared_sweeps_load(struct compared_sweeps *c, const char *a, const char *b,
                         struct lab_error *err);

/* In words, to stdout. */
void compared_sweeps_print(const struct compared_sweeps *c);

/* Caller deletes. */
cJSON *compared_sweeps_to_json(const struct compared_sweeps *c);

void compared_sweeps_clear(struct compared_sweeps *c);

#endif

/* Runs that are cells of a sweep. The run directory of a sweep holds cells/NNN, each of
 * them a run directory; its results.json says what was varied. */
#ifndef LABCTL_SWEEP_RUN_H
#define LABCTL_SWEEP_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "labctl/error.h"

/* What one cell has for one pointer of the sweep. */
struct cell_value {
    char *pointer; /* "/topology/hosts" */
    char *text;    /* the value, as JSON writes it; a string without its quotes */
};

struct cell {
    unsigned number; /* from 1 */
    struct cell_value *values;
    size_t value_count;
};

struct sweep_run {
    char *path; /* of the sweep's run directory */
    char *name, *title;
    char *record; /* its experiment.json; NULL: unreadable */
    char *id;     /* what its results call it: the same in all shards; NULL: not known */
    char *damage; /* what is wrong with its results, or with its record; NULL: nothing */
    struct cell *cells;
    size_t cell_count;
};

/* Read what a sweep says of its cells: its results.json or, where that is missing or damaged, its
 * record. What neither tells is left out: its cells are runs all the same. Caller frees with
 * sweep_run_free(); NULL when out of memory. */
struct sweep_run *sweep_run_read(const char *path);

/* The cell of this number, or NULL when the sweep does not tell of it. */
const struct cell *sweep_run_cell(const struct sweep_run *sweep, unsigned number);

/* Whether two are shares of one sweep: they have the same id, or else the same record. */
bool sweep_run_same(const struct sweep_run *a, const struct sweep_run *b);

void sweep_run_free(struct sweep_run *sweep);

#endif

/* What an experiment file stands for: one experiment, or, with "sweep" and "zip", one for every
 * combination of values: its cells. Reading one is pure: it opens the file, and nothing else. */
#ifndef LABCTL_SWEEP_H
#define LABCTL_SWEEP_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/sha256.h"
#include "experiment/experiment.h"
#include "labctl/error.h"

#define SWEEP_CELLS_MAX 10000

/* The place whose values say how many hosts there are. */
#define SWEEP_HOSTS "/topology/hosts"

/* Places in the document whose values go together, the first of one with the first of the
 * other: a key of "sweep", or an object of "zip". */
struct sweep_axis {
    struct sweep_variable {
        const char *pointer; /* JSON pointer; borrowed from the document, as below */
        const cJSON *values; /* an array of `length` */
    } * variables;           /* owned */
    size_t variable_count;
    unsigned length;
};

struct sweep {
    struct json_doc doc;
    bool swept;              /* there is a "sweep" or a "zip" */
    struct sweep_axis *axes; /* the first one changes slowest from cell to cell */
    size_t axis_count;
    unsigned cells;   /* how many; 1 when it is not swept */
    const char *name; /* of the whole; borrowed from the document */
    char *title;
    uint64_t seed;            /* of the order */
    char id[SHA256_HEX_SIZE]; /* digest of the document: the same sweep wherever it is run */
};

/* What the command line says instead of the file. */
struct sweep_overrides {
    unsigned trials;     /* 0: as the file says */
    uint64_t timeout_ns; /* 0: likewise */
};

/* Read a file and check every cell. `overrides` may be NULL. NULL with err set as for
 * experiment_read(); a problem of a cell is told with the values that make it. The caller frees
 * with sweep_free(). */
struct sweep *sweep_read(const char *path, const struct sweep_overrides *overrides,
                         struct lab_error *err);

/* As sweep_read, of text in memory; `name` stands for the file in messages. */
struct sweep *sweep_parse(const char *name, const char *text, size_t length,
                          const struct sweep_overrides *overrides, struct lab_error *err);

void sweep_free(struct sweep *sweep);

/* The experiment of a cell, from 1. Its name is the sweep's and the number of the cell, its
 * title tells the values; without a sweep it is the file's experiment. Caller frees with
 * experiment_free(); NULL with err set when the values do not make an experiment. */
struct experiment *sweep_cell(const struct sweep *sweep, unsigned cell, struct lab_error *err);

/* The values of a cell, by JSON pointer, in the order of the file: {"/topology/hosts": 2}.
 * Caller frees with cJSON_Delete(). */
cJSON *sweep_values(const struct sweep *sweep, unsigned cell);

/* The same for people: "clients 2, model p2p". Caller frees; "" without a sweep. */
char *sweep_label(const struct sweep *sweep, unsigned cell);

/* The document as written, with overrides and the folder that its paths count from, so that it
 * means the same elsewhere. Caller frees; NULL when out of memory. */
char *sweep_to_json(const struct sweep *sweep);

/* --- within this folder --------------------------------------------------- */

/* Decode "sweep" and "zip" of the document's root; adds problems to the document. Returns -1
 * only when out of memory. */
int decode_sweep(struct sweep *sweep);

#endif

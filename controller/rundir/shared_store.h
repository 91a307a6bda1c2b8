/* The files that the cells of a sweep distribute: each one is made once, or read once if it is
 * given, however many trials and cells have it. */
#ifndef LABCTL_SHARED_STORE_H
#define LABCTL_SHARED_STORE_H

#include "rundir/shared_file.h"

struct shared_store {
    char *dir; /* that generated ones are in; owned. Absolute: links lead to it */
    struct shared_entry *entries;
    size_t count;
};

/* An empty store; `run_dir` is absolute. What an earlier run left in its place is removed. Free
 * with shared_store_clear() in any case. */
int shared_store_init(struct shared_store *store, const char *run_dir, struct lab_error *err);

/* Make or read the file of an experiment, unless the store has it. Gives up with
 * LAB_ERR_INTERRUPTED when *stop is set meanwhile. */
int shared_store_add(struct shared_store *store, const struct experiment *experiment,
                     const volatile sig_atomic_t *stop, struct lab_error *err);

/* Make CELL_DIR/file.bin a link to the file of the experiment, which has been added. *file is
 * what is known of it, borrowed from the store. */
int shared_store_link(const struct shared_store *store, const struct experiment *experiment,
                      const char *cell_dir, const struct shared_file **file, struct lab_error *err);

/* Remove what was generated, and release. */
void shared_store_clear(struct shared_store *store);

#endif

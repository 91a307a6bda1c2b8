/* Run directories: OUTPUT/NAME/TIMESTAMP[-n]/. One is built under a name that ends in
 * ".partial" and renamed when it is whole. */
#ifndef LABCTL_RUNDIR_H
#define LABCTL_RUNDIR_H

#include "labctl/error.h"

struct rundir {
    char *path;       /* where it is now, absolute; owned */
    char *final_path; /* where it will be, as the user would write it; owned */
    int lock;         /* held while we write to it; owned */
};

#define RUNDIR_INIT                                                                                \
    {                                                                                              \
        .lock = -1                                                                                 \
    }

/* Make a fresh one. Release with rundir_release() in any case. */
int rundir_create(struct rundir *rundir, const char *output, const char *name,
                  struct lab_error *err);

/* Take up one that was left unfinished, to complete it: `path` with or without the suffix, and
 * whether it has its final name already or not. Refuses one that another labctl writes to, and
 * what is no run directory (LAB_ERR_USAGE). Release with rundir_release() in any case. */
int rundir_reopen(struct rundir *rundir, const char *path, struct lab_error *err);

/* Where rundir_reopen() would find it. Caller frees; NULL with err set when it is not there. */
char *rundir_find(const char *path, struct lab_error *err);

/* Give it its final name; `path` follows. */
int rundir_finish(struct rundir *rundir, struct lab_error *err);

void rundir_release(struct rundir *rundir);

#endif

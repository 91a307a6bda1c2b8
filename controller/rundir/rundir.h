/* Run directories: OUTPUT/NAME/TIMESTAMP[-n]/. One is built under a name that ends in
 * ".partial" and renamed when it is whole. */
#ifndef LABCTL_RUNDIR_H
#define LABCTL_RUNDIR_H

#include "labctl/error.h"

struct rundir {
    char *path;       /* where it is now, absolute; owned */
    char *final_path; /* where it will be, as the user would write it; owned */
};

/* Make a fresh one. Release with rundir_release() in any case. */
int rundir_create(struct rundir *rundir, const char *output, const char *name,
                  struct lab_error *err);

/* Give it its final name; `path` follows. */
int rundir_finish(struct rundir *rundir, struct lab_error *err);

void rundir_release(struct rundir *rundir);

#endif

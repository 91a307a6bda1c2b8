/* What runs inside the sandbox of `labctl run`: build the network, run the trials. */
#ifndef LABCTL_SUPERVISE_H
#define LABCTL_SUPERVISE_H

#include "experiment/plan.h"

struct supervise_input {
    const struct plan *plan;
    const char *run_dir;   /* absolute; file.bin is there already (rundir/shared_file.h) */
    const char *nodes_dir; /* absolute: where the node programs are */
};

/* A sandbox_entry; `arg` is a struct supervise_input. Runs every trial, the warm-up ones
 * first, and leaves in the run directory all that results are computed from; stops after a
 * trial in which a program failed, that ran out of time or was interrupted. Tells the outside
 * of it as message.h says. Returns the exit status of the last MESSAGE_END's error. */
int supervise_run(int channel, void *arg);

#endif

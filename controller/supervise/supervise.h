/* What runs inside the sandbox of `labctl run`: build the network, run the trials. */
#ifndef LABCTL_SUPERVISE_H
#define LABCTL_SUPERVISE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "experiment/plan.h"

struct supervise_input {
    const struct plan *plan;
    const char *run_dir;           /* absolute; file.bin is there (rundir/shared_file.h) */
    const char *nodes_dir;         /* absolute: where the node programs are */
    const struct trial_id *trials; /* what to run, in this order; none of them is there yet */
    size_t trial_count;
    const char *sha256;  /* of file.bin, in hex, where that is known already; or NULL */
    uint64_t file_bytes; /* its length, likewise */
    FILE *sockets;       /* of the outside (sandbox/sockets.h), or NULL */
};

/* A sandbox_entry; `arg` is a struct supervise_input. Runs the trials, and leaves in the run
 * directory all that results are computed from; stops after a trial in which a program failed,
 * that ran out of time or was interrupted. Tells the outside of it as message.h says. Returns
 * the exit status of the last MESSAGE_END's error. */
int supervise_run(int channel, void *arg);

#endif

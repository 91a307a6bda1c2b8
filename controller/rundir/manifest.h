/* manifest.json: what a run ran on, with what, and when. */
#ifndef LABCTL_MANIFEST_H
#define LABCTL_MANIFEST_H

#include <time.h>

#include "experiment/experiment.h"
#include "labctl/error.h"

struct manifest {
    const struct experiment *experiment;
    struct timespec started;  /* CLOCK_REALTIME */
    struct timespec finished; /* zero while it runs */
    const char *status;       /* of the run, or NULL while it runs */
};

/* Write RUN_DIR/manifest.json. */
int manifest_write(const struct manifest *manifest, const char *run_dir, struct lab_error *err);

/* Complete RUN_DIR/manifest.json: when it finished, which is now, and how. */
int manifest_finish(const char *run_dir, const char *status, struct lab_error *err);

/* Before a run goes on: keep the manifest of what was done so far as manifest-1.json, the next
 * time manifest-2.json, for the rest may run on another kernel, or under another command. */
int manifest_keep(const char *run_dir, struct lab_error *err);

#endif

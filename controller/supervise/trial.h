/* One trial: directories and gates, server, clients, the timed window, the hashes. */
#ifndef LABCTL_SUPERVISE_TRIAL_H
#define LABCTL_SUPERVISE_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fs.h"
#include "experiment/plan.h"
#include "labctl/error.h"
#include "supervise/program.h"
#include "supervise/sampler.h"

/* What the trials of a run share. */
struct supervision {
    const struct plan *plan;
    const char *run_dir;
    const char *nodes_dir;
    struct launcher launcher;
    struct sampler *sampler;      /* NULL: no samples are taken */
    int channel;                  /* to the outside (message.h) */
    char sha256[SHA256_HEX_SIZE]; /* of the file that is distributed */
    uint64_t file_bytes;
};

/* Hash the file that is distributed: fills sha256 and file_bytes. */
int supervision_hash_file(struct supervision *supervision, struct lab_error *err);

/* Run a trial, `number` from 1 among the warm-up or the counted ones. Returns 0, or -1 with
 * err set to the first thing that went wrong; the logs are complete in either case, as far
 * as the disk allows. *fatal tells whether another trial would fare as badly: it is false
 * when every program did its work, but a received file is not what was sent. */
int trial_run(const struct supervision *supervision, unsigned number, bool warmup, bool *fatal,
              struct lab_error *err);

#endif

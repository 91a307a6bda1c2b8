/* The received files of a trial: hashed after the timed window, kept or thrown away. */
#ifndef LABCTL_RECEIVED_H
#define LABCTL_RECEIVED_H

#include <stdbool.h>

#include "labctl/error.h"
#include "labctl/event_writer.h"
#include "supervise/program.h"
#include "supervise/trial.h"

/* Hash every client's file and log a `verify` event of each; `programs` are the trial's, the
 * server first. Unless `all`, only files that were finished are hashed, of the others only
 * the length is told. Sets err, when it holds no error yet, to the first file that is not
 * what was sent: LAB_ERR_TRUNCATED or LAB_ERR_CORRUPT. */
void received_verify(const struct supervision *run, const char *trial_dir,
                     const struct program *programs, bool all, struct event_writer *log,
                     struct lab_error *err);

/* Remove the files, unless the experiment keeps them; those of a warm-up in any case. */
void received_discard(const struct supervision *run, const char *trial_dir, bool warmup);

#endif

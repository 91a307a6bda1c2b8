/* What a person sees on stderr while a run goes on: on a terminal one line a host, redrawn
 * in place; elsewhere plain lines now and then; nothing when quiet. */
#ifndef LABCTL_PROGRESS_H
#define LABCTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "experiment/experiment.h"
#include "supervise/message.h"

struct progress;

/* `experiment` is borrowed. Caller ends it with progress_end(); NULL when out of memory,
 * which the functions below take for quiet. */
struct progress *progress_begin(const struct experiment *experiment, uint64_t file_bytes,
                                bool quiet);

/* Take in a message of the run, and show what it changes. */
void progress_update(struct progress *progress, const struct message *message);

/* Take the drawing off the terminal, and release. */
void progress_end(struct progress *progress);

#endif

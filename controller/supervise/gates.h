/* Gates: a FIFO for each client, through which it is told the instant to begin at. */
#ifndef LABCTL_GATES_H
#define LABCTL_GATES_H

#include <stdint.h>

#include "labctl/error.h"

/* Make the gate of `node` below the trial's directory. */
int gate_make(const char *trial_dir, const char *node, struct lab_error *err);

/* Open it: tell the client that waits at it the instant (CLOCK_MONOTONIC, ns). Fails when
 * no client waits. */
int gate_open(const char *trial_dir, const char *node, uint64_t instant, struct lab_error *err);

#endif

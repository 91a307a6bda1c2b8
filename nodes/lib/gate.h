/* The gate: a client is set up, says so, and waits until it is told when to begin, so
 * that a start does not depend on how fast it was spawned.
 *
 * The gate is a FIFO. What comes through it is 8 bytes: the instant to begin, in
 * nanoseconds of CLOCK_MONOTONIC, a uint64_t in the machine's own byte order. */
#ifndef NODES_GATE_H
#define NODES_GATE_H

#include <stdint.h>

#include "labctl/error.h"
#include "lib/loop.h"

/* Open the gate. A client does this before it says that it is ready, so that whoever
 * opens the other end then finds a reader. Returns a descriptor, or -1 with err set. */
int gate_open_reader(const char *path, struct lab_error *err);

/* Wait for the instant, then until it is there. An instant already past is no error.
 * Fails with LAB_ERR_INTERRUPTED when a signal comes, and with LAB_ERR_NODE when the
 * gate is closed before 8 bytes have come. */
int gate_wait(int fd, struct loop *loop, uint64_t *planned, struct lab_error *err);

#endif

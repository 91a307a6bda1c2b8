/* What this program has used of the processors, told at its end: nobody outside can ask a
 * process that is gone. */
#ifndef NODES_USAGE_H
#define NODES_USAGE_H

#include <stdint.h>
#include <sys/types.h>

#include "labctl/event_writer.h"

/* Add "cpu_ns" and "wait_ns" (EVENT_PROGRAM) to the event that is being written: of all threads
 * and of the children that have ended. What these waited, the system does not add up: it is
 * `child_waited_ns`. */
void usage_write(struct event_writer *events, int64_t child_waited_ns);

/* For how long the first thread of a child that has ended, and whose status was not taken yet,
 * could have run and waited for a processor. */
int64_t usage_waited_ns(pid_t child);

#endif

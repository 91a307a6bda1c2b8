/* What this program has used of the processors, told at its end: nobody outside can ask a
 * process that is gone. */
#ifndef NODES_USAGE_H
#define NODES_USAGE_H

#include "labctl/event_writer.h"

/* Add "cpu_ns" and "wait_ns" (EVENT_PROGRAM) to the event that is being written: of all threads
 * and of the children that have ended; of those only the former. */
void usage_write(struct event_writer *events);

#endif

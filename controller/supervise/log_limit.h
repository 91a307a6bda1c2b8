/* A bound on the logs of a node program, so that one that writes without end ends its own
 * trial rather than fill the disk. What a command of the user's says is bounded far below
 * (nodes/lib/log_pump.h); this is for programs that were put in the place of labctl's own. */
#ifndef LABCTL_LOG_LIMIT_H
#define LABCTL_LOG_LIMIT_H

#include <stddef.h>

struct program;

/* A file of a million blocks makes some 150 MB of events. */
#define LOG_LIMIT_BYTES (1ll << 30)

/* Kill those programs that have written more than LOG_LIMIT_BYTES to one of their logs, with a
 * word about it in their `told_error`. */
void log_limit_check(struct program *programs, size_t count, const char *trial_dir);

#endif

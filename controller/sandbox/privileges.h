/* What the processes of a sandbox may do: less and less on the way to a node's program. */
#ifndef LABCTL_SANDBOX_PRIVILEGES_H
#define LABCTL_SANDBOX_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "labctl/error.h"

/* Give up, for this process and all it will start, what building a network does not need:
 * no new privileges by any program, and the capabilities of the table in privileges.c at
 * most. `mapped` tells whether the sandbox has a user namespace of its own: then not even
 * the right to pass over file permissions is kept, which is without effect there. */
int privileges_limit(bool mapped, struct lab_error *err);

/* Let no more than `count` processes and threads live in this PID namespace at once, by
 * kernel.pid_max where that belongs to the namespace (Linux 6.14), and by RLIMIT_NPROC where
 * that counts by user namespace (Linux 5.14) and this user is not root, whom it does not
 * bind. Where neither is so, the guard (supervise/guard.h) is left. Never fails: it is a
 * second wall. Only for the first process of a sandbox. */
void privileges_limit_processes(uint64_t count);

#endif

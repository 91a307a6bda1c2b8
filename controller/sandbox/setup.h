/* What the child of a sandbox does to its new namespaces before its entry runs. */
#ifndef LABCTL_SANDBOX_SETUP_H
#define LABCTL_SANDBOX_SETUP_H

#include <stdbool.h>

#include "labctl/error.h"
#include "sandbox/sandbox.h"

/* Private mounts, a /proc of its own, host name, loopback up, no core files; few privileges
 * (privileges_limit(); `mapped`: in a user namespace of its own); a session of its own and no
 * standard input, unless SANDBOX_KEEP_TERMINAL. */
int setup_namespaces(enum sandbox_flags flags, bool mapped, struct lab_error *err);

/* Whether Mininet's hosts can be made in here: each mounts a /sys of its own in a network
 * namespace of its own, on top of a view that is read-only. Only for a process that ends
 * afterwards. */
int setup_probe_host(struct lab_error *err);

#endif

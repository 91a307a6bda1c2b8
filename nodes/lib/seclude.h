/* The place where a command of the user's runs: its own trial, and nothing beside it. */
#ifndef NODES_SECLUDE_H
#define NODES_SECLUDE_H

#include "labctl/error.h"
#include "lib/node.h"

/* Before a command is started, in the folder of the trial, and for this process and all it starts:
 *
 * - Of all the trials of the run there are this one's work/, which its commands share, and the
 *   folder that `args->output` is in. Logs, from which results are made, gates and other trials
 *   are out of sight. Paths relative to the present folder still lead where they did, so that this
 *   program finds its files; a command must be started in a folder with an absolute path.
 * - Terminals are new ones. The shell of the node has capabilities, and whoever has its terminal
 *   can type into it; that one is given up.
 * - No AF_VSOCK, which leads to the machine below from any network namespace, and no ioctl that
 *   types into a terminal.
 * - This program becomes a keeper (confine.h).
 *
 * Makes the folder args->work. Fails with LAB_ERR_UNSUPPORTED where the kernel does not let us. */
int seclude(const struct node_args *args, struct lab_error *err);

#endif

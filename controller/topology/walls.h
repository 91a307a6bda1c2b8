/* Walls around the programs of a node, within the node's own namespaces. */
#ifndef LABCTL_TOPOLOGY_WALLS_H
#define LABCTL_TOPOLOGY_WALLS_H

#include <sys/types.h>

#include "labctl/error.h"

/* For the node whose shell is process `pid`: programs without any capability may use every
 * port, and ping; and its /proc and /sys become read-only, since for root's programs the
 * settings of the whole machine are in them. When the machine's memory runs out, what the node
 * has started is taken first. */
int walls_raise(pid_t pid, struct lab_error *err);

#endif

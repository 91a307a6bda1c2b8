/* Comparing what the kernel says of a node's interfaces with the plan. Pure: the texts are
 * those of `ip -json -batch` with READBACK_ADDRESSES as input and `tc -json -raw qdisc`. */
#ifndef LABCTL_TOPOLOGY_READBACK_H
#define LABCTL_TOPOLOGY_READBACK_H

#include "experiment/plan.h"
#include "labctl/error.h"

/* An end of a link, and the link for what both ends share. */
struct readback_port {
    const struct plan_port *port;
    const struct plan_link *link;
};

#define READBACK_ADDRESSES "address\nroute\n"

/* Compare every port of a node: there, up, address, routes with their congestion control,
 * shaper, delay, loss. Returns 0, or -1 with err set to LAB_ERR_UNSUPPORTED: interface, what
 * was expected, what was found. */
int readback_compare(const char *addresses, const char *qdiscs, const struct readback_port *ports,
                     size_t count, const char *congestion, struct lab_error *err);

/* As readback_compare, of shapers, delay and loss alone: the link may be down. */
int readback_compare_shaping(const char *qdiscs, const struct readback_port *ports, size_t count,
                             struct lab_error *err);

/* That the interface of `port` is there, and is down. */
int readback_compare_down(const char *addresses, const struct plan_port *port,
                          struct lab_error *err);

#endif

/* What the kernel has counted on network interfaces, over a netlink socket that is kept open:
 * one request tells of all interfaces of a namespace, and starts no process. */
#ifndef LABCTL_LINK_COUNTERS_H
#define LABCTL_LINK_COUNTERS_H

#include <stdint.h>

#include "labctl/error.h"

/* Cumulative since the interface was made, but for the backlog. */
struct link_counters {
    uint64_t bytes, packets; /* sent, with Ethernet headers */
    uint64_t drops;          /* packets that the queue turned away */
    uint64_t backlog;        /* bytes queued at the moment */
};

/* A queueing discipline, or an interface, by the number of its interface. */
typedef void link_take_queue(void *context, unsigned interface, const char *kind,
                             const struct link_counters *counters);
typedef void link_take_interface(void *context, unsigned interface,
                                 const struct link_counters *sent,
                                 const struct link_counters *received);

/* Open a socket in the namespace of the caller; it stays there wherever the caller goes.
 * Returns a descriptor that the caller closes, or -1 with err set. */
int link_counters_open(struct lab_error *err);

/* Hand every queueing discipline, or every interface, of the socket's namespace to `take`.
 * Returns 0, or -1 with err set. */
int link_counters_queues(int fd, link_take_queue *take, void *context, struct lab_error *err);
int link_counters_interfaces(int fd, link_take_interface *take, void *context,
                             struct lab_error *err);

#endif

/* The text of batches for ip(8) and tc(8) that set up the interfaces of a node. Pure. */
#ifndef LABCTL_TOPOLOGY_SETTINGS_H
#define LABCTL_TOPOLOGY_SETTINGS_H

#include <stdio.h>
#include <sys/types.h>

#include "experiment/plan.h"

#define MAC_TEXT_SIZE 18

/* A fixed, locally administered MAC address for an interface: 02:00 and its IPv4 address,
 * so that the same experiment has the same addresses in every run. Returns `buf`. */
char *settings_mac(struct in_addr address, char buf[MAC_TEXT_SIZE]);

/* ip: make a link; run by the router. `host_pid` is of a process in the host's namespace. */
void settings_make_link(FILE *batch, const struct plan_link *link, pid_t host_pid);

/* ip: address and bring up one end of a link. `peer` is known to it from the beginning, so
 * that no transfer waits for ARP, and hundreds of hosts do not fill the neighbour table,
 * which all namespaces share. `congestion` names the TCP congestion control of
 * connections that begin or are accepted here: a route may ask for any that the kernel has,
 * where a socket of an ordinary user may ask for some only. */
void settings_address(FILE *batch, const struct plan_port *port, const struct plan_port *peer,
                      const char *congestion);

/* ip: bring up an end of a link that has its address: that an interface goes down takes its
 * routes and neighbours away, and these are set again. The neighbour is replaced, not added: a
 * packet that is sent in between makes the kernel ask for it, and it is there already. */
void settings_bring_up(FILE *batch, const struct plan_port *port, const struct plan_port *peer,
                       const char *congestion);

/* The largest segment that a host may hand to its interface at once, in bytes; 0: as the
 * kernel likes, which is up to 64 KiB. Where some queue on the way is short, or becomes
 * so by a fault, it is less, or one segment would fill the queue, or not fit at all, as no frame
 * of a real network does. */
uint64_t settings_segment_limit(const struct plan *plan);

/* ip: set that limit at one end of a link, unless it is 0. */
void settings_limit_segments(FILE *batch, const struct plan_port *port, uint64_t limit);

/* ip: send all else to the router. */
void settings_default_route(FILE *batch, const struct plan_link *link, const char *congestion);

/* tc: shape, delay and thin out what leaves through `port`, one end of `link`. Writes
 * nothing for a port without any of it. */
void settings_shape(FILE *batch, const struct plan_port *port, const struct plan_link *link);

/* tc: change the shaper of one end of `link` from what it is to what it is to be. What waits
 * in its queue stays there. */
void settings_reshape(FILE *batch, const struct plan_port *from, const struct plan_port *to,
                      const struct plan_link *link);

/* Packets that netem may hold: more than any delay and queue need, since the byte-bounded
 * queue of the shaper is the one that counts. */
#define NETEM_LIMIT_PACKETS 1000000

#endif

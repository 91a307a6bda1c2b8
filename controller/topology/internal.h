/* What the files of topology/ share. */
#ifndef LABCTL_TOPOLOGY_INTERNAL_H
#define LABCTL_TOPOLOGY_INTERNAL_H

#include <sys/types.h>

#include "experiment/plan.h"
#include "labctl/error.h"
#include "py/py.h"

struct network {
    const struct plan *plan; /* borrowed */
    PyObject *net;           /* mininet.net.Mininet; owned */
    pid_t router_pid;        /* of the node's shell, in whose namespaces the node lives */
    pid_t *host_pids;        /* likewise; experiment->host_count of them */
};

/* Environment and limits of this process, as Mininet's shells and tools need them. */
int environment_prepare(size_t nodes, struct lab_error *err);

/* Make Mininet's objects: the network, a node for the router and each host, a link for each
 * host. Nodes live from then on; links are recorded, and made by network_configure(). */
int objects_build(struct network *network, struct lab_error *err);

/* Make the links and set up every interface of every node. */
int network_configure(const struct network *network, struct lab_error *err);

/* Read every interface back and compare it with the plan. */
int network_verify(const struct network *network, struct lab_error *err);

#endif

/* A live network: a plan built with Mininet's objects, by calls from C. Knows nothing of
 * Python in its interface.
 *
 * Only for the first process of a sandbox: it changes the environment and the limits of the
 * process, and the end of the sandbox is what takes the network away. */
#ifndef LABCTL_NETWORK_H
#define LABCTL_NETWORK_H

#include <stdint.h>
#include <sys/types.h>

#include <stdbool.h>
#include <sys/types.h>

#include "experiment/plan.h"
#include "labctl/error.h"

/* Where programs are looked for besides PATH: ip, tc and ifconfig are there, which an
 * ordinary user's PATH may lack. */
#define NETWORK_SYSTEM_PATH "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"

struct network;

enum network_flags {
    /* network_shell() is going to be called: Python gets Ctrl-C. */
    NETWORK_INTERACTIVE = 1,
};

/* Start Python, build the network of `plan` (borrowed; must outlive it), and read every
 * interface back. Caller frees with network_free(); NULL with err set on failure, and
 * LAB_ERR_UNSUPPORTED when this machine cannot build it, or built something else. */
struct network *network_build(const struct plan *plan, enum network_flags flags,
                              struct lab_error *err);

/* Run a shell line on a node (a host or the router) through Mininet's `cmd`, and wait for
 * it, though not for what it leaves in the background. `output`, unless NULL, gets what it
 * printed; caller frees. A line is limited to NETWORK_LINE_MAX bytes without newline. */
int network_command(struct network *network, const char *node, const char *line, char **output,
                    struct lab_error *err);

/* Processes that live in the namespaces of the router and of a host (index into the
 * experiment's hosts): the shells of the nodes. */
pid_t network_router_pid(const struct network *network);
pid_t network_host_pid(const struct network *network, size_t host);

/* What may change of a link while programs use it. */
enum network_change {
    NETWORK_LINK_DOWN, /* the router's end goes down: neither end has a carrier, what is in its
                        * queues is lost, the router answers for the host that it cannot be
                        * reached, and the host's own address and routes stay */
    NETWORK_LINK_UP,   /* and comes back */
    NETWORK_LINK_RATE, /* other rates; what is queued stays */
};

/* Change the link of host `host` (index into experiment->hosts), and read it back. `from` is
 * how it is shaped now, `to` how it is to be, which only differs for NETWORK_LINK_RATE.
 * *changed_ns is when it had changed (CLOCK_MONOTONIC); reading back comes after that. Needs no
 * Python. Returns 0, or -1 with err set to LAB_ERR_UNSUPPORTED. */
int network_change_link(const struct network *network, size_t host, enum network_change change,
                        const struct plan_link *from, const struct plan_link *to,
                        uint64_t *changed_ns, struct lab_error *err);

/* A terminal in canonical mode, which Mininet types into, takes no longer line. */
#define NETWORK_LINE_MAX 4000

/* Whether the shell of any node has ended. Safe in a signal handler; changes errno. */
bool network_lost_shell(const struct network *network);

/* Mininet's prompt on the terminal, until the user leaves it. */
int network_shell(struct network *network, struct lab_error *err);

/* Release the objects and end Python. The interfaces and shells end with the sandbox. */
void network_free(struct network *network);

/* Whether the kernel can delay and lose packets (netem), which a plan with needs_netem
 * asks for. Only inside a sandbox. Returns 0, or -1 with LAB_ERR_UNSUPPORTED. */
int network_probe_netem(struct lab_error *err);

/* Whether the kernel can shape links (TBF). Likewise. */
int network_probe_shaping(struct lab_error *err);

/* Whether the kernel has a TCP congestion control. Likewise. */
int network_probe_congestion(const char *name, struct lab_error *err);

#endif

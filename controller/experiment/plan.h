/* A plan: all that a run will do, worked out beforehand by pure code. It knows no
 * Python, no privilege and no clock, and is const once built. */
#ifndef LABCTL_PLAN_H
#define LABCTL_PLAN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "experiment/experiment.h"
#include "labctl/error.h"

/* One end of a link, and the shaping of what leaves through it. */
struct plan_port {
    char interface[24];     /* "h1-eth0", "r1-eth3"; at most INTERFACE_NAME_MAX long */
    struct in_addr address; /* network byte order */
    uint64_t rate_bps;      /* 0: unshaped */
    uint64_t burst_bytes;   /* 0 when unshaped */
    uint64_t queue_bytes;   /* 0 when unshaped */
};

/* The link of host i: hosts[i] of the experiment to the router, on its own /24. */
struct plan_link {
    struct plan_port host;   /* egress here is the uplink */
    struct plan_port router; /* egress here is the downlink */
    uint64_t delay_ns;
    double loss;
};

#define PLAN_PREFIX_LENGTH 24

/* A node program to be started. Paths in argv are relative to the trial's directory,
 * so a plan does not depend on where the run directory is. */
struct plan_command {
    char node[NODE_NAME_MAX + 1];
    const char *program; /* "cs_server", ...; static */
    bool is_server;
    size_t client; /* index into experiment->clients, unless is_server */
    enum expect_kind expect;
    char **argv; /* NULL-terminated; argv[0] is `program` */
};

/* A trial of a run, numbered from 1 among the warm-up or among the counted ones. */
struct trial_id {
    unsigned number;
    bool warmup;
};

#define PLAN_TRIALS_DIR "trials" /* of a run directory; what programs write is below it */

/* Folder of a trial: RUN/trials/001, or RUN/trials/w01 for a warm-up. Caller frees. */
char *plan_trial_dir(const char *run_dir, unsigned number, bool warmup);

/* Where things are, relative to the trial's directory trials/NNN. */
#define PLAN_FILE_PATH "../../file.bin" /* the file that is shared: generated, or a link */
#define PLAN_LOG_DIR   "logs"
#define PLAN_RECV_DIR  "recv" /* recv/NODE/PLAN_RECV_NAME */
#define PLAN_RECV_NAME "file.bin"
#define PLAN_WORK_DIR  "work"  /* work/NODE: a folder of the node's own, model "exec" */
#define PLAN_GATE_DIR  "gates" /* gates/NODE: a FIFO, removed after the trial */

struct plan {
    const struct experiment *experiment; /* borrowed; must outlive the plan */
    struct plan_link *links;             /* experiment->host_count of them */
    struct plan_command *commands;       /* the server first, then the clients in order */
    size_t command_count;
    bool needs_netem; /* some link has delay or loss */
};

/* Work out the plan of an experiment. Caller frees with plan_free(); NULL with err
 * set when a command is too long (LAB_ERR_INVALID) or memory is gone. */
struct plan *plan_build(const struct experiment *experiment, struct lab_error *err);

void plan_free(struct plan *plan);

/* Address scheme, host `i` from 1: 192.168.{10 i}.{last} while i <= 25, then
 * 10.{i / 256}.{i % 256}.{last}. Every host has its own /24; a host is .1 on it, the
 * router .254. Network byte order. */
struct in_addr plan_subnet_address(size_t i, unsigned last);

/* Address of host `host` (index into experiment->hosts), and of the router on its subnet. */
struct in_addr plan_host_address(size_t host);
struct in_addr plan_router_address(size_t host);

/* Queue of a shaped direction: 50 ms at `bps`, at least 64 KiB. Bytes. */
uint64_t plan_auto_queue(uint64_t bps);

/* Burst of a shaper at `bps` with a queue of `queue_bytes`: what 1 ms carries, since timers
 * are that late at times; no more than the queue, or a burst would overrun the next queue of
 * its kind; at least two full frames. Bytes. */
uint64_t plan_burst(uint64_t bps, uint64_t queue_bytes);

/* The link of host `host` with other rates, as a fault leaves it: burst and an automatic queue
 * follow the rate. A rate of 0 leaves its direction as it is in `link`. */
void plan_change_rates(const struct experiment *experiment, size_t host, uint64_t up_bps,
                       uint64_t down_bps, struct plan_link *link);

/* Address at which `client` (index into experiment->clients) reaches the server: the
 * router's address on that client's own subnet, or the server host's address. */
struct in_addr plan_server_address(const struct experiment *experiment, size_t client);

#endif

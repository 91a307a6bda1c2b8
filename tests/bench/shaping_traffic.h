/* Traffic for the shaping bench: one long TCP flow, and UDP probes that measure the one-way
 * delay, all hosts sharing one clock. Each function is a process of its own, in the network
 * namespace of a node. */
#ifndef LABCTL_SHAPING_TRAFFIC_H
#define LABCTL_SHAPING_TRAFFIC_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>

/* Run in a child process; the exit status is what it returns. */
typedef int traffic_function(void *arg);

/* Start `run` in the namespace of process `node`; ends the bench when that cannot be done. */
pid_t traffic_start(pid_t node, traffic_function *run, void *arg);

/* Both ends of the flow. `bytes` and `seconds` are what the sink counted between `settle_s`
 * and `end_s` after the first byte; they live in memory shared with the children. */
struct flow {
    struct in_addr address; /* of the sink */
    double settle_s, end_s;
    uint64_t bytes;
    double seconds;
};

traffic_function flow_source; /* arg: struct flow */
traffic_function flow_sink;

#define PROBES_MAX 4096

/* A train of probes: sent every `interval_s` for `end_s`; the sink keeps their delays. */
struct probes {
    struct in_addr address;
    double interval_s, end_s;
    uint32_t count;
    double delay_s[PROBES_MAX];
};

traffic_function probes_source; /* arg: struct probes */
traffic_function probes_sink;

#endif

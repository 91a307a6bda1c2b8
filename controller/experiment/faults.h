/* Faults as part of an experiment: what breaks, when, and what is expected of it. */
#ifndef LABCTL_FAULTS_H
#define LABCTL_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct experiment;

enum fault_kind {
    FAULT_KILL,      /* SIGKILL to all processes of the node's program */
    FAULT_PAUSE,     /* SIGSTOP to them, and SIGCONT after for_ns */
    FAULT_LINK_DOWN, /* no carrier for for_ns */
    FAULT_LINK_RATE, /* other rates, for the rest of the trial */
    FAULT_CORRUPT,   /* a peer passes on broken blocks from then on */
};

/* `host` of the router, when it is the server. */
#define FAULT_AT_ROUTER SIZE_MAX

struct fault_spec {
    enum fault_kind kind;
    size_t host;     /* index into hosts, or FAULT_AT_ROUTER */
    bool by_share;   /* when: at_ppm of the file's bytes over all clients, else at_ns */
    uint64_t at_ppm; /* millionths */
    uint64_t at_ns;  /* from the instant that the first client is to begin */
    uint64_t for_ns; /* of a pause and of a link that goes down */
    uint64_t up_bps; /* of FAULT_LINK_RATE; 0: that direction stays as it is */
    uint64_t down_bps;
};

/* What is to become of a program. */
enum expect_kind {
    EXPECT_OK,
    EXPECT_FAILED, /* it ends with an error, or is killed */
    EXPECT_KILLED, /* a fault kills it */
};

#define FAULTS_MAX 1000

/* What happens at an instant, as events and results name it: a fault and its end are two. */
enum fault_event {
    FAULT_EVENT_KILL,
    FAULT_EVENT_PAUSE,
    FAULT_EVENT_RESUME,
    FAULT_EVENT_LINK_DOWN,
    FAULT_EVENT_LINK_UP,
    FAULT_EVENT_LINK_RATE,
    FAULT_EVENT_CORRUPT,
    FAULT_EVENT_JOIN,
};
#define FAULT_EVENTS (FAULT_EVENT_JOIN + 1)

const char *expect_name(enum expect_kind expect);     /* "ok", "failed", "killed" */
const char *fault_event_name(enum fault_event event); /* "kill", ..., "join" */

/* What happens first of a fault. */
enum fault_event fault_begins_as(enum fault_kind kind);

/* Name of the node that a fault befalls. Borrowed from `experiment`. */
const char *fault_node(const struct experiment *experiment, const struct fault_spec *fault);

/* The program that a fault befalls, as an index into plan->commands (0: the server, i + 1:
 * client i), or -1: the node runs none. */
long fault_program(const struct experiment *experiment, const struct fault_spec *fault);

/* When a fault is due, as the experiment file writes it: "1500ms", "50%". Returns `buf`. */
#define FAULT_MOMENT_MAX 40
char *fault_format_moment(const struct fault_spec *fault, char *buf, size_t size);

/* A fault in words, without when: "kill h3", "link h2 down for 500ms". Returns `buf`. */
#define FAULT_TEXT_MAX 120
char *fault_describe(const struct experiment *experiment, const struct fault_spec *fault, char *buf,
                     size_t size);

/* Whether any program is expected to fail. */
bool faults_expect_failure(const struct experiment *experiment);

#endif

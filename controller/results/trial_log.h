/* What the logs of one trial say, node by node, before anything is made of it.
 * Used in this folder alone. */
#ifndef LABCTL_TRIAL_LOG_H
#define LABCTL_TRIAL_LOG_H

#include "base/fs.h"
#include "experiment/plan.h"
#include "labctl/error.h"
#include "results/event_log.h"
#include "results/results.h"
#include "results/samples.h"

/* The clock in a log. Events that tell of an earlier instant on purpose are left out. */
struct log_times {
    uint64_t first_ns, last_ns; /* 0: no events */
    uint64_t back_ns;           /* the farthest that an event is before the one before it */
};

/* One node program, from its own log and its .exit file. */
struct node_facts {
    bool has_log;
    bool began, finished, accepted, has_length;
    uint64_t begin_ns, planned_ns;
    uint64_t finish_ns, finish_bytes;
    uint64_t accept_ns; /* first connection accepted */
    uint64_t length_bytes;
    uint64_t progress_bytes, block_bytes, bad_blocks;
    struct result_error error; /* the last one it told */
    bool has_exit_event;
    struct program_sample used; /* of its whole life, as its exit event tells; else 0 */
    struct log_times times;
    struct log_damage damage;
    int exit; /* .exit file, or node_exit, or its own exit event */
};

/* What labctl's own log says of a node. */
struct node_verdict {
    bool verified; /* there is a verify event */
    uint64_t bytes;
    char sha256[SHA256_HEX_SIZE]; /* "": there is no file */
    int exit;
    bool killed; /* by a fault */
};

/* labctl's own log of the trial. */
struct control_facts {
    bool has_log, has_trial, has_end;
    uint64_t file_bytes;
    char file_sha256[SHA256_HEX_SIZE];
    enum result_status end_status;
    struct result_error end_error;
    struct node_verdict *nodes;  /* by plan command; owned */
    struct fault_result *faults; /* in the order of the log; owned */
    uint64_t *fault_ns;          /* when each happened; owned */
    size_t fault_count;
    struct samples samples;
    struct log_times times;
    struct log_damage damage;
};

/* Read LOGS/NODE.PROGRAM.jsonl and .exit of a program. What cannot be read leaves `facts`
 * as if it had not been said, and is counted. */
void trial_log_read_node(struct node_facts *facts, const char *logs,
                         const struct plan_command *command, struct event_log *log);

/* Read LOGS/labctl.jsonl. Returns 0, or -1 with err set when out of memory. */
int trial_log_read_control(struct control_facts *facts, const char *logs, const struct plan *plan,
                           struct event_log *log, struct lab_error *err);

void node_facts_clear(struct node_facts *facts);
void control_facts_clear(struct control_facts *facts);

#endif

/* Running ip(8) and tc(8) in the network namespaces of nodes, several at a time. A batch is
 * one process for all the interfaces of a node; Mininet's own way takes about eight. */
#ifndef LABCTL_TOPOLOGY_TOOL_H
#define LABCTL_TOPOLOGY_TOOL_H

#include <stddef.h>
#include <sys/types.h>

#include "labctl/error.h"

struct tool_job {
    const char *node;        /* its name, for messages; borrowed */
    pid_t node_pid;          /* a process in its namespace; 0: the namespace of this process */
    const char *const *argv; /* NULL-terminated; borrowed */
    char *input;             /* for standard input, or NULL; owned, see tool_free_jobs() */
    char *output;            /* what it printed, NUL-terminated; owned */
    pid_t pid;               /* while it runs */
    int input_fd, output_fd; /* while it runs */
};

/* Run all jobs, keeping the processors busy. Returns 0 with every job's output set, or -1
 * with err set by the first job that failed: LAB_ERR_UNSUPPORTED, naming node and tool. */
int tool_run(struct tool_job *jobs, size_t count, struct lab_error *err);

void tool_free_jobs(struct tool_job *jobs, size_t count);

/* Enter the network namespace of process `pid`, and come back. The descriptor that enter
 * returns (or -1 with err set) is the way back; leave closes it. */
int tool_enter(pid_t pid, struct lab_error *err);
int tool_leave(int way_back, struct lab_error *err);

#endif

/* The processes of the sandbox: what a trial started ends with it, and no node uses up more
 * than its limits.
 *
 * All of it is for the first process of a PID namespace, which sees the run's processes and
 * no other; in any other process each function does nothing, and successfully. */
#ifndef LABCTL_PROCESSES_H
#define LABCTL_PROCESSES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "experiment/experiment.h"
#include "labctl/error.h"
#include "supervise/program.h"

/* The network namespace that a process is in, which tells the node: 0 for one that is gone, and
 * for all when the caller is not the first process. */
ino_t processes_network(pid_t pid);

/* --- what was there before a trial ------------------------------------------------ */

struct process_list {
    pid_t *pids; /* owned */
    size_t count;
};

/* Take note of all that live now. */
int processes_note(struct process_list *list, struct lab_error *err);
void processes_release(struct process_list *list);

/* End every process that is not in the list, also one that left its process group or its
 * session, and wait for that. LAB_ERR_NODE when they start new ones faster than they can be
 * ended: then only the end of the sandbox ends them. */
int processes_end_others(const struct process_list *list, struct lab_error *err);

/* --- what a node uses ----------------------------------------------------------------- */

/* Compare what the processes of each program's node use with `limits`: a process belongs to
 * the node whose network namespace it is in. LAB_ERR_NODE names the node that uses more, and
 * what. Memory is what is private or shared among them, each page counted once. */
int processes_check(const struct program *programs, size_t count, const struct limits_spec *limits,
                    struct lab_error *err);

#endif

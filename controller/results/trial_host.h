/* One host of a trial: what its logs say to its measures and its verdict. Used by trial.c
 * alone. */
#ifndef LABCTL_TRIAL_HOST_H
#define LABCTL_TRIAL_HOST_H

#include "results/results.h"
#include "results/trial_log.h"

/* What a verdict is made from; all borrowed. */
struct host_case {
    const struct plan_command *command;
    const struct node_facts *facts;
    const struct node_verdict *verdict;
    const struct control_facts *control;
    const struct trial_result *trial; /* file_bytes, file_sha256 and origin_ns are set */
    bool no_file;                     /* the client leaves none, so there is none to verify */
};

/* Fill the measures, status and error of a host; its name and address are the caller's. */
void trial_host_compute(struct host_result *host, const struct host_case *c);

#endif

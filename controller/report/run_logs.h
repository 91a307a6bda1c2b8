/* The logs of a run's trials, opened one at a time, and whose address it is that they name. */
#ifndef LABCTL_REPORT_RUN_LOGS_H
#define LABCTL_REPORT_RUN_LOGS_H

#include <netinet/in.h>
#include <stdbool.h>

#include "experiment/plan.h"
#include "report/run_set.h"
#include "results/event_log.h"

struct run_logs_address {
    in_addr_t address;
    size_t node;
};

/* Nodes are the commands of the run's plan: the server is 0, and client i is i + 1. */
struct run_logs {
    const struct report_run *run; /* borrowed */
    struct plan *plan;
    struct run_logs_address *addresses; /* sorted */
    size_t address_count;
    struct event_log *log; /* the one that is open */
};

/* Returns 0, or -1 with err set. Close in either case. */
int run_logs_open(struct run_logs *logs, const struct report_run *run, struct lab_error *err);
void run_logs_close(struct run_logs *logs);

/* Open a node's log of a trial, or labctl's own; read it with event_log_next(logs->log), and close
 * it with event_log_close(). False when there is none to be read: its trial has been judged. */
bool run_logs_open_node(struct run_logs *logs, const struct trial_result *trial, size_t node);
bool run_logs_open_control(struct run_logs *logs, const struct trial_result *trial);

/* The node at "IP" or "IP:PORT", or SIZE_MAX. */
size_t run_logs_find(const struct run_logs *logs, const char *address);

/* Its name; the text itself when no node has that address. */
const char *run_logs_name(const struct run_logs *logs, const char *address);

#endif

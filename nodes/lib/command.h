/* A command of the user's, as a child process with a process group and a folder of its
 * own. */
#ifndef NODES_COMMAND_H
#define NODES_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/log_pump.h"
#include "lib/node.h"

struct command {
    pid_t pid;         /* of the child and of its group */
    int pidfd;         /* readable once it has ended; owned */
    int status;        /* as waitpid() tells it, once it has ended */
    int64_t waited_ns; /* for processors, once it has ended (usage_waited_ns()) */
    struct log_pump pump;
    uint64_t dropped; /* bytes of its outputs that are not in the log, once it was stopped */
};

/* Start the command of node->args: its placeholders replaced, in its working folder, with
 * both outputs going to our standard error, as far as they fit (log_pump.h). */
int command_start(struct command *command, struct node *node, struct lab_error *err);

/* Whether it has ended; then `status` is set. Waits for `wait_ms` at most, -1 for ever, and
 * returns early when a signal asks this program to stop. */
bool command_ended(struct command *command, struct loop *loop, int wait_ms);

/* End its whole group, if it still runs: asked first, then killed; and complete its log. */
void command_stop(struct command *command);

/* 0 when it ended with status `expected`, or -1 with err (LAB_ERR_NODE) saying how it ended. */
int command_check(const struct command *command, unsigned expected, struct lab_error *err);

#endif

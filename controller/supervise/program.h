/* One node program while it runs: started through its node's shell, followed through its
 * log, ended with its process group. */
#ifndef LABCTL_PROGRAM_H
#define LABCTL_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "experiment/plan.h"
#include "labctl/error.h"
#include "supervise/follow.h"
#include "topology/network.h"

/* How a shell line gets to a node, and how a link is changed: network_command() and
 * network_change_link() of a live network, or a stand-in. */
struct launcher {
    int (*run)(void *context, const char *node, const char *line, char **output,
               struct lab_error *err);
    void *context;
    int (*change_link)(void *context, size_t host, enum network_change change,
                       const struct plan_link *from, const struct plan_link *to,
                       uint64_t *changed_ns, struct lab_error *err);
};

struct program {
    const struct plan_command *command; /* borrowed */
    char *log_path;                     /* of its events; owned */
    struct follower follower;
    pid_t job;   /* its process group, or -1 before the start */
    int pidfd;   /* of the shell that waits for it: readable when it has ended; owned */
    bool ended;  /* and its log has been read to the end */
    int status;  /* once ended: exit status, or PROGRAM_NO_STATUS */
    int signal;  /* once ended: the signal that ended it, or 0 */
    bool killed; /* a fault of the experiment killed it */
    bool judged; /* its end was taken note of (watch.c) */

    /* What its log said. */
    bool ready, finished;
    uint64_t bytes;              /* of the file it holds */
    uint64_t bytes_ns;           /* when */
    struct lab_error told_error; /* of its last error event; LAB_ERR_NONE: none */
};

/* Its exit status could not be found out: the .exit file is not there or empty. */
#define PROGRAM_NO_STATUS (-1)

void program_init(struct program *program, const struct plan_command *command,
                  const char *trial_dir);
void program_release(struct program *program);

/* Start it on its node. */
int program_start(struct program *program, const char *trial_dir, const char *nodes_dir,
                  const struct launcher *launcher, struct lab_error *err);

bool program_started(const struct program *program);
bool program_alive(const struct program *program); /* started and not ended */

/* Read what is new in its log. Returns 1 when there may be more than was read, 0 when there is
 * not, or -1 with err set. */
int program_follow(struct program *program, struct lab_error *err);

/* Its pidfd is readable: read the rest of its log and its exit status. */
int program_reap(struct program *program, const char *trial_dir, struct lab_error *err);

/* Send a signal to its process group, if it is alive. */
void program_signal(const struct program *program, int signal);

/* It ended, and not with status 0. */
bool program_failed(const struct program *program);

/* It failed, and the experiment expects that of it. */
bool program_failed_as_expected(const struct program *program);

/* It ended (or was never started), and not as the experiment expects it to fail. One that is
 * expected to be ok is never met here: how it failed is told by program_describe_failure().
 * Returns 0, or -1 with err set. */
int program_check_expected(const struct program *program, struct lab_error *err);

/* Set err to what went wrong with a program that failed: node, program, how it ended, what
 * it said of the reason, and the last lines of its .log. Returns -1. */
int program_describe_failure(const struct program *program, const char *trial_dir,
                             struct lab_error *err);

#endif

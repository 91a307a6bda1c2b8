/* A sandbox: one child process in namespaces of its own (user, unless started by root;
 * mount, PID, IPC, UTS and network), in which a network can be built without rights and
 * without a trace. The child is the first process of its PID namespace, so that the kernel
 * ends everything below it when it ends; and it ends when its parent does, however that
 * comes about. */
#ifndef LABCTL_SANDBOX_H
#define LABCTL_SANDBOX_H

#include <sys/types.h>

#include "labctl/error.h"

struct sandbox {
    pid_t pid;   /* of the child, as the parent sees it */
    int pidfd;   /* readable once the child has ended; owned */
    int channel; /* SOCK_SEQPACKET to the child, close-on-exec; owned */
};

#define SANDBOX_INIT                                                                               \
    {                                                                                              \
        .pid = -1, .pidfd = -1, .channel = -1                                                      \
    }

enum sandbox_flags {
    /* The child stays in the session of the terminal and keeps its standard input. Without
     * it the child has a session of its own, so that Ctrl-C reaches the parent alone, and
     * /dev/null as its standard input. */
    SANDBOX_KEEP_TERMINAL = 1,
};

/* What runs in the child: returns its exit status (0 to 255). `channel` is the child's end,
 * borrowed. The memory of the parent is there, as after fork(). */
typedef int sandbox_entry(int channel, void *arg);

/* Start `entry` in a new sandbox. Returns when the namespaces are set up and `entry` has
 * been let go, or -1 with err set (LAB_ERR_UNSUPPORTED, with the reason and the mend, when
 * this machine forbids it); then there is no child. The caller must have one thread only,
 * and ends the sandbox with sandbox_wait() or sandbox_kill(). */
int sandbox_start(struct sandbox *sandbox, sandbox_entry *entry, void *arg,
                  enum sandbox_flags flags, struct lab_error *err);

/* Wait until the child has ended, and with it every process of the sandbox; release what
 * the struct owns. Returns the exit status of the child, or -1 with err set when a signal
 * ended it. */
int sandbox_wait(struct sandbox *sandbox, struct lab_error *err);

/* End every process of the sandbox at once, wait for that and release what the struct owns.
 * Does nothing to a sandbox that has not been started or has ended. */
void sandbox_kill(struct sandbox *sandbox);

/* What sandbox_call() runs in the child: returns 0, or -1 with err set. */
typedef int sandbox_function(void *arg, struct lab_error *err);

/* Run `function` in a sandbox of its own, and return what it returned, with its err. With
 * SANDBOX_KEEP_TERMINAL, Ctrl-C is left to it. */
int sandbox_call(sandbox_function *function, void *arg, enum sandbox_flags flags,
                 struct lab_error *err);

/* Whether a sandbox can be made here, with all that a network in it needs. Returns 0, or -1
 * with err set to LAB_ERR_UNSUPPORTED: what is refused, why, and how to mend it. */
int sandbox_probe(struct lab_error *err);

#endif

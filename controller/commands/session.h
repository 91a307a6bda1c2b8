/* Watching a sandbox in which trials run: what it says, how long it may take, and its end. */
#ifndef LABCTL_SESSION_H
#define LABCTL_SESSION_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "commands/progress.h"
#include "labctl/error.h"
#include "sandbox/sandbox.h"
#include "supervise/message.h"
#include "supervise/supervise.h"

/* The caller fills in `input`, but for the sockets, and `progress`; the rest is zero before
 * session_start(). */
struct session {
    struct supervise_input input;
    struct progress *progress; /* borrowed; NULL shows nothing */

    /* For the caller to read: */
    bool over;              /* the sandbox has ended, and logs are complete */
    bool any_trial;         /* one has begun */
    struct lab_error cause; /* why it ended early; LAB_ERR_NONE when all went well */

    struct sandbox sandbox;
    enum run_phase phase;
    uint64_t deadline_ns; /* when the outside loses patience, CLOCK_MONOTONIC; 0: never */
    bool asked_to_stop;
    bool in_trial;    /* one has begun, and not ended */
    char *trial_dir;  /* of that one; owned */
    bool said_it_all; /* MESSAGE_END has come */
};

/* Start the trials in a sandbox. When that fails the session is over at once, and its cause
 * says why. A session that was started must be waited for until it is over. */
void session_start(struct session *session);

/* Wait until one of the sessions has something to say, a signal comes (the mask `signals` is
 * in force meanwhile) or `longest_ns` have passed, and deal with it. Sessions that are over are
 * passed over. */
void session_wait(struct session *const *sessions, size_t count, uint64_t longest_ns,
                  const sigset_t *signals);

/* The user wants to stop: the inside is asked to, and ended from outside when it cannot hear
 * or does not answer. */
void session_stop(struct session *session);

/* Whether a session that ended with this cause leaves no point in another trial of the same
 * experiment: anything but a received file that is not what was sent. */
bool session_is_hopeless(const struct lab_error *cause);

#endif

/* What the process inside the sandbox tells the one outside, over the sandbox's channel,
 * and the one thing it is told.
 *
 * In order: PHASE_NETWORK and PHASE_FILE; then for each trial MESSAGE_TRIAL, the other phases with
 * MESSAGE_HOSTS between them, and MESSAGE_TRIAL_END; at the very end MESSAGE_END. A channel
 * that ends without it: the process died, and sandbox_wait() tells how. Progress may be
 * left out when the reader is slow; everything else arrives. */
#ifndef LABCTL_MESSAGE_H
#define LABCTL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "labctl/error.h"

enum message_kind { MESSAGE_PHASE, MESSAGE_TRIAL, MESSAGE_HOSTS, MESSAGE_TRIAL_END, MESSAGE_END };

enum run_phase {
    PHASE_NETWORK,  /* Python starts, the network is built and read back */
    PHASE_FILE,     /* the file to be distributed is hashed */
    PHASE_START,    /* node programs are started, until all are ready */
    PHASE_TRANSFER, /* the timed window */
    PHASE_VERIFY,   /* received files are hashed */
};

enum host_state {
    HOST_STARTING, /* its program is not ready yet */
    HOST_WAITING,  /* at its gate */
    HOST_RUNNING,  /* its gate is open */
    HOST_FINISHED, /* the last byte has arrived */
    HOST_ENDED,    /* its program ended with status 0 */
    HOST_FAILED,   /* its program ended otherwise */
};

struct host_progress {
    uint64_t bytes;  /* of the file, held by this host */
    uint64_t t_ns;   /* when, CLOCK_MONOTONIC; 0: nothing heard yet */
    uint32_t client; /* index into experiment->clients */
    uint32_t state;  /* enum host_state */
};

#define MESSAGE_HOSTS_MAX 64

struct message {
    enum message_kind kind;
    union {
        enum run_phase phase; /* MESSAGE_PHASE */
        struct {
            unsigned number; /* from 1, among the warm-up or the counted trials */
            bool warmup;
        } trial; /* MESSAGE_TRIAL */
        struct {
            uint32_t count;
            struct host_progress at[MESSAGE_HOSTS_MAX];
        } hosts; /* MESSAGE_HOSTS: hosts that changed */
        /* MESSAGE_TRIAL_END, MESSAGE_END: LAB_ERR_NONE when all went well */
        struct lab_error error;
    };
};

/* --- inside ---------------------------------------------------------------- */

/* Send a message; one that `may_drop` is dropped rather than waited for. That nobody reads
 * any more is no error: then this process is about to be ended. */
void message_send(int channel, const struct message *message, bool may_drop);

/* Whether the outside asked to stop (or is gone), since the last call or earlier. */
bool message_interrupted(int channel);

/* --- outside --------------------------------------------------------------- */

/* Wait for the next message. Returns 1, 0 at the end of the channel, or -1 with err set. */
int message_receive(int channel, struct message *message, struct lab_error *err);

/* Ask the run to stop: node programs are ended, logs completed, MESSAGE_END sent. Only
 * heard in a trial; before the first one sandbox_kill() is the way. */
void message_interrupt(int channel);

#endif

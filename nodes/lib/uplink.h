/* How many blocks a sender has under way at once. Pure: time is an argument.
 *
 * Few at once, so that each arrives soon and can be passed on; but a receiver that is
 * slow must not hold back the others: a send that takes much longer than is usual is
 * marked slow, and no longer counts. */
#ifndef NODES_UPLINK_H
#define NODES_UPLINK_H

#include <stdbool.h>
#include <stdint.h>

/* Sends at once that are not slow.
 *
 * Of the server: one, since a block that arrives sooner is passed on sooner. Of a peer:
 * two, since while one waits for its receiver's downlink, which others send to as well,
 * the other keeps the uplink busy. More make queues longer. */
#define UPLINK_WIDTH_SERVER 1
#define UPLINK_WIDTH_PEER   2

/* One receiver's place at the uplink. */
struct uplink_send {
    uint64_t began_ns;
    bool active;
    bool slow;
};

struct uplink {
    uint32_t width;    /* sends at once that are not slow */
    uint32_t counted;  /* active and not slow */
    uint64_t usual_ns; /* how long a send usually takes; 0: none has ended yet */
};

void uplink_init(struct uplink *uplink, uint32_t width);

bool uplink_has_room(const struct uplink *uplink);

/* A receiver that was slow the last time begins as slow, and takes no room. */
void uplink_begin(struct uplink *uplink, struct uplink_send *send, uint64_t now);
void uplink_end(struct uplink *uplink, struct uplink_send *send, uint64_t now);

/* It ended without being sent: the receiver is gone. */
void uplink_abort(struct uplink *uplink, struct uplink_send *send);

/* Mark it slow if it has taken too long. Returns true when it was marked just now. */
bool uplink_check(struct uplink *uplink, struct uplink_send *send, uint64_t now);

/* How long a send may take before it is slow. */
uint64_t uplink_patience(const struct uplink *uplink);

#endif

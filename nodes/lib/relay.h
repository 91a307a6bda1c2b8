/* What a peer has to pass on: one queue of block numbers for each receiver, and the
 * choice of what is sent next. Pure: time is an argument, sending is the caller's. */
#ifndef NODES_RELAY_H
#define NODES_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/uplink.h"

struct relay_entry {
    uint32_t block;
    uint32_t bytes;
    uint32_t order; /* older blocks go first, whoever they are for */
};

struct relay_queue {
    struct relay_entry *entries; /* a ring; owned */
    uint32_t room, first, count;
    uint64_t bytes;   /* of all entries */
    uint32_t sending; /* the block under way, when send.active */
    struct uplink_send send;
    bool gone; /* the receiver has left, or cannot be reached */
};

struct relay {
    struct relay_queue *queues; /* by peer number */
    uint32_t count;
    uint32_t own; /* own number */
    uint32_t orders;
    struct uplink uplink;
};

void relay_init(struct relay *relay, uint32_t own, uint32_t width);
void relay_free(struct relay *relay);

/* Make sure there is a queue for this peer. Returns false when out of memory. */
bool relay_know(struct relay *relay, uint32_t peer);

/* Queue `block`, of so many bytes, for `peer`; those queued between two calls of relay_next_order()
 * are of the same age. Returns false when the peer is gone or memory is. */
void relay_next_order(struct relay *relay);
bool relay_push(struct relay *relay, uint32_t peer, uint32_t block, uint32_t bytes);

/* What to send now: the oldest block whose receiver is free. False when there is none, or
 * when enough is under way. The send has then begun. */
bool relay_next(struct relay *relay, uint64_t now, uint32_t *peer, uint32_t *block);

/* The send to `peer` is over. */
void relay_sent(struct relay *relay, uint32_t peer, uint64_t now);

/* Mark what takes too long. Returns true when something was marked. */
bool relay_check(struct relay *relay, uint64_t now);

/* The newest copy not begun, taken out of its queue; of receivers that are not slow.
 * False when there is none. */
bool relay_take_back(struct relay *relay, uint32_t *peer, uint32_t *block);

/* The next copy for a peer that cannot be reached, taken out; false when none is left. */
bool relay_take_for(struct relay *relay, uint32_t peer, uint32_t *block);

/* Is this copy waiting, or under way? */
bool relay_has(const struct relay *relay, uint32_t peer, uint32_t block);

/* The peer is there (again). */
void relay_there(struct relay *relay, uint32_t peer);

/* The peer has left: it gets nothing more. */
void relay_gone(struct relay *relay, uint32_t peer);

/* Copies not begun that could move: those for receivers that are not slow. */
uint32_t relay_waiting(const struct relay *relay);

/* Bytes of them. */
uint64_t relay_waiting_bytes(const struct relay *relay);

/* Receivers there are. */
uint32_t relay_receivers(const struct relay *relay);

#endif

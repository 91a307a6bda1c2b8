/* How many blocks a sender has under way at once. Pure: time is an argument.
 *
 * Few at once, so that each arrives soon and can be passed on; but a receiver that is
 * slow must not hold back the others: a send that takes much longer than is usual is
 * marked slow, and no longer counts.
 *
 * What counts as well is how much of what was given to the host's interface has not left it,
 * so whoever sends looks at that. When it is next to nothing, all that is under way waits for
 * acknowledgements: another send begins, however many there are. When it is much, nothing
 * begins: what is decided later is decided better, and a queue that overflows helps nobody. */
#ifndef NODES_UPLINK_H
#define NODES_UPLINK_H

#include <stdbool.h>
#include <stdint.h>

/* Sends at once that are not slow.
 *
 * Of the server: one, since a block that arrives sooner is passed on sooner. Of a peer:
 * three, since while one waits for its receiver's downlink, which others send to as well,
 * another keeps the uplink busy. More make queues longer. */
#define UPLINK_WIDTH_SERVER 1
#define UPLINK_WIDTH_PEER   3

/* With fewer bytes at the interface than these it is about to run dry: two segments, which is
 * less than a flow that may send keeps there. With more than the others it is full: that is
 * half of the shortest queue that an experiment has unless it asks for one. */
#define UPLINK_DRY_BYTES  3000
#define UPLINK_FULL_BYTES (32 << 10)

/* How often to look, at least, when nothing begins. */
#define UPLINK_LOOK_NS 1000000ull

/* One receiver's place at the uplink. */
struct uplink_send {
    uint64_t began_ns;
    uint32_t bytes;
    bool active;
    bool leaving; /* some of it may still be at the interface; for who looks */
    bool slow;
};

struct uplink {
    uint32_t width;           /* sends at once that are not slow */
    uint32_t counted;         /* active and not slow */
    uint32_t full_bytes;      /* of a block that is not one of the smaller ones, */
    uint64_t usual_ns;        /* and how long its send usually takes; 0: none has ended yet */
    uint64_t interface_bytes; /* at the interface as last seen, and all that began since */
    bool begun;               /* something did */
    uint64_t looked_ns;
};

void uplink_init(struct uplink *uplink, uint32_t width);

/* Full blocks are of this size. Only their sends tell how long one usually takes. */
void uplink_expect(struct uplink *uplink, uint32_t full_bytes);

bool uplink_has_room(const struct uplink *uplink);

/* Is it time to look at the interface, since nothing may begin as far as is known? */
bool uplink_look_due(const struct uplink *uplink, uint64_t now);

/* So many bytes had not left the interface: the sum over all sends that are `leaving`. */
void uplink_looked(struct uplink *uplink, uint64_t bytes, uint64_t now);

/* A receiver that was slow the last time begins as slow, and takes no room. */
void uplink_begin(struct uplink *uplink, struct uplink_send *send, uint32_t bytes, uint64_t now);
void uplink_end(struct uplink *uplink, struct uplink_send *send, uint64_t now);

/* It ended without being sent: the receiver is gone. */
void uplink_abort(struct uplink *uplink, struct uplink_send *send);

/* Mark it slow if it has taken too long. Returns true when it was marked just now. */
bool uplink_check(struct uplink *uplink, struct uplink_send *send, uint64_t now);

/* How long a send may take before it is slow. */
uint64_t uplink_patience(const struct uplink *uplink);

/* How long so many bytes will probably take. */
uint64_t uplink_drain_ns(const struct uplink *uplink, uint64_t bytes);

#endif

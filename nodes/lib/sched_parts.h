/* What the parts of the server's mind share: sched.c (who has what, and what peers say),
 * sched_send.c (the server's own uplink) and sched_share.c (the peers' uplinks). */
#ifndef NODES_SCHED_PARTS_H
#define NODES_SCHED_PARTS_H

#include "labctl/wire.h"
#include "lib/sched.h"

/* Sources of a copy that are no peer's number. */
#define SOURCE_NONE   0xffff
#define SOURCE_HAVE   0xfffe /* the peer has it */
#define SOURCE_SERVER 0xfffd

_Static_assert(WIRE_PEERS_MAX < SOURCE_SERVER, "peer numbers and special sources overlap");

struct sched_peer {
    uint16_t *source;   /* of each block's copy for this peer; owned; NULL unless it takes part */
    uint32_t stock;     /* handed-out blocks whose copy for this peer has no source */
    uint32_t cursor;    /* where to go on looking for one */
    uint32_t asks;      /* not answered yet */
    uint64_t ask_order; /* of the oldest of them */
    uint32_t copies;    /* not yet begun, as it said last */
    uint32_t drain_us;
    bool recalled; /* a RECALL is not answered yet */
    bool distrusted;
    bool silent;
    bool busy;      /* the server is sending `sending` to it */
    bool late;      /* the last send to it was slow, */
    bool slow;      /* and the one before as well */
    bool answers;   /* that is a fresh block, as it had asked, */
    bool passes_on; /* and it is to pass it on to all others */
    uint32_t sending;
    uint32_t refetches; /* of it in the list */
};

struct sched {
    uint32_t blocks;
    uint32_t fresh; /* blocks from here on have never been handed out */
    uint64_t stock; /* sum over peers */
    uint64_t orders;
    struct sched_peer *peers;
    uint32_t count, room;
    uint32_t turn; /* whose stock is looked at first */
    struct {
        uint32_t peer, block;
    } * refetch;
    uint32_t refetches, refetch_room;
};

/* Give a copy another source, and keep count of those without. */
void sched_set_source(struct sched *sched, uint32_t to, uint32_t block, uint16_t source);

/* One ask of the peer is settled; it waits its turn with the next. */
void sched_answer_ask(struct sched *sched, struct sched_peer *peer);

/* The next block from the stock of `to` that `holder` has (NULL: any). */
bool sched_find_in_stock(struct sched *sched, uint32_t to, const struct sched_peer *holder,
                         uint32_t *block);

#endif

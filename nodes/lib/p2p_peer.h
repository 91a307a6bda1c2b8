/* A peer: fetches blocks from the server and from other peers, and passes on those that
 * the server tells it to.
 *
 *     at the gate -> file length asked -> digests are coming -> sharing -> file complete,
 *     "time consume" told, still sharing -> OVER
 *
 * When the server is lost while it shares, it goes on alone with the other peers, until all
 * of them have the file, or nobody can have it (p2p_alone.c).
 *
 * Every block is held in memory until its digest is right; then it is written to the
 * file, and passed on from there. */
#ifndef NODES_P2P_PEER_H
#define NODES_P2P_PEER_H

#include "lib/blocks.h"
#include "lib/channel.h"
#include "lib/node.h"
#include "lib/relay.h"

struct neighbour; /* a connection to a peer that blocks are passed on to */
struct inbound;   /* a connection that blocks come through */

/* The signal that tells a peer to spoil, from then on, every block that it passes on. For
 * experiments about faults; docs/protocol.md. */
#define P2P_CORRUPT_SIGNAL SIGUSR1

struct p2p_peer {
    struct node *node; /* borrowed */
    int output_fd;     /* owned */
    uint64_t begin_ns;
    struct watch listener;
    struct inbound *server;   /* the connection to the server */
    struct inbound *inbounds; /* all, the server's too */
    struct inbound *closed;
    uint32_t inbound_count;        /* of `inbounds` */
    uint32_t introduced;           /* peers that the server told of so far */
    struct neighbour **neighbours; /* by number; NULL: not known */
    uint32_t neighbour_room;
    struct neighbour *gone; /* to be freed */

    struct blocks blocks;
    uint32_t digests;                  /* known so far */
    uint32_t table[WIRE_DIGEST_WORDS]; /* the digest of all of them */
    uint8_t *have;                     /* a bit for each block; owned */
    uint32_t held;
    uint64_t held_bytes;
    bool started;  /* the length is known */
    bool sharing;  /* the first digests are known */
    bool finished; /* the file is complete */
    bool over;     /* the server said so */

    struct relay relay;
    uint64_t asked_at;    /* when the last ask was sent, of which none was before it; or 0 */
    uint64_t response_ns; /* how long an answer usually takes */
    uint32_t asked;       /* asks not answered */
    uint32_t credit;      /* how many may be */
    bool dry;             /* there was nothing to pass on since the last answer */
    uint32_t *news;       /* blocks the server does not know we have; owned */
    uint32_t news_count, news_room;
    uint64_t news_at;    /* when it was told last */
    uint64_t arrived_at; /* when the last bytes of a block came */
    uint32_t stalls;     /* blocks asked for at the last stall */
    uint64_t turned_at;  /* when it was our turn last */
    uint64_t server_at;  /* when anything came from the server last */

    bool alone;           /* the server is lost: p2p_alone.c */
    uint64_t changed_at;  /* when something was learnt last of who has what */
    bool weighed;         /* what was learnt since was found to be enough */
    uint32_t hearsay;     /* digests known, with those told by `informant`, which may be wrong */
    uint32_t informant;   /* the neighbour that was asked for digests last */
    uint64_t informed_at; /* when it was, or told of some */
    uint8_t *wanted;      /* a bit for each block that was asked of a neighbour; owned */

    bool corrupting; /* spoils what it passes on: p2p_corrupt.c */
    int spoilt_fd;   /* the spoilt blocks; owned */
    struct lab_error failure;
};

/* Prepare the output file and listen. Returns 0, or -1 with err set. Close in either
 * case. */
int p2p_peer_open(struct p2p_peer *peer, struct node *node, struct lab_error *err);
void p2p_peer_close(struct p2p_peer *peer);

/* Begin, with a descriptor that is connected, or connecting, to the server at `address`;
 * it is taken over. */
int p2p_peer_join(struct p2p_peer *peer, int fd, const struct sockaddr_in *address,
                  struct lab_error *err);

/* Take blocks from a connection. `fd` is taken over. */
void p2p_peer_adopt(struct p2p_peer *peer, int fd, const struct sockaddr_in *from);

/* To be called between the loop's batches. */
uint64_t p2p_peer_turn(void *peer);

/* The whole program. */
int p2p_peer_run(struct node *node, struct lab_error *err);

#endif

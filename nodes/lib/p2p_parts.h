/* How the parts of a peer call each other: p2p_peer.c (its life, and what it says to the
 * server), p2p_inbound.c (connections that blocks come through), p2p_outbound.c (connections that
 * blocks are passed on through), p2p_alone.c (life without the server), p2p_digests.c (by what
 * blocks are judged) and p2p_corrupt.c (blocks spoilt on purpose). */
#ifndef NODES_P2P_PARTS_H
#define NODES_P2P_PARTS_H

#include "lib/p2p_peer.h"

#define NO_PEER UINT32_MAX

/* Blocks asked of one neighbour at once. */
#define WANTS_AT_ONCE 2

struct digest_state;

struct inbound {
    struct channel channel;
    struct inbound *next;
    struct p2p_peer *peer;       /* borrowed */
    uint32_t from;               /* number of the peer at the other side; NO_PEER: the server */
    uint32_t block;              /* of the payload that is coming */
    uint8_t *buffer;             /* for it; owned; NULL when it is not wanted */
    struct digest_state *digest; /* owned */
};

struct neighbour {
    struct channel channel; /* open once there was something to pass on */
    struct neighbour *next; /* among those to be freed */
    struct p2p_peer *peer;  /* borrowed */
    uint32_t number;
    struct sockaddr_in address;
    bool used; /* the channel was opened */

    /* of p2p_alone.c */
    bool told;        /* it was told what we hold, and is told of what comes */
    bool heard;       /* it said what it holds */
    bool alone;       /* it said that it has lost the server */
    bool unreachable; /* its connection broke, or could not be made */
    bool corrupt;     /* it sent a broken block */
    bool late;        /* it did not send what was wanted: ask others, too */
    uint8_t *holds;   /* a bit for each block; owned; NULL: none yet */
    uint32_t held;
    uint32_t wants[WANTS_AT_ONCE], want_count;
    uint64_t wanted_at;
};

bool p2p_has_block(const struct p2p_peer *peer, uint32_t block);

/* End the program with this failure. */
void p2p_fail(struct p2p_peer *peer, const struct lab_error *err);

/* A message from the server, other than a block. */
int p2p_take_order(struct p2p_peer *peer, const struct wire_message *message,
                   struct lab_error *err);

/* The first digests are here: blocks may come. */
int p2p_begin_sharing(struct p2p_peer *peer, struct lab_error *err);

/* Asks were answered. */
void p2p_asks_answered(struct p2p_peer *peer, uint32_t asks);

/* Ask the server for `block`, or with WIRE_ANY_BLOCK for any that nobody brings. `sender` is who
 * sent it broken; else this peer itself. */
void p2p_ask(struct p2p_peer *peer, uint32_t block, uint32_t sender);

/* A block was kept: note it, and finish when it was the last. */
void p2p_keep_block(struct p2p_peer *peer, uint32_t block);

/* A block came broken through `inbound`. */
void p2p_refuse_block(struct p2p_peer *peer, struct inbound *inbound);

/* The channel to the server. */
struct channel *p2p_server_channel(struct p2p_peer *peer);

/* --- p2p_inbound.c -------------------------------------------------------- */

struct inbound *p2p_inbound_open(struct p2p_peer *peer, int fd, const struct sockaddr_in *from,
                                 unsigned senders, struct lab_error *err);
void p2p_inbound_free(struct inbound **list);

/* Connections that a peer takes beside two of each peer that the server told of. */
#define P2P_STRANGERS_MAX 256

/* Is there room for one more connection? If there is none, who has said nothing for the longest
 * time is closed for it. */
bool p2p_inbound_make_room(struct p2p_peer *peer);

/* --- p2p_outbound.c ------------------------------------------------------- */

int p2p_learn_peers(struct p2p_peer *peer, const struct wire_message *message,
                    struct lab_error *err);
void p2p_forget_peer(struct p2p_peer *peer, uint32_t number);
int p2p_take_share(struct p2p_peer *peer, const struct wire_message *message,
                   struct lab_error *err);
void p2p_give_back(struct p2p_peer *peer, uint32_t copies);

/* Begin as many sends as there is room for, and write out what waits. */
void p2p_pass_on(struct p2p_peer *peer);

/* The neighbour of that number, or NULL. */
struct neighbour *p2p_neighbour(struct p2p_peer *peer, uint32_t number);

/* Note where a peer listens. What the server says counts more than what peers say. */
int p2p_learn_peer(struct p2p_peer *peer, uint32_t number, uint32_t ip, uint32_t port,
                   bool from_server, struct lab_error *err);

/* Make sure there is a connection to it, or one is being made. */
bool p2p_connect_neighbour(struct neighbour *neighbour);

/* What waits for it will not be sent by us. */
void p2p_give_up(struct neighbour *neighbour);

/* Microseconds that what waits will probably take. */
uint32_t p2p_drain_us(const struct p2p_peer *peer);

void p2p_outbound_free(struct p2p_peer *peer);

/* --- p2p_alone.c ---------------------------------------------------------- */

/* The server is lost: go on without it. `reason` may be NULL. */
void p2p_go_alone(struct p2p_peer *peer, const struct lab_error *reason);

/* A message of another peer: `peer hello`, `hold`, `have`, `want`, `digests`. */
int p2p_take_neighbour(struct inbound *inbound, const struct wire_message *message,
                       struct lab_error *err);

/* Tell neighbours who want to know that these blocks came. */
void p2p_tell_neighbours(struct p2p_peer *peer, const uint32_t *blocks, uint32_t count);

/* `block` is here, and need not be asked for. */
void p2p_no_longer_wanted(struct p2p_peer *peer, uint32_t block);

/* The connection to a neighbour is over. */
void p2p_neighbour_lost(struct neighbour *neighbour);

/* Ask for blocks, and find out whether it is over. Returns when to look again. */
uint64_t p2p_alone_turn(struct p2p_peer *peer, uint64_t now);

/* Can this neighbour be hoped for at all? */
bool p2p_is_reachable(const struct neighbour *neighbour);

/* A neighbour that has sent nothing of what was wanted for so long is late: others are asked
 * for the same. */
#define P2P_WANT_NS 1000000000ull

/* --- p2p_digests.c -------------------------------------------------------- */

/* Digests that the server tells. */
int p2p_take_digests(struct p2p_peer *peer, const struct wire_message *message,
                     struct lab_error *err);

/* Without the server: ask a neighbour for digests that are not known, if any. */
void p2p_ask_digests(struct p2p_peer *peer, uint64_t now);

/* A neighbour asks for digests, or tells some. */
void p2p_tell_digests_to(struct neighbour *neighbour, uint32_t first);
int p2p_take_hearsay(struct neighbour *neighbour, const struct wire_message *message,
                     struct lab_error *err);

/* --- p2p_corrupt.c -------------------------------------------------------- */

/* Let P2P_CORRUPT_SIGNAL be heard. */
void p2p_hear_corrupt_signal(void);

/* To be called each turn: the signal may have come. */
void p2p_check_corrupt(struct p2p_peer *peer);

/* A descriptor and offset from which to send `block` to the peer `to`, with one bit other
 * than it should be. -1 when that cannot be had. */
int p2p_spoil(struct p2p_peer *peer, uint32_t to, uint32_t block, uint64_t *offset);

#endif

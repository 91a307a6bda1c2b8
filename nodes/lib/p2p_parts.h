/* How the parts of a peer call each other: p2p_peer.c (its life, and what it says to the
 * server), p2p_inbound.c (connections that blocks come through) and p2p_outbound.c
 * (connections that blocks are passed on through). */
#ifndef NODES_P2P_PARTS_H
#define NODES_P2P_PARTS_H

#include "lib/p2p_peer.h"

#define NO_PEER UINT32_MAX

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
};

bool p2p_has_block(const struct p2p_peer *peer, uint32_t block);

/* End the program with this failure. */
void p2p_fail(struct p2p_peer *peer, const struct lab_error *err);

/* A message from the server, other than a block. */
int p2p_take_order(struct p2p_peer *peer, const struct wire_message *message,
                   struct lab_error *err);

/* Asks were answered. */
void p2p_asks_answered(struct p2p_peer *peer, uint32_t asks);

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

/* --- p2p_outbound.c ------------------------------------------------------- */

int p2p_learn_peers(struct p2p_peer *peer, const struct wire_message *message,
                    struct lab_error *err);
void p2p_forget_peer(struct p2p_peer *peer, uint32_t number);
int p2p_take_share(struct p2p_peer *peer, const struct wire_message *message,
                   struct lab_error *err);
void p2p_give_back(struct p2p_peer *peer, uint32_t copies);

/* Begin as many sends as there is room for, and write out what waits. */
void p2p_pass_on(struct p2p_peer *peer);

/* Microseconds that what waits will probably take. */
uint32_t p2p_drain_us(const struct p2p_peer *peer);

void p2p_outbound_free(struct p2p_peer *peer);

#endif

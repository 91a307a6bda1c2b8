/* The server of the peer-to-peer protocol: has the file, and tells the peers who brings
 * which block to whom (sched.h decides).
 *
 * A connection becomes a peer when it asks for the file's length. Then it is sent the
 * digests of all blocks, and from there on takes part. */
#ifndef NODES_P2P_SERVER_H
#define NODES_P2P_SERVER_H

#include "lib/blocks.h"
#include "lib/channel.h"
#include "lib/listener.h"
#include "lib/node.h"
#include "lib/sched.h"
#include "lib/uplink.h"
#include "lib/visit.h"

struct p2p_member;

struct p2p_server {
    struct node *node; /* borrowed */
    int file_fd;       /* owned */
    struct blocks blocks;
    uint32_t table[WIRE_DIGEST_WORDS]; /* the digest of its digests */
    struct sched *sched;
    struct uplink uplink;
    struct listener listener;
    uint32_t accepted;
    uint32_t reported;     /* peers that said how long they took */
    uint32_t lost;         /* peers that left before, and had asked for blocks */
    uint32_t open;         /* peers whose connection is open */
    uint64_t done_ns;      /* since when all who are here have the file; 0: not all have */
    uint64_t introduce_ns; /* when peers may be told of others again */
    uint64_t watched_ns;   /* when promises were looked at last */
    uint64_t sign_ns;      /* when the next sign of life is due */
    uint32_t peer_room;
    struct p2p_member **peers; /* by number, room for peer_room; NULL when gone; owned */
    uint32_t *share;           /* room for as many numbers; owned */
    struct p2p_member *members, *closed;
};

/* Open and digest the file, and listen. Returns 0, or -1 with err set. Close in either
 * case. */
int p2p_server_open(struct p2p_server *server, struct node *node, struct lab_error *err);
void p2p_server_close(struct p2p_server *server);

/* Serve a connection. `fd` is taken over. */
void p2p_server_adopt(struct p2p_server *server, int fd, const struct sockaddr_in *from);

/* To be called between the loop's batches: hands out work. */
uint64_t p2p_server_turn(void *server);

/* The whole program: serve until every peer has reported and closed. */
int p2p_server_run(struct node *node, struct lab_error *err);

#endif

/* A connection to the server of the peer-to-peer protocol, and how the parts of the server call
 * each other: p2p_server.c (its life, and what peers say), p2p_tell.c (what they are told),
 * p2p_hand_out.c (who is sent what) and p2p_watch.c (who keeps a promise). */
#ifndef NODES_P2P_MEMBER_H
#define NODES_P2P_MEMBER_H

#include "lib/p2p_server.h"

#define P2P_NO_PEER UINT32_MAX

/* A peer that lacks blocks and says nothing for so long is given up, and so is a server
 * that says nothing at all. Both show signs of life more often: see below. */
#define P2P_SILENCE_NS 10000000000ull

/* How often a peer with something to get or to pass on says so, and the server that it is
 * there. */
#define P2P_PEER_SIGN_NS   250000000ull
#define P2P_SERVER_SIGN_NS 1000000000ull

struct p2p_member {
    struct channel channel;
    struct p2p_member *next;
    struct p2p_server *server; /* borrowed */
    struct visit visit;
    uint32_t peer;    /* number, or P2P_NO_PEER until it has asked for the length */
    uint16_t port;    /* where it listens */
    uint32_t digests; /* of this many blocks it was told */
    uint32_t knows;   /* it was told of the peers below this number */
    struct uplink_send send;
    bool awaits;         /* it has not said yet that it has `awaited` */
    uint32_t awaited;    /* a block that was sent to it, */
    uint64_t awaited_ns; /* at this time */
    bool overdue;        /* nor, for long, that it had the one before */
    uint64_t heard_ns;   /* when it said something last */
    uint64_t gained_ns;  /* when it had a new block last, or began */
    uint32_t rescued;    /* a block of another's promise that the server sends it after all */
    bool worked;         /* it asked for blocks, or told of some */
    bool reported;
    bool told_over;
};

/* It has asked for the length, and was told all that it needs to know by now. */
bool p2p_takes_part(const struct p2p_member *member);

/* Tell it the digests that are due. When it knows them, it takes part. */
int p2p_keep_informed(struct p2p_member *member, struct lab_error *err);

/* Introduce newcomers, and give signs of life. Returns when to do so again. */
uint64_t p2p_say_signs(struct p2p_server *server, uint64_t now);

/* Make sure that it is told the digest of `block` before the block. */
void p2p_tell_digests(struct p2p_member *member, uint32_t block);

/* Tell it of the peers that came since it was told last. */
void p2p_send_peers(struct p2p_member *member);

/* The block under way to it has gone to the kernel. */
void p2p_member_sent(struct channel *channel);

/* Begin as many sends as there is room for, and hand out the peers' work. Returns when to do so
 * again, though nothing happens. */
uint64_t p2p_hand_out(struct p2p_server *server, uint64_t now);

/* It said that it has `block`. */
void p2p_watch_gain(struct p2p_member *member, uint32_t block);

/* Look for what takes too long, and act on it. Returns when to look again. */
uint64_t p2p_watch_members(struct p2p_server *server, uint64_t now);

#endif

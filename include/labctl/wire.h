/* The wire format of both protocols, in one place. docs/protocol.md tells it to people
 * and gives the reason for each message.
 *
 * Every message is a header of WIRE_HEADER_SIZE bytes and what its length announces:
 *
 *     u32 length    bytes that follow the header, so that a reader can always find the
 *                   next message, and can refuse a silly one before storing it
 *     u8  version   WIRE_VERSION; two builds that differ must not half understand
 *     u8  type      enum wire_type
 *     u16 count     entries in the message's list
 *     fixed fields  as the table in wire.c lists them for the type
 *     list          `count` entries of a fixed number of u32 words
 *     payload       FILE_PART only: the bytes of the block
 *
 * Integers are big-endian. The one thing without a header is the file itself in the
 * client/server protocol, which follows a REQUEST, so that both ends can leave the
 * copying to the kernel. */
#ifndef LABCTL_WIRE_H
#define LABCTL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "labctl/error.h"

#define WIRE_VERSION     4
#define WIRE_HEADER_SIZE 8

/* Longest fixed part and list; a longer message is refused. */
#define WIRE_BODY_MAX (32u << 10)

/* Bounds of a block. The lower keeps the cost of a message small beside what it
 * carries, the upper keeps a receiver's memory bounded. */
#define WIRE_BLOCK_MIN 1024u
#define WIRE_BLOCK_MAX (4u << 20)

/* Block and peer numbers are u32; these are the most there can be. */
#define WIRE_BLOCKS_MAX (1u << 24)
#define WIRE_PEERS_MAX  65000u
#define WIRE_ANY_BLOCK  UINT32_MAX

#define WIRE_DIGEST_SIZE 16 /* XXH3, 128 bits, canonical (big-endian) form */

enum wire_type {
    /* client/server */
    WIRE_LENGTH = 1,  /* server: this is how long the file is */
    WIRE_REQUEST = 2, /* client `client`: send me `bytes` from `offset` on */
    WIRE_REPORT = 3,  /* client: I had `bytes` after `nanoseconds` */
    WIRE_LEAVE = 4,   /* client: I have `bytes`, and give up */

    /* peer to peer: peer to server */
    WIRE_LENGTH_ASK = 16,   /* "file length": I listen at `port`; how many blocks are there? */
    WIRE_PART_ASK = 17,     /* "file part": give me `block`, or any that nobody is bringing */
    WIRE_HAVE = 18,         /* I hold these blocks, and have this much still to pass on */
    WIRE_RETURNED = 19,     /* I shall not pass on these copies; answers RECALL */
    WIRE_TIME_CONSUME = 20, /* "time consume": I had the file after `nanoseconds` */

    /* peer to peer: server to peer */
    WIRE_FILE_LENGTH = 32, /* the answer: size, how it is cut into blocks, your own number; and
                            * the digest of all digests */
    WIRE_DIGESTS = 33,     /* digests of the blocks from `block` on */
    WIRE_PEERS = 34,       /* these peers have come */
    WIRE_PEER_GONE = 35,   /* this peer has left */
    WIRE_SHARE = 36,       /* pass `block` on to these peers */
    WIRE_RECALL = 37,      /* give back up to `copies` copies that you have not begun */
    WIRE_OVER = 38,        /* everybody has the file */

    /* peer to peer: to a peer, from the server or from another peer */
    WIRE_FILE_PART = 48,  /* "file part": here is `block` */
    WIRE_PEER_HELLO = 49, /* peer to peer, first: I am peer `peer`, and listen at `port` */

    /* peer to peer without a server */
    WIRE_HOLD = 50,        /* a bit for each block from `block` on: 1 when I hold it */
    WIRE_WANT = 51,        /* send me these blocks */
    WIRE_DIGESTS_ASK = 52, /* tell me digests from `block` on */
};

/* Who wrote a message; each type has one sender but FILE_PART, HAVE and DIGESTS, which have two. */
enum wire_sender {
    WIRE_FROM_CS_SERVER = 1,
    WIRE_FROM_CS_CLIENT = 2,
    WIRE_FROM_P2P_SERVER = 4,
    WIRE_FROM_P2P_PEER = 8,   /* a peer, speaking to the server */
    WIRE_FROM_NEIGHBOUR = 16, /* a peer, speaking to a peer */
};

/* A message, decoded. Only the fields that the type has count; the others are 0. */
struct wire_message {
    enum wire_type type;
    uint64_t bytes;       /* of the file, of a range, of a block */
    uint64_t offset;      /* in the file */
    uint64_t client;      /* chosen by the client: the same on each of its connections */
    uint64_t nanoseconds; /* a duration */
    uint32_t block_size;
    uint32_t round;  /* smaller blocks in each round at either end of the file */
    uint32_t rounds; /* of them, at either end */
    uint32_t blocks; /* number of blocks in the file */
    uint32_t block;  /* a block's number; WIRE_ANY_BLOCK in WIRE_PART_ASK */
    uint32_t peer;   /* a peer's number */
    uint32_t port;
    uint32_t copies;        /* a number of copies (a block for a peer) */
    uint32_t asks;          /* how many WIRE_PART_ASK are answered by this */
    uint32_t alone;         /* 1: the sender has lost the server */
    uint32_t drain_us;      /* time the sender thinks it needs for `copies` */
    uint32_t count;         /* entries in the list */
    const uint8_t *entries; /* the list as it stands on the wire; borrowed */
    const uint32_t *words;  /* the list to be encoded; borrowed. NULL when decoded */
};

/* Words of one entry of each list. */
#define WIRE_DIGEST_WORDS   4 /* the digest, as four big-endian words */
#define WIRE_PEER_WORDS     3 /* number, IPv4 address, port */
#define WIRE_RETURNED_WORDS 2 /* block, peer */

struct wire_header {
    uint32_t length;
    enum wire_type type;
    uint32_t count;
    uint32_t body;    /* bytes of fixed fields and list */
    uint32_t payload; /* bytes after the body; 0 but for FILE_PART */
};

/* Check and read a header. `senders` are the enum wire_sender bits of whom it may come
 * from. Fails with LAB_ERR_PROTOCOL. */
int wire_decode_header(const uint8_t bytes[WIRE_HEADER_SIZE], unsigned senders,
                       struct wire_header *header, struct lab_error *err);

/* Read the body that belongs to a checked header: `header->body` bytes. The message
 * borrows `body`. Fails with LAB_ERR_PROTOCOL. */
int wire_decode_body(const struct wire_header *header, const uint8_t *body,
                     struct wire_message *message, struct lab_error *err);

/* Word `k` of entry `i` of a decoded message's list. */
uint32_t wire_entry_word(const struct wire_message *message, uint32_t i, unsigned k);

/* Bytes that wire_encode() writes for this message. */
size_t wire_encoded_size(const struct wire_message *message);

/* Write header, fields and list; the payload of a FILE_PART (`bytes` of it) is the
 * caller's to send. Returns the bytes written. */
size_t wire_encode(const struct wire_message *message, uint8_t *out);

/* Most entries a message of this type may list. */
uint32_t wire_entries_max(enum wire_type type);

/* Name for messages to people ("file part"); "unknown" for a number that is no type. */
const char *wire_type_name(enum wire_type type);

#endif

/* The file as blocks: where each begins, how long it is, and its digest.
 *
 * All blocks are of one size, but for the first and the last: they come in rounds of as many
 * blocks as there are peers, each round of half the size of the one further in. So at the
 * start every peer soon has something to pass on, and at the end little is left to be passed
 * on when the last block has left the server. */
#ifndef NODES_BLOCKS_H
#define NODES_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "labctl/error.h"
#include "labctl/wire.h"

struct blocks {
    uint64_t file_bytes;
    uint32_t block_size;
    uint32_t round;  /* blocks in each round of smaller blocks */
    uint32_t rounds; /* of smaller blocks, at either end */
    uint32_t count;
    uint32_t (*digests)[WIRE_DIGEST_WORDS]; /* owned; as they go over the wire */
};

/* What size of blocks suits a file of this size that is shared by so many peers, in bytes.
 *
 * Who gets a block from the server has `peers` - 1 copies to make, and the next block when those
 * are made. So at any time peers have half a block for everybody left to pass on, on average,
 * which at the start they have not: that is peers * size / 2 of the file's bytes during which
 * uplinks stand idle. The size is such that this costs no more than 1 % of the time that the file
 * takes; as far as what comes with each block, and the most blocks that there may be, allow. */
uint32_t blocks_size(uint64_t file_bytes, uint32_t peers);

/* How many rounds of smaller blocks suit a file of this size that is shared by so many peers:
 * they take no more than half of it. */
uint32_t blocks_rounds(uint64_t file_bytes, uint32_t block_size, uint32_t peers);

/* Blocks of a file of this size, with room for their digests. Fails with LAB_ERR_INVALID when
 * there would be more than WIRE_BLOCKS_MAX, or when the rounds do not fit the file. */
int blocks_init(struct blocks *blocks, uint64_t file_bytes, uint32_t block_size, uint32_t round,
                uint32_t rounds, struct lab_error *err);
void blocks_free(struct blocks *blocks);

uint64_t blocks_offset(const struct blocks *blocks, uint32_t block);
uint32_t blocks_length(const struct blocks *blocks, uint32_t block);

/* Fill in the digests by reading the file. */
int blocks_digest_file(struct blocks *blocks, int fd, struct lab_error *err);

/* The digest of the digests. False when out of memory. */
bool blocks_digest_table(const struct blocks *blocks, uint32_t words[WIRE_DIGEST_WORDS]);

/* A digest that is made piece by piece. */
struct digest_state;
struct digest_state *digest_new(void); /* NULL when out of memory */
void digest_free(struct digest_state *state);
void digest_begin(struct digest_state *state);
void digest_add(struct digest_state *state, const void *data, size_t length);
void digest_end(const struct digest_state *state, uint32_t words[WIRE_DIGEST_WORDS]);

#endif

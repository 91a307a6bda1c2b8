/* The file as blocks: where each begins, how long it is, and its digest. */
#ifndef NODES_BLOCKS_H
#define NODES_BLOCKS_H

#include <stdint.h>

#include "labctl/error.h"
#include "labctl/wire.h"

struct blocks {
    uint64_t file_bytes;
    uint32_t block_size;
    uint32_t count;
    uint32_t (*digests)[WIRE_DIGEST_WORDS]; /* owned; as they go over the wire */
};

/* Blocks of a file of this size, with room for their digests. Fails with
 * LAB_ERR_INVALID when there would be more than WIRE_BLOCKS_MAX. */
int blocks_init(struct blocks *blocks, uint64_t file_bytes, uint32_t block_size,
                struct lab_error *err);
void blocks_free(struct blocks *blocks);

uint64_t blocks_offset(const struct blocks *blocks, uint32_t block);
uint32_t blocks_length(const struct blocks *blocks, uint32_t block);

/* Fill in the digests by reading the file. */
int blocks_digest_file(struct blocks *blocks, int fd, struct lab_error *err);

/* A digest that is made piece by piece. */
struct digest_state;
struct digest_state *digest_new(void); /* NULL when out of memory */
void digest_free(struct digest_state *state);
void digest_begin(struct digest_state *state);
void digest_add(struct digest_state *state, const void *data, size_t length);
void digest_end(const struct digest_state *state, uint32_t words[WIRE_DIGEST_WORDS]);

#endif

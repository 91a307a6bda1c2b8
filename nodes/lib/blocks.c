#include "lib/blocks.h"

#include <errno.h>
#include <string.h>
#include <xxhash.h>

#include "labctl/cleanup.h"

int blocks_init(struct blocks *blocks, uint64_t file_bytes, uint32_t block_size,
                struct lab_error *err)
{
    uint64_t count = file_bytes / block_size + (file_bytes % block_size != 0);
    if (count > WIRE_BLOCKS_MAX)
        return lab_error_set(
            err, LAB_ERR_INVALID, "%llu bytes in blocks of %u are %llu blocks, at most %u can be",
            (unsigned long long)file_bytes, block_size, (unsigned long long)count, WIRE_BLOCKS_MAX);
    *blocks = (struct blocks){ file_bytes, block_size, (uint32_t)count,
                               calloc(count ? count : 1, sizeof(*blocks->digests)) };
    return blocks->digests ? 0 : lab_error_memory(err);
}

void blocks_free(struct blocks *blocks)
{
    free(blocks->digests);
    blocks->digests = NULL;
}

uint64_t blocks_offset(const struct blocks *blocks, uint32_t block)
{
    return (uint64_t)block * blocks->block_size;
}

uint32_t blocks_length(const struct blocks *blocks, uint32_t block)
{
    uint64_t left = blocks->file_bytes - blocks_offset(blocks, block);
    return left < blocks->block_size ? (uint32_t)left : blocks->block_size;
}

/* A digest_state is an XXH3_state_t; the name keeps xxhash.h out of the header. */
struct digest_state *digest_new(void)
{
    return (struct digest_state *)XXH3_createState();
}

void digest_free(struct digest_state *state)
{
    XXH3_freeState((XXH3_state_t *)state);
}

void digest_begin(struct digest_state *state)
{
    XXH3_128bits_reset((XXH3_state_t *)state);
}

void digest_add(struct digest_state *state, const void *data, size_t length)
{
    XXH3_128bits_update((XXH3_state_t *)state, data, length);
}

void digest_end(const struct digest_state *state, uint32_t words[WIRE_DIGEST_WORDS])
{
    XXH128_hash_t hash = XXH3_128bits_digest((const XXH3_state_t *)state);
    words[0] = (uint32_t)(hash.high64 >> 32);
    words[1] = (uint32_t)hash.high64;
    words[2] = (uint32_t)(hash.low64 >> 32);
    words[3] = (uint32_t)hash.low64;
}

static int digest_block(struct blocks *blocks, uint32_t block, int fd, uint8_t *buffer,
                        struct digest_state *state, struct lab_error *err)
{
    uint32_t length = blocks_length(blocks, block), got = 0;
    while (got < length) {
        ssize_t n =
            pread(fd, buffer + got, length - got, (off_t)(blocks_offset(blocks, block) + got));
        if (n < 0)
            return lab_error_errno(err, LAB_ERR_IO, errno, "cannot read block %u", block);
        if (n == 0)
            return lab_error_set(err, LAB_ERR_IO, "the file became shorter while it was read");
        got += (uint32_t)n;
    }
    digest_begin(state);
    digest_add(state, buffer, length);
    digest_end(state, blocks->digests[block]);
    return 0;
}

int blocks_digest_file(struct blocks *blocks, int fd, struct lab_error *err)
{
    cleanup_free uint8_t *buffer = malloc(blocks->block_size);
    struct digest_state *state = digest_new();
    int status = buffer && state ? 0 : lab_error_memory(err);
    for (uint32_t i = 0; !status && i < blocks->count; i++)
        status = digest_block(blocks, i, fd, buffer, state, err);
    digest_free(state);
    return status;
}

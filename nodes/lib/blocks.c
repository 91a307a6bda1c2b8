#include "lib/blocks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <xxhash.h>

#include "labctl/cleanup.h"

/* No block of a smaller round is smaller than this: it fits the window that TCP begins with,
 * and what comes with each block is little beside it. */
#define SMALL_BLOCK_MIN (8u << 10)

/* Blocks of a file for which no size is asked for. Smaller ones are sent at a greater cost than
 * they save, and larger ones save next to nothing. */
#define SIZE_LEAST (16u << 10)
#define SIZE_MOST  (64u << 10)
#define COUNT_MOST 500000u

uint32_t blocks_size(uint64_t file_bytes, uint32_t peers)
{
    uint32_t size = SIZE_LEAST;
    while (size < SIZE_MOST && 100ull * peers * size <= file_bytes)
        size *= 2;
    while (size < WIRE_BLOCK_MAX && file_bytes / size >= COUNT_MOST)
        size *= 2;
    return size;
}

/* Of a block in the outermost round. */
static uint64_t smallest_size(const struct blocks *blocks)
{
    return blocks->block_size >> blocks->rounds;
}

/* Bytes of the outermost `rounds` rounds at one end. */
static uint64_t edge_bytes(const struct blocks *blocks, uint32_t rounds)
{
    return blocks->round * smallest_size(blocks) * ((1ull << rounds) - 1);
}

uint32_t blocks_rounds(uint64_t file_bytes, uint32_t block_size, uint32_t peers)
{
    struct blocks blocks = { .block_size = block_size, .round = peers };
    uint32_t rounds = 0;
    if (!peers || peers > WIRE_PEERS_MAX)
        return 0;
    while (block_size >> (rounds + 1) >= SMALL_BLOCK_MIN) {
        blocks.rounds = rounds + 1;
        uint64_t most = file_bytes / block_size + 2ull * peers * blocks.rounds;
        if (2 * edge_bytes(&blocks, blocks.rounds) > file_bytes / 2 || most > WIRE_BLOCKS_MAX)
            break;
        rounds++;
    }
    return rounds;
}

/* Whatever a stranger says, numbers stay small enough to reckon with. */
static bool rounds_fit(const struct blocks *blocks)
{
    if (!blocks->rounds)
        return true;
    return blocks->round && blocks->round <= WIRE_PEERS_MAX && blocks->rounds < 32 &&
           smallest_size(blocks) >= WIRE_BLOCK_MIN &&
           2 * edge_bytes(blocks, blocks->rounds) <= blocks->file_bytes;
}

int blocks_init(struct blocks *blocks, uint64_t file_bytes, uint32_t block_size, uint32_t round,
                uint32_t rounds, struct lab_error *err)
{
    *blocks = (struct blocks){
        .file_bytes = file_bytes, .block_size = block_size, .round = round, .rounds = rounds
    };
    if (!rounds_fit(blocks))
        return lab_error_set(err, LAB_ERR_INVALID,
                             "%u rounds of %u smaller blocks do not fit %llu bytes in blocks of %u",
                             rounds, round, (unsigned long long)file_bytes, block_size);
    uint64_t inner = file_bytes - 2 * edge_bytes(blocks, rounds);
    uint64_t count = inner / block_size + (inner % block_size != 0) + 2ull * round * rounds;
    if (count > WIRE_BLOCKS_MAX)
        return lab_error_set(
            err, LAB_ERR_INVALID, "%llu bytes in blocks of %u are %llu blocks, at most %u can be",
            (unsigned long long)file_bytes, block_size, (unsigned long long)count, WIRE_BLOCKS_MAX);
    blocks->count = (uint32_t)count;
    blocks->digests = calloc(count ? count : 1, sizeof(*blocks->digests));
    return blocks->digests ? 0 : lab_error_memory(err);
}

void blocks_free(struct blocks *blocks)
{
    free(blocks->digests);
    blocks->digests = NULL;
}

/* Bytes before the n-th block, as counted from either end. */
static uint64_t from_end(const struct blocks *blocks, uint32_t n)
{
    uint32_t small = blocks->round * blocks->rounds;
    if (n >= small)
        return edge_bytes(blocks, blocks->rounds) + (uint64_t)(n - small) * blocks->block_size;
    uint32_t round = n / blocks->round;
    return edge_bytes(blocks, round) + (n % blocks->round) * (smallest_size(blocks) << round);
}

uint64_t blocks_offset(const struct blocks *blocks, uint32_t block)
{
    uint32_t after = blocks->count - block;
    if (after <= blocks->round * blocks->rounds)
        return blocks->file_bytes - from_end(blocks, after);
    return from_end(blocks, block);
}

uint32_t blocks_length(const struct blocks *blocks, uint32_t block)
{
    uint64_t end =
        block + 1 < blocks->count ? blocks_offset(blocks, block + 1) : blocks->file_bytes;
    return (uint32_t)(end - blocks_offset(blocks, block));
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

bool blocks_digest_table(const struct blocks *blocks, uint32_t words[WIRE_DIGEST_WORDS])
{
    struct digest_state *state = digest_new();
    if (!state)
        return false;
    digest_begin(state);
    for (uint32_t i = 0; i < blocks->count; i++) {
        uint32_t wire[WIRE_DIGEST_WORDS];
        for (unsigned k = 0; k < WIRE_DIGEST_WORDS; k++)
            wire[k] = htonl(blocks->digests[i][k]);
        digest_add(state, wire, sizeof(wire));
    }
    digest_end(state, words);
    digest_free(state);
    return true;
}

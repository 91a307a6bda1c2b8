#include "lib/sched_parts.h"

#include <stdlib.h>
#include <string.h>

/* Turns that a peer which receives slowly lets pass before it is given a fresh block. */
#define SLOW_TURNS 8

/* Blocks that one peer may wait for by number; what it asks for beyond them is left to the
 * stock. Bounds memory, whatever a peer asks. */
#define REFETCHES_MAX 1024

struct sched *sched_new(uint32_t blocks, struct lab_error *err)
{
    struct sched *sched = calloc(1, sizeof(*sched));
    if (!sched) {
        lab_error_memory(err);
        return NULL;
    }
    sched->blocks = blocks;
    return sched;
}

void sched_free(struct sched *sched)
{
    if (!sched)
        return;
    for (uint32_t i = 0; i < sched->count; i++)
        free(sched->peers[i].source);
    free(sched->peers);
    free(sched->refetch);
    free(sched);
}

uint32_t sched_peers(const struct sched *sched)
{
    return sched->count;
}

uint32_t sched_fresh(const struct sched *sched)
{
    return sched->fresh;
}

uint64_t sched_stock(const struct sched *sched)
{
    return sched->stock;
}

bool sched_knows(const struct sched *sched, uint32_t peer)
{
    return peer < sched->count && sched->peers[peer].source;
}

int sched_join(struct sched *sched, uint32_t *peer, struct lab_error *err)
{
    if (sched->count == WIRE_PEERS_MAX)
        return lab_error_set(err, LAB_ERR_NODE, "more than %u peers", WIRE_PEERS_MAX);
    if (sched->count == sched->room) {
        uint32_t room = sched->room ? 2 * sched->room : 16;
        struct sched_peer *peers = realloc(sched->peers, room * sizeof(*peers));
        if (!peers)
            return lab_error_memory(err);
        sched->peers = peers;
        sched->room = room;
    }
    sched->peers[sched->count] = (struct sched_peer){ 0 };
    *peer = sched->count++;
    return 0;
}

int sched_take_part(struct sched *sched, uint32_t peer, struct lab_error *err)
{
    struct sched_peer *coming = &sched->peers[peer];
    coming->source = malloc((sched->blocks + 1) * sizeof(*coming->source));
    if (!coming->source)
        return lab_error_memory(err);
    memset(coming->source, 0xff, sched->blocks * sizeof(*coming->source)); /* SOURCE_NONE */
    coming->stock = sched->fresh;
    sched->stock += sched->fresh;
    return 0;
}

void sched_set_source(struct sched *sched, uint32_t to, uint32_t block, uint16_t source)
{
    struct sched_peer *peer = &sched->peers[to];
    bool counted = block < sched->fresh;
    if (counted && peer->source[block] == SOURCE_NONE) {
        peer->stock--;
        sched->stock--;
    }
    if (counted && source == SOURCE_NONE) {
        peer->stock++;
        sched->stock++;
    }
    peer->source[block] = source;
}

/* All copies that `from` was to make have no source any more; `block` limits it to one. */
static void orphan(struct sched *sched, uint32_t from, uint32_t block)
{
    uint32_t first = block == WIRE_ANY_BLOCK ? 0 : block;
    uint32_t end = block == WIRE_ANY_BLOCK ? sched->blocks : block + 1;
    for (uint32_t to = 0; to < sched->count; to++)
        for (uint32_t b = first; sched->peers[to].source && b < end; b++)
            if (sched->peers[to].source[b] == from)
                sched_set_source(sched, to, b, SOURCE_NONE);
}

void sched_leave(struct sched *sched, uint32_t peer)
{
    struct sched_peer *left = &sched->peers[peer];
    sched->stock -= left->stock;
    free(left->source);
    *left = (struct sched_peer){ 0 };
    orphan(sched, peer, WIRE_ANY_BLOCK);
}

/* An ask waits its turn; that of a peer that receives slowly waits for several turns of
 * the others, since what it is given is late for everybody. */
static uint64_t next_turn(struct sched *sched, const struct sched_peer *peer)
{
    return ++sched->orders + (peer->slow ? SLOW_TURNS * (uint64_t)sched->count : 0);
}

void sched_answer_ask(struct sched *sched, struct sched_peer *peer)
{
    peer->asks--;
    peer->ask_order = next_turn(sched, peer);
}

void sched_ask(struct sched *sched, uint32_t peer)
{
    struct sched_peer *asking = &sched->peers[peer];
    if (asking->distrusted)
        return;
    if (!asking->asks++)
        asking->ask_order = next_turn(sched, asking);
}

void sched_have(struct sched *sched, uint32_t peer, uint32_t block)
{
    sched_set_source(sched, peer, block, SOURCE_HAVE);
}

void sched_load(struct sched *sched, uint32_t peer, uint32_t copies, uint32_t drain_us)
{
    sched->peers[peer].copies = copies;
    sched->peers[peer].drain_us = drain_us;
}

void sched_returned(struct sched *sched, uint32_t peer, uint32_t block, uint32_t to)
{
    if (sched->peers[to].source[block] == peer)
        sched_set_source(sched, to, block, SOURCE_NONE);
}

void sched_recall_answered(struct sched *sched, uint32_t peer)
{
    sched->peers[peer].recalled = false;
}

bool sched_distrust(struct sched *sched, uint32_t peer)
{
    if (sched->peers[peer].distrusted)
        return false;
    sched->peers[peer].distrusted = true;
    sched->peers[peer].asks = 0;
    sched->peers[peer].copies = 0;
    orphan(sched, peer, WIRE_ANY_BLOCK);
    return true;
}

void sched_silent(struct sched *sched, uint32_t peer)
{
    struct sched_peer *silent = &sched->peers[peer];
    if (silent->silent)
        return;
    silent->silent = true;
    silent->copies = 0;
    orphan(sched, peer, WIRE_ANY_BLOCK);
}

void sched_slow(struct sched *sched, uint32_t peer, uint32_t block, bool again)
{
    sched->peers[peer].slow |= again;
    orphan(sched, peer, block);
}

void sched_speaks(struct sched *sched, uint32_t peer)
{
    sched->peers[peer].silent = false;
}

bool sched_rescue(struct sched *sched, uint32_t peer, uint32_t *block)
{
    const uint16_t *source = sched->peers[peer].source;
    /* The newest first: what is oldest is most likely on its way. */
    for (uint32_t b = sched->fresh; b-- > 0;) {
        if (source[b] >= SOURCE_SERVER)
            continue;
        sched_refetch(sched, peer, b);
        *block = b;
        return true;
    }
    return false;
}

static bool make_refetch_room(struct sched *sched)
{
    if (sched->refetches < sched->refetch_room)
        return true;
    uint32_t room = sched->refetch_room ? 2 * sched->refetch_room : 16;
    void *more = realloc(sched->refetch, room * sizeof(*sched->refetch));
    if (!more)
        return false;
    sched->refetch = more;
    sched->refetch_room = room;
    return true;
}

void sched_refetch(struct sched *sched, uint32_t peer, uint32_t block)
{
    if (sched->peers[peer].refetches >= REFETCHES_MAX || !make_refetch_room(sched)) {
        sched_set_source(sched, peer, block, SOURCE_NONE); /* the stock will do */
        return;
    }
    sched->peers[peer].refetches++;
    sched_set_source(sched, peer, block, SOURCE_SERVER);
    sched->refetch[sched->refetches].peer = peer;
    sched->refetch[sched->refetches++].block = block;
}

bool sched_find_in_stock(struct sched *sched, uint32_t to, const struct sched_peer *holder,
                         uint32_t *block)
{
    struct sched_peer *peer = &sched->peers[to];
    if (!peer->source || !peer->stock)
        return false;
    for (uint32_t i = 0; i < sched->fresh; i++) {
        uint32_t b =
            peer->cursor + i < sched->fresh ? peer->cursor + i : peer->cursor + i - sched->fresh;
        if (peer->source[b] == SOURCE_NONE && (!holder || holder->source[b] == SOURCE_HAVE)) {
            *block = b;
            peer->cursor = b;
            return true;
        }
    }
    return false;
}

#include "lib/sched_parts.h"

static bool next_refetch(struct sched *sched, uint32_t *block, uint32_t *to)
{
    for (uint32_t i = 0; i < sched->refetches; i++) {
        *to = sched->refetch[i].peer;
        *block = sched->refetch[i].block;
        bool wanted = sched_knows(sched, *to) && sched->peers[*to].source[*block] == SOURCE_SERVER;
        if (wanted && sched->peers[*to].busy)
            continue;
        sched->refetch[i--] = sched->refetch[--sched->refetches];
        if (sched_knows(sched, *to))
            sched->peers[*to].refetches--;
        if (wanted)
            return true;
    }
    return false;
}

/* Copies enough for every peer to hold one of the blocks, so that whoever has time finds work. */
static uint64_t stock_enough(const struct sched *sched)
{
    return (uint64_t)sched->count * sched->count;
}

/* The peer that has waited longest for an answer. */
static struct sched_peer *longest_asking(struct sched *sched, bool idle_only)
{
    struct sched_peer *best = NULL;
    for (uint32_t i = 0; i < sched->count; i++) {
        struct sched_peer *peer = &sched->peers[i];
        if (!peer->asks || peer->silent || (idle_only && peer->busy))
            continue;
        if (!best || peer->ask_order < best->ask_order)
            best = peer;
    }
    return best;
}

/* The peer whose turn it is to get a block that it did not ask for. */
static struct sched_peer *next_in_turn(struct sched *sched)
{
    for (uint32_t i = 0; i < sched->count; i++) {
        uint32_t number = (sched->turn + i) % sched->count;
        struct sched_peer *peer = &sched->peers[number];
        if (peer->source && !peer->busy && !peer->silent && !peer->slow) {
            sched->turn = number + 1;
            return peer;
        }
    }
    return NULL;
}

/* The next block that nobody brings yet, for `owner`. Its copies are the owner's to make, or go
 * to the stock. */
static uint32_t hand_fresh(struct sched *sched, struct sched_peer *owner, bool passes_on)
{
    uint16_t number = (uint16_t)(owner - sched->peers);
    uint32_t block = sched->fresh++;
    for (uint32_t i = 0; i < sched->count; i++) {
        struct sched_peer *peer = &sched->peers[i];
        if (!peer->source || peer->source[block] != SOURCE_NONE)
            continue;
        peer->stock++;
        sched->stock++;
        if (passes_on)
            sched_set_source(sched, i, block, number);
    }
    sched_set_source(sched, number, block, SOURCE_SERVER);
    owner->passes_on = passes_on;
    return block;
}

/* A fresh block for the peer that has waited longest, which passes it on to all others.
 * When nobody asks, the peers' uplinks are the limit: the server hands out more blocks than
 * they can pass on, and makes the copies that are left when there is a stock to choose from. */
static bool next_fresh(struct sched *sched, uint32_t *block, uint32_t *to)
{
    if (sched->fresh == sched->blocks)
        return false;
    struct sched_peer *owner = longest_asking(sched, true);
    bool asked = owner;
    if (!asked && sched->stock <= stock_enough(sched))
        owner = next_in_turn(sched);
    if (!owner)
        return false;
    if (asked)
        sched_answer_ask(sched, owner);
    owner->answers = asked;
    *to = (uint32_t)(owner - sched->peers);
    *block = hand_fresh(sched, owner, asked && !owner->slow);
    return true;
}

static bool next_from_stock(struct sched *sched, uint32_t *block, uint32_t *to)
{
    if (!sched->stock)
        return false;
    for (uint32_t i = 0; i < sched->count; i++) {
        *to = (sched->turn + i) % sched->count;
        struct sched_peer *peer = &sched->peers[*to];
        if (peer->source && !peer->busy && !peer->silent &&
            sched_find_in_stock(sched, *to, NULL, block)) {
            sched_set_source(sched, *to, *block, SOURCE_SERVER);
            sched->turn = *to + 1;
            return true;
        }
    }
    return false;
}

/* Count a block as handed out that nobody is to pass on. */
static void put_in_stock(struct sched *sched, uint32_t block)
{
    for (uint32_t i = 0; i < sched->count; i++) {
        struct sched_peer *peer = &sched->peers[i];
        bool lacks = peer->source && peer->source[block] == SOURCE_NONE;
        peer->stock += lacks;
        sched->stock += lacks;
    }
}

/* A peer that is not trusted is no block's owner, yet it wants them all: when nobody else asks,
 * the server brings the next block to everybody itself. */
static void open_for_distrusted(struct sched *sched)
{
    bool any = false;
    for (uint32_t i = 0; i < sched->count; i++)
        any |= sched->peers[i].distrusted && sched->peers[i].source && !sched->peers[i].silent;
    if (!any || longest_asking(sched, false))
        return;
    while (!sched->stock && sched->fresh < sched->blocks)
        put_in_stock(sched, sched->fresh++);
}

bool sched_next_send(struct sched *sched, uint32_t *block, uint32_t *peer)
{
    struct sched_peer *to;
    open_for_distrusted(sched);
    if (!next_refetch(sched, block, peer) && !next_fresh(sched, block, peer) &&
        !next_from_stock(sched, block, peer))
        return false;
    to = &sched->peers[*peer];
    to->busy = true;
    to->sending = *block;
    return true;
}

uint32_t sched_sending(const struct sched *sched, uint32_t peer)
{
    return sched->peers[peer].sending;
}

uint32_t sched_sent(struct sched *sched, uint32_t peer, bool slow, uint32_t *share, bool *answers)
{
    struct sched_peer *owner = &sched->peers[peer];
    uint32_t block = owner->sending, count = 0;
    bool passes_on = owner->passes_on;
    *answers = owner->answers;
    owner->busy = owner->answers = owner->passes_on = false;
    owner->slow = slow && owner->late;
    owner->late = slow;
    if (owner->distrusted || owner->silent || !passes_on)
        return 0;
    /* Begin with the next in number, so that the owners do not all send to one peer. */
    for (uint32_t i = 1; i < sched->count; i++) {
        uint32_t to = (peer + i) % sched->count;
        struct sched_peer *other = &sched->peers[to];
        if (!other->source || (other->source[block] != peer && other->source[block] != SOURCE_NONE))
            continue;
        sched_set_source(sched, to, block, (uint16_t)peer);
        share[count++] = to;
    }
    return count;
}

#include "lib/sched.h"

#include <stdlib.h>
#include <string.h>

#include "labctl/wire.h"

/* Sources of a copy that are no peer's number. */
#define SOURCE_NONE   0xffff
#define SOURCE_HAVE   0xfffe /* the peer has it */
#define SOURCE_SERVER 0xfffd

_Static_assert(WIRE_PEERS_MAX < SOURCE_SERVER, "peer numbers and special sources overlap");

/* Turns that a peer which receives slowly lets pass before it is given a fresh block. */
#define SLOW_TURNS 8

/* Blocks that one peer may wait for by number; what it asks for beyond them is left to the
 * stock. Bounds memory, whatever a peer asks. */
#define REFETCHES_MAX 1024

struct peer {
    uint16_t *source;   /* of each block's copy for this peer; owned; NULL unless it takes part */
    uint32_t stock;     /* handed-out blocks whose copy for this peer has no source */
    uint32_t cursor;    /* where to go on looking for one */
    uint32_t asks;      /* not answered yet */
    uint64_t ask_order; /* of the oldest of them */
    uint32_t copies;    /* not yet begun, as it said last */
    uint32_t drain_us;
    bool recalled; /* a RECALL is not answered yet */
    bool distrusted;
    bool silent;
    bool busy;      /* the server is sending `sending` to it */
    bool slow;      /* the last send to it was slow */
    bool answers;   /* that is a fresh block, as it had asked, */
    bool passes_on; /* and it is to pass it on to all others */
    uint32_t sending;
    uint32_t refetches; /* of it in the list */
};

struct sched {
    uint32_t blocks;
    uint32_t fresh; /* blocks from here on have never been handed out */
    uint64_t stock; /* sum over peers */
    uint64_t orders;
    struct peer *peers;
    uint32_t count, room;
    uint32_t turn; /* whose stock is looked at first */
    struct {
        uint32_t peer, block;
    } * refetch;
    uint32_t refetches, refetch_room;
};

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
        struct peer *peers = realloc(sched->peers, room * sizeof(*peers));
        if (!peers)
            return lab_error_memory(err);
        sched->peers = peers;
        sched->room = room;
    }
    sched->peers[sched->count] = (struct peer){ 0 };
    *peer = sched->count++;
    return 0;
}

int sched_take_part(struct sched *sched, uint32_t peer, struct lab_error *err)
{
    struct peer *coming = &sched->peers[peer];
    coming->source = malloc((sched->blocks + 1) * sizeof(*coming->source));
    if (!coming->source)
        return lab_error_memory(err);
    memset(coming->source, 0xff, sched->blocks * sizeof(*coming->source)); /* SOURCE_NONE */
    coming->stock = sched->fresh;
    sched->stock += sched->fresh;
    return 0;
}

/* Give a copy another source, and keep count of those without. */
static void set_source(struct sched *sched, uint32_t to, uint32_t block, uint16_t source)
{
    struct peer *peer = &sched->peers[to];
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
                set_source(sched, to, b, SOURCE_NONE);
}

void sched_leave(struct sched *sched, uint32_t peer)
{
    struct peer *left = &sched->peers[peer];
    sched->stock -= left->stock;
    free(left->source);
    *left = (struct peer){ 0 };
    orphan(sched, peer, WIRE_ANY_BLOCK);
}

/* An ask waits its turn; that of a peer that receives slowly waits for several turns of
 * the others, since what it is given is late for everybody. */
static uint64_t next_turn(struct sched *sched, const struct peer *peer)
{
    return ++sched->orders + (peer->slow ? SLOW_TURNS * (uint64_t)sched->count : 0);
}

static void answer_ask(struct sched *sched, struct peer *peer)
{
    peer->asks--;
    peer->ask_order = next_turn(sched, peer);
}

void sched_ask(struct sched *sched, uint32_t peer)
{
    struct peer *asking = &sched->peers[peer];
    if (asking->distrusted)
        return;
    if (!asking->asks++)
        asking->ask_order = next_turn(sched, asking);
}

void sched_have(struct sched *sched, uint32_t peer, uint32_t block)
{
    set_source(sched, peer, block, SOURCE_HAVE);
}

void sched_load(struct sched *sched, uint32_t peer, uint32_t copies, uint32_t drain_us)
{
    sched->peers[peer].copies = copies;
    sched->peers[peer].drain_us = drain_us;
}

void sched_returned(struct sched *sched, uint32_t peer, uint32_t block, uint32_t to)
{
    if (sched->peers[to].source[block] == peer)
        set_source(sched, to, block, SOURCE_NONE);
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
    struct peer *silent = &sched->peers[peer];
    if (silent->silent)
        return;
    silent->silent = true;
    silent->copies = 0;
    orphan(sched, peer, WIRE_ANY_BLOCK);
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
        set_source(sched, peer, block, SOURCE_NONE); /* the stock will do */
        return;
    }
    sched->peers[peer].refetches++;
    set_source(sched, peer, block, SOURCE_SERVER);
    sched->refetch[sched->refetches].peer = peer;
    sched->refetch[sched->refetches++].block = block;
}

/* --- the server's own uplink ---------------------------------------------- */

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
static struct peer *longest_asking(struct sched *sched, bool idle_only)
{
    struct peer *best = NULL;
    for (uint32_t i = 0; i < sched->count; i++) {
        struct peer *peer = &sched->peers[i];
        if (!peer->asks || peer->silent || (idle_only && peer->busy))
            continue;
        if (!best || peer->ask_order < best->ask_order)
            best = peer;
    }
    return best;
}

/* The peer whose turn it is to get a block that it did not ask for. */
static struct peer *next_in_turn(struct sched *sched)
{
    for (uint32_t i = 0; i < sched->count; i++) {
        uint32_t number = (sched->turn + i) % sched->count;
        struct peer *peer = &sched->peers[number];
        if (peer->source && !peer->busy && !peer->silent && !peer->slow) {
            sched->turn = number + 1;
            return peer;
        }
    }
    return NULL;
}

/* The next block that nobody brings yet, for `owner`. Its copies are the owner's to make, or go
 * to the stock. */
static uint32_t hand_fresh(struct sched *sched, struct peer *owner, bool passes_on)
{
    uint16_t number = (uint16_t)(owner - sched->peers);
    uint32_t block = sched->fresh++;
    for (uint32_t i = 0; i < sched->count; i++) {
        struct peer *peer = &sched->peers[i];
        if (!peer->source || peer->source[block] != SOURCE_NONE)
            continue;
        peer->stock++;
        sched->stock++;
        if (passes_on)
            set_source(sched, i, block, number);
    }
    set_source(sched, number, block, SOURCE_SERVER);
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
    struct peer *owner = longest_asking(sched, true);
    bool asked = owner;
    if (!asked && sched->stock <= stock_enough(sched))
        owner = next_in_turn(sched);
    if (!owner)
        return false;
    if (asked)
        answer_ask(sched, owner);
    owner->answers = asked;
    *to = (uint32_t)(owner - sched->peers);
    *block = hand_fresh(sched, owner, asked && !owner->slow);
    return true;
}

/* The next block from the stock of `to` that `holder` has (NULL: any). */
static bool find_in_stock(struct sched *sched, uint32_t to, const struct peer *holder,
                          uint32_t *block)
{
    struct peer *peer = &sched->peers[to];
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

static bool next_from_stock(struct sched *sched, uint32_t *block, uint32_t *to)
{
    if (!sched->stock)
        return false;
    for (uint32_t i = 0; i < sched->count; i++) {
        *to = (sched->turn + i) % sched->count;
        struct peer *peer = &sched->peers[*to];
        if (peer->source && !peer->busy && !peer->silent &&
            find_in_stock(sched, *to, NULL, block)) {
            set_source(sched, *to, *block, SOURCE_SERVER);
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
        struct peer *peer = &sched->peers[i];
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
    struct peer *to;
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

void sched_slow(struct sched *sched, uint32_t peer, uint32_t block)
{
    sched->peers[peer].slow = true;
    orphan(sched, peer, block);
}

static uint32_t count_asking(const struct sched *sched)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sched->count; i++)
        count += sched->peers[i].asks > 0 && !sched->peers[i].silent;
    return count;
}

uint32_t sched_sent(struct sched *sched, uint32_t peer, bool slow, uint32_t *share, bool *answers)
{
    struct peer *owner = &sched->peers[peer];
    uint32_t block = owner->sending, count = 0;
    bool passes_on = owner->passes_on;
    *answers = owner->answers;
    owner->busy = owner->answers = owner->passes_on = false;
    owner->slow = slow;
    if (owner->distrusted || owner->silent || !passes_on)
        return 0;
    /* Begin with the next in number, so that the owners do not all send to one peer. */
    for (uint32_t i = 1; i < sched->count; i++) {
        uint32_t to = (peer + i) % sched->count;
        struct peer *other = &sched->peers[to];
        if (!other->source || (other->source[block] != peer && other->source[block] != SOURCE_NONE))
            continue;
        set_source(sched, to, block, (uint16_t)peer);
        share[count++] = to;
    }
    return count;
}

/* --- the peers' uplinks ---------------------------------------------------- */

/* One copy from the stock that `holder` can make; then all other copies of that block. */
static uint32_t take_from_stock(struct sched *sched, struct peer *holder, uint32_t most,
                                uint32_t *block, uint32_t *share)
{
    uint32_t number = (uint32_t)(holder - sched->peers), count = 0;
    for (uint32_t i = 0; i < sched->count && count < most; i++) {
        uint32_t to = (number + 1 + i) % sched->count;
        struct peer *peer = &sched->peers[to];
        if (count == 0 ? !find_in_stock(sched, to, holder, block)
                       : !peer->source || peer->source[*block] != SOURCE_NONE)
            continue;
        set_source(sched, to, *block, (uint16_t)number);
        share[count++] = to;
    }
    return count;
}

bool sched_next_share(struct sched *sched, uint32_t *peer, uint32_t *block, uint32_t *share,
                      uint32_t *count)
{
    if (!sched->stock)
        return false;
    /* A part of what there is, which grows smaller towards the end: all end together. */
    uint64_t most = 1 + sched->stock / (2 * ((uint64_t)sched->count + 1));
    for (uint32_t i = 0; i < sched->count; i++) {
        struct peer *holder = &sched->peers[i];
        if (!holder->asks || holder->silent)
            continue;
        *count = take_from_stock(sched, holder, most < sched->count ? (uint32_t)most : sched->count,
                                 block, share);
        if (*count) {
            answer_ask(sched, holder);
            *peer = i;
            return true;
        }
    }
    return false;
}

/* Of `copies`, the part that those who ask can make at the same time. */
static uint32_t part_to_recall(uint32_t copies, uint32_t helpers)
{
    uint64_t part = ((uint64_t)copies * helpers + helpers) / (helpers + 1);
    return part < copies ? (uint32_t)part : copies;
}

bool sched_next_recall(struct sched *sched, bool idle, uint32_t *peer, uint32_t *copies)
{
    struct peer *longest = NULL;
    uint32_t helpers = count_asking(sched) + idle;
    if (sched->stock || !helpers || (!idle && sched->fresh < sched->blocks))
        return false;
    for (uint32_t i = 0; i < sched->count; i++) {
        struct peer *candidate = &sched->peers[i];
        if (candidate->copies && !candidate->recalled &&
            (!longest || candidate->drain_us > longest->drain_us))
            longest = candidate;
    }
    if (!longest)
        return false;
    longest->recalled = true;
    *peer = (uint32_t)(longest - sched->peers);
    *copies = part_to_recall(longest->copies, helpers);
    longest->copies = 0; /* until it says what is left */
    return true;
}

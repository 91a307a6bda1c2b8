#include "lib/sched_parts.h"

/* One copy from the stock that `holder` can make; then all other copies of that block. */
static uint32_t take_from_stock(struct sched *sched, struct sched_peer *holder, uint32_t most,
                                uint32_t *block, uint32_t *share)
{
    uint32_t number = (uint32_t)(holder - sched->peers), count = 0;
    for (uint32_t i = 0; i < sched->count && count < most; i++) {
        uint32_t to = (number + 1 + i) % sched->count;
        struct sched_peer *peer = &sched->peers[to];
        if (count == 0 ? !sched_find_in_stock(sched, to, holder, block)
                       : !peer->source || peer->source[*block] != SOURCE_NONE)
            continue;
        sched_set_source(sched, to, *block, (uint16_t)number);
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
        struct sched_peer *holder = &sched->peers[i];
        if (!holder->asks || holder->silent || holder->slow)
            continue;
        *count = take_from_stock(sched, holder, most < sched->count ? (uint32_t)most : sched->count,
                                 block, share);
        if (*count) {
            sched_answer_ask(sched, holder);
            *peer = i;
            return true;
        }
    }
    return false;
}

static uint32_t count_asking(const struct sched *sched)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sched->count; i++)
        count += sched->peers[i].asks > 0 && !sched->peers[i].silent;
    return count;
}

/* Of `copies`, the part that those who ask can make at the same time. */
static uint32_t part_to_recall(uint32_t copies, uint32_t helpers)
{
    uint64_t part = ((uint64_t)copies * helpers + helpers) / (helpers + 1);
    return part < copies ? (uint32_t)part : copies;
}

bool sched_next_recall(struct sched *sched, bool idle, uint32_t *peer, uint32_t *copies)
{
    struct sched_peer *longest = NULL;
    uint32_t helpers = count_asking(sched) + idle;
    if (sched->stock || !helpers || (!idle && sched->fresh < sched->blocks))
        return false;
    for (uint32_t i = 0; i < sched->count; i++) {
        struct sched_peer *candidate = &sched->peers[i];
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

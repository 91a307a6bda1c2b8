#include "experiment/sweep_order.h"

#include <stdlib.h>

#include "base/splitmix.h"
#include "labctl/cleanup.h"

/* A number below `limit`, each as likely: the few at the top that would favour some are
 * thrown again. */
static uint64_t pick_below(uint64_t *state, uint64_t limit)
{
    uint64_t fair = UINT64_MAX - UINT64_MAX % limit, number;
    do
        number = splitmix_next(state);
    while (number >= fair);
    return number % limit;
}

void sweep_order(uint64_t seed, uint64_t round, unsigned *order, unsigned count)
{
    uint64_t state = splitmix_mix(seed + SPLITMIX_GAMMA) + round;
    for (unsigned i = 0; i < count; i++)
        order[i] = i + 1;
    for (unsigned i = count; i > 1; i--) {
        unsigned other = (unsigned)pick_below(&state, i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

/* No round of trials has this number. */
#define ROUND_OF_DEALING UINT64_MAX

void sweep_deal(uint64_t seed, unsigned shards, unsigned *of_cell, unsigned count)
{
    cleanup_free unsigned *pack = calloc((size_t)count + 1, sizeof(*pack));
    if (!pack)
        abort();
    sweep_order(seed, ROUND_OF_DEALING, pack, count);
    for (unsigned i = 0; i < count; i++)
        of_cell[pack[i] - 1] = i % shards + 1;
}

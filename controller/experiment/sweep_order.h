/* In which order the cells of a sweep are run, and by whom. Pure: the same for the same seed
 * on any machine. */
#ifndef LABCTL_SWEEP_ORDER_H
#define LABCTL_SWEEP_ORDER_H

#include <stdint.h>

/* The cells 1 ... `count` in the order of a round of trials, in order[0 ... count): shuffled
 * (Fisher and Yates) by the seed and the number of the round, so that what changes slowly on a
 * machine does not fall on the same cells every time. */
void sweep_order(uint64_t seed, uint64_t round, unsigned *order, unsigned count);

/* Which of `shards` shards, counted from 1, each cell belongs to: of_cell[cell - 1]. Shards
 * differ by at most one cell, and are dealt from a shuffled pack, so that none gets all the
 * large ones. */
void sweep_deal(uint64_t seed, unsigned shards, unsigned *of_cell, unsigned count);

#endif

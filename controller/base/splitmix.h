/* SplitMix64 (Steele, Lea and Flood, 2014): numbers that look random, the same for the same
 * state on any machine. */
#ifndef LABCTL_SPLITMIX_H
#define LABCTL_SPLITMIX_H

#include <stdint.h>

#define SPLITMIX_GAMMA 0x9e3779b97f4a7c15ull

static inline uint64_t splitmix_mix(uint64_t state)
{
    state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9ull;
    state = (state ^ (state >> 27)) * 0x94d049bb133111ebull;
    return state ^ (state >> 31);
}

/* The next number of the sequence. */
static inline uint64_t splitmix_next(uint64_t *state)
{
    return splitmix_mix(*state += SPLITMIX_GAMMA);
}

#endif

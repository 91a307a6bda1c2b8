/* The death of a node's shell. Mininet holds both ends of a shell's terminal, so it would wait
 * for ever for an answer of one that is gone: the run is ended instead, and says why. */
#ifndef LABCTL_CASUALTY_H
#define LABCTL_CASUALTY_H

#include "topology/network.h"

/* From now on any child of this process that a signal ends is fatal: while the network is
 * built, all of them are shells and tools that it needs. `channel` leads to the outside. Once
 * `err` (borrowed, of the building) holds a failure, none is: what was built is being undone. */
void casualty_watch_building(int channel, const struct lab_error *err);

/* The network is there (borrowed, and not to be freed before this process ends): from now on
 * the end of one of its shells is fatal, and nothing else. */
void casualty_watch_shells(const struct network *network);

#endif

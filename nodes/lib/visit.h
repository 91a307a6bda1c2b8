/* A connection that a server accepted: its number and its time, and what is said of it when
 * it comes and goes. */
#ifndef NODES_VISIT_H
#define NODES_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/channel.h"
#include "lib/node.h"

struct visit {
    uint32_t number; /* counted from 1 */
    uint64_t accepted_ns;
    bool untold; /* it is not in the log */
};

/* So many connections are logged, whatever they want. Of those that come later only such as
 * ask for something: a flood of them would fill the log, and then the disk. */
#define VISITS_TOLD_MAX 4096

/* The connection is there. Sets visit->untold. */
void visit_begin(struct visit *visit, struct node *node, const struct channel *channel);

/* It has asked for something that it gets: if it was not logged yet, it is now. */
void visit_asked(struct visit *visit, struct node *node, const struct channel *channel);

/* It is over. */
void visit_end(const struct visit *visit, struct node *node, const struct channel *channel,
               const char *reason);

/* Nanoseconds in seconds, for people. */
static inline double visit_seconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / 1e9;
}

#endif

/* A connection that a server accepted: its number and its time, and what is said of it when
 * it comes and goes. */
#ifndef NODES_VISIT_H
#define NODES_VISIT_H

#include "lib/channel.h"
#include "lib/node.h"

struct visit {
    uint32_t number; /* counted from 1 */
    uint64_t accepted_ns;
};

void visit_log_accept(const struct visit *visit, struct node *node, const struct channel *channel);
void visit_log_close(const struct visit *visit, struct node *node, const struct channel *channel,
                     const char *reason);

/* Nanoseconds in seconds, for people. */
static inline double visit_seconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / 1e9;
}

#endif

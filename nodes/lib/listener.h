/* A listening socket with a bound on what it lets in.
 *
 * Those who connect and do nothing must not keep out those who want something, nor use up
 * the descriptors. At the limit the owner gives up whoever has been idle longest; if all are
 * at work, the newcomer is closed, and counted. When the system is out of memory or
 * descriptors, the listener pauses rather than be woken again and again. */
#ifndef NODES_LISTENER_H
#define NODES_LISTENER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "labctl/error.h"
#include "lib/loop.h"

struct listener_ops {
    /* Take over a connection. The owner counts it in listener->open while it lasts. */
    void (*adopt)(void *owner, int fd, const struct sockaddr_in *from);
    /* Close whoever has been idle longest. Returns false when all are at work. */
    bool (*make_room)(void *owner);
};

struct listener {
    struct watch watch;
    struct loop *loop; /* borrowed, as the next two */
    const struct listener_ops *ops;
    void *owner;
    uint32_t open;        /* connections; kept by the owner */
    uint32_t limit;       /* most of them */
    uint64_t turned_away; /* closed at once, since all others were at work */
    uint64_t told;        /* of those, the ones that have been logged */
    uint64_t tell_at;     /* not to be logged again before */
    uint64_t pause_until; /* 0: not pausing */
};

struct node;

/* Connections that may be open beside those of the clients that are expected. */
#define LISTENER_STRANGERS_MAX 256

/* Listen at node->args.port of every address, for node->args.clients and some more; fewer
 * when the program may not have so many descriptors. Returns 0, or -1 with err set. Close in
 * either case. */
int listener_open(struct listener *listener, struct node *node, const struct listener_ops *ops,
                  void *owner, struct lab_error *err);
void listener_close(struct listener *listener);

/* To be called between the loop's batches; returns when to call it again. Logs how many were
 * turned away, at most once a second. */
uint64_t listener_turn(struct listener *listener, struct node *node);

#endif

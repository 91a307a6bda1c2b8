/* An epoll loop: one a program. Descriptors are watched through a `struct watch` that
 * is part of whatever they belong to. */
#ifndef NODES_LOOP_H
#define NODES_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "labctl/error.h"

#define LOOP_NEVER UINT64_MAX

struct watch {
    int fd;          /* owned by the enclosing object; -1 once it is closed */
    uint32_t events; /* as last told to epoll */
    void (*ready)(struct watch *watch, uint32_t events);
};

struct telemetry;

struct loop {
    int epoll_fd;
    int signal_fd;
    bool stop;                   /* set by anyone to leave loop_run() */
    bool signalled;              /* SIGTERM or SIGINT came; `stop` is set with it */
    uint32_t connections;        /* channels opened so far */
    struct telemetry *telemetry; /* of those connections; borrowed; NULL: off */
};

/* Block SIGTERM and SIGINT and take them through the loop; ignore SIGPIPE. */
int loop_open(struct loop *loop, struct lab_error *err);
void loop_close(struct loop *loop);

/* Watch, change what is waited for, and forget a descriptor (which is not closed). */
int loop_add(struct loop *loop, struct watch *watch, uint32_t events, struct lab_error *err);
void loop_change(struct loop *loop, struct watch *watch, uint32_t events);
void loop_remove(struct loop *loop, struct watch *watch);

/* Wait for events and hand them out, until `stop` is set. After each batch `turn` is
 * called and says when it wants to be called next at the latest (clock of event_now(),
 * or LOOP_NEVER). What a watch belongs to must live until the next `turn` after its
 * removal, since the batch may still name it; such an event is dropped. */
int loop_run(struct loop *loop, uint64_t (*turn)(void *owner), void *owner, struct lab_error *err);

/* Wait until `when` or a signal. Returns false when a signal came. */
bool loop_sleep_until(struct loop *loop, uint64_t when);

#endif

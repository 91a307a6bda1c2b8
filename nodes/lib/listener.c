#include "lib/listener.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "labctl/event_writer.h"
#include "lib/net.h"
#include "lib/node.h"

/* Connections taken before the others have their turn. */
#define BATCH 64

/* How long to wait when the system cannot give a descriptor or memory. */
#define PAUSE_NS 100000000ull

#define TELL_INTERVAL_NS 1000000000ull

/* Descriptors that a program needs for other things than connections. */
#define DESCRIPTORS_KEPT 32

static uint32_t find_limit(uint32_t clients)
{
    struct rlimit descriptors;
    uint64_t limit = 2ull * clients + LISTENER_STRANGERS_MAX;
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0 &&
        descriptors.rlim_cur < limit + DESCRIPTORS_KEPT)
        limit = descriptors.rlim_cur > 2 * DESCRIPTORS_KEPT
                    ? descriptors.rlim_cur - DESCRIPTORS_KEPT
                    : DESCRIPTORS_KEPT;
    return (uint32_t)limit;
}

static void take(struct listener *listener, int fd, const struct sockaddr_in *from)
{
    if (listener->open >= listener->limit && !listener->ops->make_room(listener->owner)) {
        listener->turned_away++;
        close(fd);
        return;
    }
    listener->ops->adopt(listener->owner, fd, from);
}

static void begin_pause(struct listener *listener)
{
    listener->pause_until = event_now() + PAUSE_NS;
    loop_change(listener->loop, &listener->watch, 0);
}

static void listener_ready(struct watch *watch, uint32_t events)
{
    struct listener *listener =
        (struct listener *)((char *)watch - offsetof(struct listener, watch));
    (void)events;
    for (int i = 0; i < BATCH; i++) {
        struct sockaddr_in from;
        int fd = net_accept(watch->fd, &from);
        if (fd >= 0) {
            take(listener, fd, &from);
        } else if (errno == EMFILE || errno == ENFILE) {
            listener->turned_away++;
        } else if (errno == ENOMEM || errno == ENOBUFS) {
            begin_pause(listener);
            return;
        } else if (errno == EAGAIN) {
            return;
        } /* else one that has left before it was taken */
    }
}

int listener_open(struct listener *listener, struct node *node, const struct listener_ops *ops,
                  void *owner, struct lab_error *err)
{
    *listener = (struct listener){
        .watch = { .fd = -1, .ready = listener_ready },
        .loop = &node->loop,
        .ops = ops,
        .owner = owner,
        .limit = find_limit(node->args.clients),
    };
    listener->watch.fd = net_listen((struct in_addr){ INADDR_ANY }, node->args.port, err);
    if (listener->watch.fd < 0)
        return -1;
    return loop_add(&node->loop, &listener->watch, EPOLLIN, err);
}

void listener_close(struct listener *listener)
{
    if (listener->watch.fd >= 0)
        close(listener->watch.fd);
    listener->watch.fd = -1;
}

static void tell(struct listener *listener, struct node *node, uint64_t now)
{
    struct lab_error err = LAB_ERROR_INIT;
    lab_error_set(&err, LAB_ERR_NODE,
                  "%llu connections were turned away so far: at most %u may be open at a time",
                  (unsigned long long)listener->turned_away, listener->limit);
    node_report_error(node, &err);
    listener->told = listener->turned_away;
    listener->tell_at = now + TELL_INTERVAL_NS;
}

uint64_t listener_turn(struct listener *listener, struct node *node)
{
    uint64_t now = event_now(), next = LOOP_NEVER;
    if (listener->pause_until && now >= listener->pause_until) {
        listener->pause_until = 0;
        loop_change(listener->loop, &listener->watch, EPOLLIN);
    }
    if (listener->turned_away > listener->told && now >= listener->tell_at)
        tell(listener, node, now);
    if (listener->pause_until)
        next = listener->pause_until;
    if (listener->turned_away > listener->told && listener->tell_at < next)
        next = listener->tell_at;
    return next;
}

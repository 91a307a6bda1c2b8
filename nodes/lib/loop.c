#include "lib/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "labctl/event_writer.h"

#define BATCH_MAX 128
#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

/* epoll wakes up to 1 ms late; the last stretch of a sleep is left to the fine timer. */
#define FINE_SLEEP_NS (3 * NS_PER_MS)

int loop_open(struct loop *loop, struct lab_error *err)
{
    *loop = (struct loop){ .epoll_fd = -1, .signal_fd = -1 };
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);

    loop->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
    if (loop->signal_fd < 0 || loop->epoll_fd < 0 ||
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->signal_fd, &event))
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot set up the event loop");
    return 0;
}

void loop_close(struct loop *loop)
{
    if (loop->epoll_fd >= 0)
        close(loop->epoll_fd);
    if (loop->signal_fd >= 0)
        close(loop->signal_fd);
    loop->epoll_fd = loop->signal_fd = -1;
}

int loop_add(struct loop *loop, struct watch *watch, uint32_t events, struct lab_error *err)
{
    struct epoll_event event = { .events = events, .data.ptr = watch };
    watch->events = events;
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event))
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot watch a descriptor");
    return 0;
}

void loop_change(struct loop *loop, struct watch *watch, uint32_t events)
{
    if (watch->events == events)
        return;
    struct epoll_event event = { .events = events, .data.ptr = watch };
    watch->events = events;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event);
}

void loop_remove(struct loop *loop, struct watch *watch)
{
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
}

/* Milliseconds epoll may wait, rounded up so that a deadline has passed on waking. */
static int timeout_ms(uint64_t deadline)
{
    if (deadline == LOOP_NEVER)
        return -1;
    uint64_t now = event_now();
    if (deadline <= now)
        return 0;
    uint64_t ms = (deadline - now + NS_PER_MS - 1) / NS_PER_MS;
    return ms > 60000 ? 60000 : (int)ms;
}

static void take_signal(struct loop *loop)
{
    loop->signalled = true;
    loop->stop = true;
}

int loop_run(struct loop *loop, uint64_t (*turn)(void *owner), void *owner, struct lab_error *err)
{
    struct epoll_event events[BATCH_MAX];
    uint64_t deadline = turn(owner);
    while (!loop->stop) {
        int count = epoll_wait(loop->epoll_fd, events, BATCH_MAX, timeout_ms(deadline));
        if (count < 0 && errno != EINTR)
            return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot wait for events");
        for (int i = 0; i < count; i++) {
            struct watch *watch = events[i].data.ptr;
            if (!watch)
                take_signal(loop);
            else if (watch->fd >= 0)
                watch->ready(watch, events[i].events);
        }
        deadline = turn(owner);
    }
    return 0;
}

bool loop_sleep_until(struct loop *loop, uint64_t when)
{
    for (uint64_t now = event_now(); now + FINE_SLEEP_NS < when; now = event_now()) {
        struct pollfd poll_fd = { .fd = loop->signal_fd, .events = POLLIN };
        if (poll(&poll_fd, 1, (int)((when - now - FINE_SLEEP_NS / 2) / NS_PER_MS)) > 0) {
            take_signal(loop);
            return false;
        }
    }
    struct timespec instant = { (time_t)(when / NS_PER_S), (long)(when % NS_PER_S) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &instant, NULL) == EINTR)
        ;
    return true;
}

#include "shaping_traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "labctl/cleanup.h"

#define FLOW_PORT  5001
#define PROBE_PORT 5002

/* How long anything may take to come; a bench must not hang. */
#define PATIENCE_MS 20000

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void sleep_until(double instant)
{
    struct timespec until = { .tv_sec = (time_t)instant,
                              .tv_nsec = (long)((instant - (double)(time_t)instant) * 1e9) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

pid_t traffic_start(pid_t node, traffic_function *run, void *arg)
{
    pid_t pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid > 0)
        return pid;
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)node);
    cleanup_close int there = open(path, O_RDONLY | O_CLOEXEC);
    if (there < 0 || setns(there, CLONE_NEWNET) < 0)
        fail("cannot enter a node");
    _exit(run(arg));
}

static struct sockaddr_in port_at(struct in_addr address, uint16_t port)
{
    return (
        struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address };
}

/* A socket bound to `port`. */
static int bound(int type, uint16_t port)
{
    struct sockaddr_in any = port_at((struct in_addr){ INADDR_ANY }, port);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0)
        fail("cannot bind a socket");
    return fd;
}

static bool readable(int fd, int timeout_ms)
{
    struct pollfd poller = { fd, POLLIN, 0 };
    return poll(&poller, 1, timeout_ms) > 0;
}

/* --- the flow ------------------------------------------------------------- */

int flow_source(void *arg)
{
    static char data[256 * 1024];
    const struct flow *flow = arg;
    struct sockaddr_in sink = port_at(flow->address, FLOW_PORT);
    double give_up = now_s() + PATIENCE_MS / 1e3;
    cleanup_close int fd = -1;
    do {
        cleanup_close_(&fd);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || now_s() > give_up)
            fail("cannot connect to the sink");
    } while (connect(fd, (struct sockaddr *)&sink, sizeof(sink)) < 0 && usleep(1000) == 0);
    while (send(fd, data, sizeof(data), MSG_NOSIGNAL) > 0) /* until the sink closes */
        ;
    return 0;
}

/* Bytes are counted between the first arrival after `settle_s` and the last before `end_s`,
 * so that the window begins and ends with a whole read. */
int flow_sink(void *arg)
{
    struct flow *flow = arg;
    cleanup_close int listener = bound(SOCK_STREAM, FLOW_PORT);
    if (listen(listener, 1) < 0 || !readable(listener, PATIENCE_MS))
        fail("nobody connects to the sink");
    cleanup_close int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    double first = now_s(), begin = 0, last = first;
    uint64_t bytes = 0;
    while (last - first < flow->end_s && readable(fd, PATIENCE_MS)) {
        /* MSG_TRUNC: the bytes are counted and thrown away. */
        ssize_t got = recv(fd, NULL, 1 << 20, MSG_TRUNC);
        if (got <= 0)
            break;
        last = now_s();
        if (begin > 0)
            bytes += (uint64_t)got;
        else if (last - first >= flow->settle_s)
            begin = last;
    }
    flow->bytes = bytes;
    flow->seconds = last - begin;
    return 0;
}

/* --- the probes ----------------------------------------------------------- */

int probes_source(void *arg)
{
    const struct probes *probes = arg;
    struct sockaddr_in sink = port_at(probes->address, PROBE_PORT);
    cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    double first = now_s();
    for (double at = first; at - first < probes->end_s; at += probes->interval_s) {
        sleep_until(at);
        double sent = now_s();
        sendto(fd, &sent, sizeof(sent), 0, (struct sockaddr *)&sink, sizeof(sink));
    }
    return 0;
}

/* Ends when no probe has come for a while: the last may be a queue behind. */
int probes_sink(void *arg)
{
    struct probes *probes = arg;
    cleanup_close int fd = bound(SOCK_DGRAM, PROBE_PORT);
    int patience_ms = PATIENCE_MS;
    double sent;
    probes->count = 0;
    while (probes->count < PROBES_MAX && readable(fd, patience_ms) &&
           recv(fd, &sent, sizeof(sent), 0) == (ssize_t)sizeof(sent)) {
        probes->delay_s[probes->count++] = now_s() - sent;
        patience_ms = 1500;
    }
    return 0;
}

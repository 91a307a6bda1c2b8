#include "lib/telemetry.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "labctl/event.h"

#define NS_PER_S 1000000000ull

/* What the kernel knows of a connection. An older kernel fills in less, and the rest stays
 * 0; what is no TCP connection has nothing to tell. */
static bool read_info(int fd, struct tcp_info *info)
{
    socklen_t length = sizeof(*info);
    *info = (struct tcp_info){ 0 };
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length) == 0;
}

static void write_info(struct telemetry *telemetry, struct probe *probe,
                       const struct tcp_info *info)
{
    struct event_writer *events = telemetry->events;
    uint64_t sent = info->tcpi_bytes_sent - info->tcpi_bytes_retrans;
    probe->told = sent + info->tcpi_bytes_received;
    event_begin(events, EVENT_TCP, 0);
    event_integer(events, "connection", probe->connection);
    event_string(events, "peer", probe->peer);
    event_integer(events, "rtt_us", info->tcpi_rtt);
    event_integer(events, "cwnd", info->tcpi_snd_cwnd);
    event_integer(events, "retransmits", info->tcpi_total_retrans);
    event_integer(events, "delivery_rate_bps", (int64_t)(info->tcpi_delivery_rate * 8));
    event_integer(events, "bytes_sent", (int64_t)sent);
    event_integer(events, "bytes_received", (int64_t)info->tcpi_bytes_received);
    event_end(events);
}

/* A connection over which nothing moved has nothing new to tell. */
static void look(struct telemetry *telemetry, struct probe *probe)
{
    struct tcp_info info;
    if (read_info(probe->fd, &info) &&
        info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_bytes_received != probe->told)
        write_info(telemetry, probe, &info);
}

static void timer_ready(struct watch *watch, uint32_t events)
{
    struct telemetry *telemetry =
        (struct telemetry *)((char *)watch - offsetof(struct telemetry, timer));
    uint64_t expired;
    (void)events;
    if (read(watch->fd, &expired, sizeof(expired)) != sizeof(expired))
        return;
    for (struct probe *probe = telemetry->probes; probe; probe = probe->next)
        look(telemetry, probe);
}

int telemetry_start(struct telemetry *telemetry, struct loop *loop, struct event_writer *events,
                    uint64_t interval_ns, struct lab_error *err)
{
    *telemetry = (struct telemetry){ .timer = { .fd = -1, .ready = timer_ready },
                                     .loop = loop,
                                     .events = events };
    if (interval_ns == 0)
        return 0;
    struct timespec interval = { (time_t)(interval_ns / NS_PER_S), (long)(interval_ns % NS_PER_S) };
    struct itimerspec often = { .it_interval = interval, .it_value = interval };
    telemetry->timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (telemetry->timer.fd < 0 || timerfd_settime(telemetry->timer.fd, 0, &often, NULL))
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot make a timer");
    if (loop_add(loop, &telemetry->timer, EPOLLIN, err))
        return -1;
    loop->telemetry = telemetry;
    return 0;
}

void telemetry_stop(struct telemetry *telemetry)
{
    if (!telemetry->loop)
        return;
    telemetry->loop->telemetry = NULL;
    if (telemetry->timer.fd >= 0)
        close(telemetry->timer.fd);
    telemetry->timer.fd = -1;
}

void telemetry_begin(struct telemetry *telemetry, struct probe *probe, uint32_t connection, int fd,
                     const char *peer)
{
    if (!telemetry)
        return;
    *probe = (struct probe){ .next = telemetry->probes,
                             .link = &telemetry->probes,
                             .peer = peer,
                             .connection = connection,
                             .fd = fd };
    if (probe->next)
        probe->next->link = &probe->next;
    telemetry->probes = probe;
}

void telemetry_end(struct telemetry *telemetry, struct probe *probe)
{
    struct tcp_info info;
    if (!telemetry || !probe->link)
        return;
    if (read_info(probe->fd, &info))
        write_info(telemetry, probe, &info);
    *probe->link = probe->next;
    if (probe->next)
        probe->next->link = probe->link;
    probe->link = NULL;
}

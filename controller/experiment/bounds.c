#include "experiment/bounds.h"

#include <math.h>

static const char *const names[] = {
    [BINDING_NONE] = "none",
    [BINDING_SERVER_UPLINK] = "server-uplink",
    [BINDING_DOWNLINK] = "downlink",
    [BINDING_AGGREGATE] = "aggregate",
};

static const char *const texts[] = {
    [BINDING_NONE] = "nothing",
    [BINDING_SERVER_UPLINK] = "the server's uplink",
    [BINDING_DOWNLINK] = "the slowest downlink",
    [BINDING_AGGREGATE] = "all uplinks together",
};

const char *binding_term(enum binding_kind binding)
{
    return texts[binding];
}

const char *binding_name(enum binding_kind binding)
{
    return names[binding];
}

/* Rate in bytes per second; an unshaped direction is infinitely fast. */
static double byte_rate(uint64_t bits_per_second)
{
    return bits_per_second ? (double)bits_per_second / 8 : INFINITY;
}

static double server_uplink(const struct experiment *experiment)
{
    if (experiment->server_is_router)
        return INFINITY;
    return byte_rate(experiment->hosts[experiment->server_host].link.up_bps);
}

static const struct link_spec *client_link(const struct experiment *experiment, size_t client)
{
    return &experiment->hosts[experiment->clients[client].host].link;
}

static double slowest_downlink(const struct experiment *experiment)
{
    double slowest = INFINITY;
    for (size_t i = 0; i < experiment->client_count; i++)
        slowest = fmin(slowest, byte_rate(client_link(experiment, i)->down_bps));
    return slowest;
}

static double sum_of_uplinks(const struct experiment *experiment)
{
    double sum = server_uplink(experiment);
    for (size_t i = 0; i < experiment->client_count; i++)
        sum += byte_rate(client_link(experiment, i)->up_bps);
    return sum;
}

/* `begin_s` passes before there is anything to send; only what is sent has headers. */
static void raise_late(struct bound *bound, double begin_s, double seconds,
                       enum binding_kind binding)
{
    double framed_s = begin_s + seconds * BOUND_FRAME_BYTES / BOUND_PAYLOAD_BYTES;
    if (framed_s > bound->framed_s) {
        bound->fluid_s = begin_s + seconds;
        bound->framed_s = framed_s;
        bound->binding = binding;
    }
}

static void raise_bound(struct bound *bound, double seconds, enum binding_kind binding)
{
    raise_late(bound, 0, seconds, binding);
}

/* One client after the other: the times that each takes alone add up. */
static void bound_sequential(struct bound *bound, const struct experiment *experiment, double bytes)
{
    double uplink = server_uplink(experiment), total = 0, uplink_part = 0;
    for (size_t i = 0; i < experiment->client_count; i++) {
        double downlink = byte_rate(client_link(experiment, i)->down_bps);
        total += bytes / fmin(uplink, downlink);
        if (uplink <= downlink)
            uplink_part += bytes / uplink;
    }
    raise_bound(bound, total,
                uplink_part >= total - uplink_part ? BINDING_SERVER_UPLINK : BINDING_DOWNLINK);
}

/* When a client begins, in ns after the earliest instant that "start" has. */
static uint64_t begin_of(const struct experiment *experiment, size_t client)
{
    uint64_t step = experiment->start == START_STAGGER ? experiment->stagger_ns : 0;
    return client * step + experiment->clients[client].join_ns;
}

/* A client that begins later has its own downlink to fill from then on. */
static void bound_late(struct bound *bound, const struct experiment *experiment, double bytes)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < experiment->client_count; i++)
        if (begin_of(experiment, i) < first)
            first = begin_of(experiment, i);
    for (size_t i = 0; i < experiment->client_count; i++) {
        double begin_s = (double)(begin_of(experiment, i) - first) / 1e9;
        double downlink = byte_rate(client_link(experiment, i)->down_bps);
        if (isfinite(downlink) && begin_s > 0)
            raise_late(bound, begin_s, bytes / downlink, BINDING_DOWNLINK);
    }
}

struct bound bound_makespan(const struct experiment *experiment, uint64_t file_bytes)
{
    struct bound bound = { .binding = BINDING_NONE };
    double bytes = (double)file_bytes, clients = (double)experiment->client_count;
    double copies = experiment->model == MODEL_CS ? clients : 1;

    raise_bound(&bound, copies * bytes / server_uplink(experiment), BINDING_SERVER_UPLINK);
    raise_bound(&bound, bytes / slowest_downlink(experiment), BINDING_DOWNLINK);
    if (experiment->model != MODEL_CS)
        raise_bound(&bound, clients * bytes / sum_of_uplinks(experiment), BINDING_AGGREGATE);
    if (experiment->model == MODEL_CS && experiment->start == START_SEQUENTIAL)
        bound_sequential(&bound, experiment, bytes);
    bound_late(&bound, experiment, bytes);
    return bound;
}

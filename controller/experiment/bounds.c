#include "experiment/bounds.h"

#include <math.h>

static const char *const names[] = {
    [BINDING_NONE] = "none",
    [BINDING_SERVER_UPLINK] = "server-uplink",
    [BINDING_DOWNLINK] = "downlink",
    [BINDING_AGGREGATE] = "aggregate",
};

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

static void raise_bound(struct bound *bound, double seconds, enum binding_kind binding)
{
    if (seconds > bound->fluid_s) {
        bound->fluid_s = seconds;
        bound->binding = binding;
    }
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

/* The last client begins (N - 1) steps after the first, and its own downlink comes after. */
static void bound_staggered(struct bound *bound, const struct experiment *experiment, double bytes)
{
    for (size_t i = 0; i < experiment->client_count; i++) {
        double begin_s = (double)i * (double)experiment->stagger_ns / 1e9;
        double downlink = byte_rate(client_link(experiment, i)->down_bps);
        if (isfinite(downlink))
            raise_bound(bound, begin_s + bytes / downlink, BINDING_DOWNLINK);
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
    if (experiment->start == START_STAGGER)
        bound_staggered(&bound, experiment, bytes);
    bound.framed_s = bound.fluid_s * BOUND_FRAME_BYTES / BOUND_PAYLOAD_BYTES;
    return bound;
}

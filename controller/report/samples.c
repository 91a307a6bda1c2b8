#include "report/samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"

static bool is_event(const struct event_record *record, const char *name)
{
    return strcmp(record->event, name) == 0;
}

static double trial_seconds(const struct trial_result *trial, uint64_t t_ns)
{
    return ((double)t_ns - (double)trial->origin_ns) / 1e9;
}

/* --- links ---------------------------------------------------------------- */

double link_span_utilisation(const struct link_span *span)
{
    double carried = (double)span->bytes * 8 / (span->finish_s - span->start_s);
    return span->rate_bps ? carried / (double)span->rate_bps : NAN;
}

/* Counters of one direction of a link as last seen. */
struct link_state {
    bool seen;
    uint64_t t, bytes, drops;
};

/* Index of a host; samples come in the order of the hosts, so the next is tried first. */
static size_t find_host(const struct experiment *experiment, const char *name, size_t before)
{
    for (size_t i = 0; i < experiment->host_count; i++) {
        size_t host = (before + i) % experiment->host_count;
        if (strcmp(experiment->hosts[host].name, name) == 0)
            return host;
    }
    return SIZE_MAX;
}

void samples_read_links(struct run_logs *logs, const struct trial_result *trial, double shortest_s,
                        link_span_taker *take, void *owner)
{
    const struct experiment *experiment = logs->run->experiment;
    cleanup_free struct link_state *states = calloc(2 * experiment->host_count, sizeof(*states));
    struct event_record record;
    if (!states || !run_logs_open_control(logs, trial))
        return;
    for (size_t host = 0; event_log_next(logs->log, &record);) {
        if (!is_event(&record, EVENT_LINK))
            continue;
        size_t found = find_host(experiment, record_string(&record, "node", ""), host);
        if (found == SIZE_MAX)
            continue;
        host = found;
        bool up = strcmp(record_string(&record, "direction", ""), "up") == 0;
        const struct link_spec *link = &experiment->hosts[host].link;
        struct link_state *state = &states[2 * host + up];
        struct link_state now = { true, record.t, record_count(&record, "bytes", 0),
                                  record_count(&record, "drops", 0) };
        if (state->seen && (double)(now.t - state->t) / 1e9 < shortest_s)
            continue;
        if (state->seen && now.t > state->t && now.bytes >= state->bytes)
            take(owner, &(struct link_span){
                            .host = host,
                            .up = up,
                            .rate_bps = up ? link->up_bps : link->down_bps,
                            .start_s = trial_seconds(trial, state->t),
                            .finish_s = trial_seconds(trial, now.t),
                            .bytes = now.bytes - state->bytes,
                            .drops = now.drops > state->drops ? now.drops - state->drops : 0,
                            .backlog = record_count(&record, "backlog", 0) });
        *state = now;
    }
    event_log_close(logs->log);
}

/* --- connections ---------------------------------------------------------- */

/* Connections of one program, by number, as last seen. */
struct connections {
    struct {
        uint64_t sent, received;
    } * seen;
    size_t room;
};

#define CONNECTIONS_MAX (1u << 20)

/* Whether more went out than came in since the sample before. */
static bool note_bytes(struct connections *connections, const struct connection_sample *sample)
{
    if (sample->connection >= connections->room) {
        size_t room = 2 * sample->connection + 16;
        void *seen = sample->connection < CONNECTIONS_MAX
                         ? realloc(connections->seen, room * sizeof(*connections->seen))
                         : NULL;
        if (!seen)
            return false;
        connections->seen = seen;
        memset(connections->seen + connections->room, 0,
               (room - connections->room) * sizeof(*connections->seen));
        connections->room = room;
    }
    uint64_t sent = sample->bytes_sent - connections->seen[sample->connection].sent;
    uint64_t received = sample->bytes_received - connections->seen[sample->connection].received;
    connections->seen[sample->connection].sent = sample->bytes_sent;
    connections->seen[sample->connection].received = sample->bytes_received;
    return (int64_t)sent > (int64_t)received;
}

static void read_node(struct run_logs *logs, const struct trial_result *trial, size_t node,
                      connection_taker *take, void *owner)
{
    struct connections connections = { 0 };
    struct event_record record;
    if (!run_logs_open_node(logs, trial, node))
        return;
    while (event_log_next(logs->log, &record)) {
        if (!is_event(&record, EVENT_TCP))
            continue;
        struct connection_sample sample = {
            .node = node,
            .peer = run_logs_name(logs, record_string(&record, "peer", "")),
            .connection = record_count(&record, "connection", 0),
            .time_s = trial_seconds(trial, record.t),
            .rtt_us = record_count(&record, "rtt_us", 0),
            .cwnd = record_count(&record, "cwnd", 0),
            .retransmits = record_count(&record, "retransmits", 0),
            .delivery_rate_bps = record_count(&record, "delivery_rate_bps", 0),
            .bytes_sent = record_count(&record, "bytes_sent", 0),
            .bytes_received = record_count(&record, "bytes_received", 0),
        };
        sample.sends = note_bytes(&connections, &sample);
        take(owner, &sample);
    }
    event_log_close(logs->log);
    free(connections.seen);
}

void samples_read_connections(struct run_logs *logs, const struct trial_result *trial,
                              connection_taker *take, void *owner)
{
    for (size_t node = 0; node < logs->plan->command_count; node++)
        read_node(logs, trial, node, take, owner);
}

/* --- who sent what to whom ------------------------------------------------ */

void samples_read_traffic(struct run_logs *logs, const struct trial_result *trial,
                          traffic_taker *take, void *owner)
{
    size_t nodes = logs->plan->command_count;
    cleanup_free uint64_t *from_bytes = calloc(nodes, sizeof(*from_bytes));
    bool blocks = logs->run->results->model == MODEL_P2P;
    struct event_record record;
    for (size_t to = 1; from_bytes && to < nodes; to++) {
        if (!run_logs_open_node(logs, trial, to))
            continue;
        memset(from_bytes, 0, nodes * sizeof(*from_bytes));
        while (event_log_next(logs->log, &record)) {
            if (blocks && is_event(&record, EVENT_BLOCK)) {
                size_t from = run_logs_find(logs, record_string(&record, "from", ""));
                if (from != SIZE_MAX)
                    from_bytes[from] += record_count(&record, "bytes", 0);
            } else if (!blocks &&
                       (is_event(&record, EVENT_PROGRESS) || is_event(&record, EVENT_FINISH))) {
                from_bytes[0] = record_count(&record, "bytes", 0);
            }
        }
        event_log_close(logs->log);
        take(owner, to, from_bytes);
    }
}

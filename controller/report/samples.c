#include "report/samples.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "labctl/event.h"

/* --- whose address is it? ------------------------------------------------- */

static int compare_addresses(const void *a, const void *b)
{
    const struct samples_address *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

static void add_address(struct samples *samples, struct in_addr address, size_t command)
{
    samples->addresses[samples->address_count++] =
        (struct samples_address){ address.s_addr, command };
}

/* Each client reaches a server on the router at an address of its own. */
static int list_addresses(struct samples *samples, struct lab_error *err)
{
    const struct experiment *experiment = samples->plan->experiment;
    samples->addresses = calloc(2 * experiment->client_count + 1, sizeof(*samples->addresses));
    if (!samples->addresses)
        return lab_error_memory(err);
    for (size_t i = 0; i < experiment->client_count; i++) {
        add_address(samples, plan_server_address(experiment, i), 0);
        add_address(samples, plan_host_address(experiment->clients[i].host), i + 1);
    }
    qsort(samples->addresses, samples->address_count, sizeof(*samples->addresses),
          compare_addresses);
    return 0;
}

/* The node at "IP" or "IP:PORT", or SIZE_MAX. */
static size_t find_node(const struct samples *samples, const char *text)
{
    char ip[INET_ADDRSTRLEN];
    struct in_addr address;
    size_t length = strcspn(text, ":");
    if (length >= sizeof(ip))
        return SIZE_MAX;
    memcpy(ip, text, length);
    ip[length] = '\0';
    if (inet_pton(AF_INET, ip, &address) != 1)
        return SIZE_MAX;
    struct samples_address key = { .address = address.s_addr };
    const struct samples_address *found =
        bsearch(&key, samples->addresses, samples->address_count, sizeof(key), compare_addresses);
    return found ? found->command : SIZE_MAX;
}

/* --- logs ----------------------------------------------------------------- */

int samples_open(struct samples *samples, const struct report_run *run, struct lab_error *err)
{
    *samples = (struct samples){ .run = run };
    samples->plan = plan_build(run->experiment, err);
    if (!samples->plan)
        return -1;
    samples->log = malloc(sizeof(*samples->log));
    if (!samples->log)
        return lab_error_memory(err);
    return list_addresses(samples, err);
}

void samples_close(struct samples *samples)
{
    plan_free(samples->plan);
    free(samples->addresses);
    free(samples->log);
    *samples = (struct samples){ 0 };
}

/* Open LOGS/NAME.jsonl of a trial. A log that cannot be read has been judged already. */
static bool open_log(struct samples *samples, const struct trial_result *trial, const char *name)
{
    struct lab_error ignored = LAB_ERROR_INIT;
    cleanup_free char *path =
        fs_path("%s/trials/%03u/%s/%s.jsonl", samples->run->path, trial->trial, PLAN_LOG_DIR, name);
    return trial->origin_ns && event_log_open(samples->log, path, &ignored) == 0;
}

static bool open_node_log(struct samples *samples, const struct trial_result *trial, size_t node)
{
    const struct plan_command *command = &samples->plan->commands[node];
    cleanup_free char *name = fs_path("%s.%s", command->node, command->program);
    return open_log(samples, trial, name);
}

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

void samples_read_links(struct samples *samples, const struct trial_result *trial,
                        double shortest_s, link_span_taker *take, void *owner)
{
    const struct experiment *experiment = samples->run->experiment;
    cleanup_free struct link_state *states = calloc(2 * experiment->host_count, sizeof(*states));
    struct event_record record;
    if (!states || !open_log(samples, trial, "labctl"))
        return;
    for (size_t host = 0; event_log_next(samples->log, &record);) {
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
    event_log_close(samples->log);
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

static void read_node(struct samples *samples, const struct trial_result *trial, size_t node,
                      connection_taker *take, void *owner)
{
    struct connections connections = { 0 };
    struct event_record record;
    if (!open_node_log(samples, trial, node))
        return;
    while (event_log_next(samples->log, &record)) {
        if (!is_event(&record, EVENT_TCP))
            continue;
        const char *peer = record_string(&record, "peer", "");
        size_t other = find_node(samples, peer);
        struct connection_sample sample = {
            .node = node,
            .peer = other == SIZE_MAX ? peer : samples->plan->commands[other].node,
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
    event_log_close(samples->log);
    free(connections.seen);
}

void samples_read_connections(struct samples *samples, const struct trial_result *trial,
                              connection_taker *take, void *owner)
{
    for (size_t node = 0; node < samples->plan->command_count; node++)
        read_node(samples, trial, node, take, owner);
}

/* --- who sent what to whom ------------------------------------------------ */

void samples_read_traffic(struct samples *samples, const struct trial_result *trial,
                          traffic_taker *take, void *owner)
{
    size_t nodes = samples->plan->command_count;
    cleanup_free uint64_t *from_bytes = calloc(nodes, sizeof(*from_bytes));
    bool blocks = samples->run->results->model == MODEL_P2P;
    struct event_record record;
    for (size_t to = 1; from_bytes && to < nodes; to++) {
        if (!open_node_log(samples, trial, to))
            continue;
        memset(from_bytes, 0, nodes * sizeof(*from_bytes));
        while (event_log_next(samples->log, &record)) {
            if (blocks && is_event(&record, EVENT_BLOCK)) {
                size_t from = find_node(samples, record_string(&record, "from", ""));
                if (from != SIZE_MAX)
                    from_bytes[from] += record_count(&record, "bytes", 0);
            } else if (!blocks &&
                       (is_event(&record, EVENT_PROGRESS) || is_event(&record, EVENT_FINISH))) {
                from_bytes[0] = record_count(&record, "bytes", 0);
            }
        }
        event_log_close(samples->log);
        take(owner, to, from_bytes);
    }
}

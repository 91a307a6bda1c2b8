#include "supervise/sampler.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "supervise/cpu_usage.h"
#include "supervise/link_counters.h"
#include "topology/tool.h"

enum { UP, DOWN, DIRECTIONS };

/* One link: where its directions are counted, and what was counted last. */
struct sampled_link {
    int host_fd;             /* in the host's namespace, when its uplink has a queue; else -1 */
    unsigned host_interface; /* numbers of the interfaces, each in its namespace */
    unsigned router_interface;
    struct link_counters counters[DIRECTIONS];
    uint64_t read_ns[DIRECTIONS]; /* when; 0: not read */
};

struct sampler {
    const struct plan *plan;
    struct sampled_link *links;
    size_t count;
    unsigned *by_interface; /* 1 + index of the link, by number of the router's interface */
    size_t interface_end;
    int router_fd;
    bool any_queue, any_bare; /* downlinks with a queue; directions without */
    uint64_t next_ns;         /* when telemetry is due; 0: never */
};

/* --- opening -------------------------------------------------------------- */

/* Whether what leaves through a port is queued by labctl, and so counted by its queue. */
static bool has_queue(const struct plan_port *port, const struct plan_link *link)
{
    return port->rate_bps > 0 || link->delay_ns > 0 || link->loss > 0;
}

static int index_interfaces(struct sampler *sampler, struct lab_error *err)
{
    unsigned last = 0;
    for (size_t i = 0; i < sampler->count; i++) {
        const struct plan_port *port = &sampler->plan->links[i].router;
        unsigned number = if_nametoindex(port->interface);
        if (number == 0)
            return lab_error_set(err, LAB_ERR_INTERNAL, "the router has no interface %s",
                                 port->interface);
        sampler->links[i].router_interface = number;
        last = number > last ? number : last;
    }
    sampler->interface_end = last + 1;
    sampler->by_interface = calloc(sampler->interface_end, sizeof(*sampler->by_interface));
    if (!sampler->by_interface)
        return lab_error_memory(err);
    for (size_t i = 0; i < sampler->count; i++)
        sampler->by_interface[sampler->links[i].router_interface] = (unsigned)i + 1;
    return 0;
}

static int open_router(struct sampler *sampler, pid_t pid, struct lab_error *err)
{
    int way_back = tool_enter(pid, err);
    if (way_back < 0)
        return -1;
    sampler->router_fd = link_counters_open(err);
    int failed = sampler->router_fd < 0 ? -1 : index_interfaces(sampler, err);
    struct lab_error leaving = LAB_ERROR_INIT;
    if (tool_leave(way_back, failed ? &leaving : err) < 0)
        return -1;
    return failed;
}

static int open_host(struct sampled_link *link, const struct plan_port *port, pid_t pid,
                     struct lab_error *err)
{
    int way_back = tool_enter(pid, err);
    if (way_back < 0)
        return -1;
    link->host_fd = link_counters_open(err);
    link->host_interface = if_nametoindex(port->interface);
    struct lab_error leaving = LAB_ERROR_INIT;
    if (tool_leave(way_back, link->host_fd < 0 ? &leaving : err) < 0)
        return -1;
    return link->host_fd < 0 ? -1 : 0;
}

static int open_all(struct sampler *sampler, const struct sampler_nodes *nodes,
                    struct lab_error *err)
{
    sampler->links = calloc(sampler->count + 1, sizeof(*sampler->links));
    if (!sampler->links)
        return lab_error_memory(err);
    for (size_t i = 0; i < sampler->count; i++)
        sampler->links[i].host_fd = -1;
    if (open_router(sampler, nodes->router, err) < 0)
        return -1;
    for (size_t i = 0; i < sampler->count; i++) {
        const struct plan_link *link = &sampler->plan->links[i];
        bool up = has_queue(&link->host, link), down = has_queue(&link->router, link);
        sampler->any_queue |= down;
        sampler->any_bare |= !up || !down;
        if (up &&
            open_host(&sampler->links[i], &link->host, nodes->host(nodes->context, i), err) < 0)
            return -1;
    }
    return 0;
}

struct sampler *sampler_open(const struct plan *plan, const struct sampler_nodes *nodes,
                             struct lab_error *err)
{
    struct sampler *sampler = calloc(1, sizeof(*sampler));
    if (!sampler) {
        lab_error_memory(err);
        return NULL;
    }
    sampler->plan = plan;
    sampler->count = plan->experiment->host_count;
    sampler->router_fd = -1;
    if (open_all(sampler, nodes, err) < 0) {
        sampler_free(sampler);
        return NULL;
    }
    return sampler;
}

void sampler_free(struct sampler *sampler)
{
    if (!sampler)
        return;
    for (size_t i = 0; sampler->links && i < sampler->count; i++)
        cleanup_close_(&sampler->links[i].host_fd);
    cleanup_close_(&sampler->router_fd);
    free(sampler->links);
    free(sampler->by_interface);
    free(sampler);
}

/* --- links ---------------------------------------------------------------- */

static struct sampled_link *router_link(struct sampler *sampler, unsigned interface)
{
    unsigned at = interface < sampler->interface_end ? sampler->by_interface[interface] : 0;
    return at ? &sampler->links[at - 1] : NULL;
}

/* Take over what a queue has counted. Where the shaper is inside of netem its figures are the
 * ones to keep: netem tells of packets before they are shaped. */
static void take_queue(struct sampled_link *link, int direction, const char *kind,
                       const struct link_counters *counters, uint64_t now)
{
    bool shaper = strcmp(kind, "tbf") == 0;
    if (!shaper && (strcmp(kind, "netem") != 0 || link->read_ns[direction] == now))
        return;
    link->counters[direction] = *counters;
    link->read_ns[direction] = now;
}

/* What the callbacks of one request need. */
struct reading {
    struct sampler *sampler;
    struct sampled_link *link; /* of the host whose queues are read */
    uint64_t now;
};

static void take_downlink(void *context, unsigned interface, const char *kind,
                          const struct link_counters *counters)
{
    struct reading *reading = context;
    struct sampled_link *link = router_link(reading->sampler, interface);
    if (link)
        take_queue(link, DOWN, kind, counters, reading->now);
}

static void take_uplink(void *context, unsigned interface, const char *kind,
                        const struct link_counters *counters)
{
    struct reading *reading = context;
    if (interface == reading->link->host_interface)
        take_queue(reading->link, UP, kind, counters, reading->now);
}

/* Directions without a queue: what the router's end has sent and received. */
static void take_interface(void *context, unsigned interface, const struct link_counters *sent,
                           const struct link_counters *received)
{
    struct reading *reading = context;
    struct sampled_link *link = router_link(reading->sampler, interface);
    if (!link)
        return;
    const struct plan_link *plan = &reading->sampler->plan->links[link - reading->sampler->links];
    if (!has_queue(&plan->router, plan)) {
        link->counters[DOWN] = *sent;
        link->read_ns[DOWN] = reading->now;
    }
    if (!has_queue(&plan->host, plan)) {
        link->counters[UP] = *received;
        link->read_ns[UP] = reading->now;
    }
}

static void read_links(struct sampler *sampler)
{
    struct lab_error ignored = LAB_ERROR_INIT; /* what is not read is left out */
    struct reading reading = { sampler, NULL, event_now() };
    for (size_t i = 0; i < sampler->count; i++)
        memset(sampler->links[i].read_ns, 0, sizeof(sampler->links[i].read_ns));
    if (sampler->any_queue)
        link_counters_queues(sampler->router_fd, take_downlink, &reading, &ignored);
    reading.now = event_now();
    if (sampler->any_bare)
        link_counters_interfaces(sampler->router_fd, take_interface, &reading, &ignored);
    for (size_t i = 0; i < sampler->count; i++) {
        if (sampler->links[i].host_fd < 0)
            continue;
        reading.link = &sampler->links[i];
        reading.now = event_now();
        link_counters_queues(reading.link->host_fd, take_uplink, &reading, &ignored);
    }
}

static void write_links(const struct sampler *sampler, struct event_writer *log)
{
    static const char *const names[] = { [UP] = "up", [DOWN] = "down" };
    for (size_t i = 0; i < sampler->count; i++)
        for (int direction = UP; direction < DIRECTIONS; direction++) {
            const struct sampled_link *link = &sampler->links[i];
            const struct link_counters *counters = &link->counters[direction];
            if (link->read_ns[direction] == 0)
                continue;
            event_begin(log, EVENT_LINK, link->read_ns[direction]);
            event_string(log, "node", sampler->plan->experiment->hosts[i].name);
            event_string(log, "direction", names[direction]);
            event_integer(log, "bytes", (int64_t)counters->bytes);
            event_integer(log, "packets", (int64_t)counters->packets);
            event_integer(log, "drops", (int64_t)counters->drops);
            event_integer(log, "backlog", (int64_t)counters->backlog);
            event_end(log);
        }
}

/* --- processors ----------------------------------------------------------- */

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void write_cpu(struct event_writer *log)
{
    struct cpu_usage usage;
    if (!cpu_usage_read(&usage))
        return;
    event_begin(log, EVENT_CPU, 0);
    event_integer(log, "cpus", usage.cpus);
    event_integer(log, "busy_ns", (int64_t)usage.busy_ns);
    event_integer(log, "interrupt_ns", (int64_t)usage.interrupt_ns);
    event_integer(log, "steal_ns", (int64_t)usage.steal_ns);
    event_integer(log, "total_ns", (int64_t)usage.total_ns);
    if (usage.has_pressure)
        event_integer(log, "pressure_us", (int64_t)usage.pressure_us);
    event_integer(log, "runnable", usage.runnable);
    event_integer(log, "boot_ns", (int64_t)clock_ns(CLOCK_BOOTTIME));
    event_end(log);
}

static void write_program(const char *node, const char *program, const struct process_usage *usage,
                          struct event_writer *log)
{
    event_begin(log, EVENT_PROGRAM, 0);
    event_string(log, "node", node);
    event_string(log, "program", program);
    event_integer(log, "cpu_ns", (int64_t)usage->cpu_ns);
    event_integer(log, "wait_ns", (int64_t)usage->wait_ns);
    event_end(log);
}

static void write_programs(const struct program *programs, size_t count, struct event_writer *log)
{
    struct process_usage usage;
    for (size_t i = 0; i < count; i++)
        if (program_alive(&programs[i]) && job_usage_read(programs[i].job, &usage))
            write_program(programs[i].command->node, programs[i].command->program, &usage, log);
    usage = (struct process_usage){ clock_ns(CLOCK_PROCESS_CPUTIME_ID), 0 };
    write_program("", "labctl", &usage, log);
}

/* --- samples -------------------------------------------------------------- */

/* Returns how long it took, in nanoseconds. */
static uint64_t take(struct sampler *sampler, const struct program *programs, size_t count,
                     struct event_writer *log)
{
    struct lab_error ignored = LAB_ERROR_INIT; /* a log that cannot be written is told of later */
    uint64_t begin = event_now();
    read_links(sampler);
    write_cpu(log);
    write_links(sampler, log);
    write_programs(programs, count, log);
    event_flush(log, &ignored);
    return event_now() - begin;
}

static void set_next(struct sampler *sampler, uint64_t cost_ns)
{
    uint64_t interval = sampler->plan->experiment->telemetry_ns, least = cost_ns * SAMPLER_SHARE;
    sampler->next_ns = interval ? event_now() + (interval > least ? interval : least) : 0;
}

void sampler_begin(struct sampler *sampler, const struct program *programs, size_t count,
                   struct event_writer *log)
{
    if (sampler)
        set_next(sampler, take(sampler, programs, count, log));
}

void sampler_tick(struct sampler *sampler, const struct program *programs, size_t count,
                  struct event_writer *log)
{
    if (sampler && sampler->next_ns && event_now() >= sampler->next_ns)
        set_next(sampler, take(sampler, programs, count, log));
}

void sampler_end(struct sampler *sampler, const struct program *programs, size_t count,
                 struct event_writer *log)
{
    if (!sampler)
        return;
    take(sampler, programs, count, log);
    sampler->next_ns = 0;
}

int sampler_wait_ms(const struct sampler *sampler, int limit_ms)
{
    if (!sampler || sampler->next_ns == 0)
        return limit_ms;
    uint64_t now = event_now();
    if (now >= sampler->next_ns)
        return 0;
    uint64_t wait_ms = (sampler->next_ns - now + 999999) / 1000000;
    return wait_ms < (uint64_t)limit_ms ? (int)wait_ms : limit_ms;
}

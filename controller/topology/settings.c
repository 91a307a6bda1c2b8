#include "topology/settings.h"

#include <arpa/inet.h>
#include <inttypes.h>

#include "labctl/cleanup.h"

char *settings_mac(struct in_addr address, char buf[MAC_TEXT_SIZE])
{
    uint32_t ip = ntohl(address.s_addr);
    snprintf(buf, MAC_TEXT_SIZE, "02:00:%02x:%02x:%02x:%02x", (ip >> 24) & 0xff, (ip >> 16) & 0xff,
             (ip >> 8) & 0xff, ip & 0xff);
    return buf;
}

void settings_make_link(FILE *batch, const struct plan_link *link, pid_t host_pid)
{
    char router_mac[MAC_TEXT_SIZE], host_mac[MAC_TEXT_SIZE];
    fprintf(batch, "link add name %s address %s type veth peer name %s address %s netns %d\n",
            link->router.interface, settings_mac(link->router.address, router_mac),
            link->host.interface, settings_mac(link->host.address, host_mac), (int)host_pid);
}

static const char *dotted(struct in_addr address, char buf[INET_ADDRSTRLEN])
{
    return inet_ntop(AF_INET, &address, buf, INET_ADDRSTRLEN);
}

static struct in_addr subnet_of(struct in_addr address)
{
    return (struct in_addr){ address.s_addr & htonl(~0u << (32 - PLAN_PREFIX_LENGTH)) };
}

void settings_address(FILE *batch, const struct plan_port *port, const struct plan_port *peer,
                      const char *congestion)
{
    char own[INET_ADDRSTRLEN];
    fprintf(batch, "addr add %s/%d dev %s noprefixroute\n", dotted(port->address, own),
            PLAN_PREFIX_LENGTH, port->interface);
    settings_bring_up(batch, port, peer, congestion);
}

void settings_bring_up(FILE *batch, const struct plan_port *port, const struct plan_port *peer,
                       const char *congestion)
{
    char own[INET_ADDRSTRLEN], other[INET_ADDRSTRLEN], subnet[INET_ADDRSTRLEN];
    char mac[MAC_TEXT_SIZE];
    fprintf(batch, "link set dev %s up\n", port->interface);
    fprintf(batch, "route add %s/%d dev %s scope link src %s congctl %s\n",
            dotted(subnet_of(port->address), subnet), PLAN_PREFIX_LENGTH, port->interface,
            dotted(port->address, own), congestion);
    fprintf(batch, "neigh replace %s lladdr %s dev %s nud permanent\n", dotted(peer->address, other),
            settings_mac(peer->address, mac), port->interface);
}

/* A queue should take several segments; and two full frames are never too many. */
#define SEGMENTS_IN_QUEUE   4
#define SEGMENT_LIMIT_LEAST (2 * 1514)
#define SEGMENT_USUAL_MAX   65536

static void take_shorter(uint64_t *shortest, const struct plan_link *link)
{
    const struct plan_port *ports[] = { &link->host, &link->router };
    for (size_t i = 0; i < ARRAY_LENGTH(ports); i++)
        if (ports[i]->rate_bps > 0 && ports[i]->queue_bytes / SEGMENTS_IN_QUEUE < *shortest)
            *shortest = ports[i]->queue_bytes / SEGMENTS_IN_QUEUE;
}

/* A shaper that is slowed down gets a smaller bucket, and what waits in its queue by then must
 * fit that one too: a packet larger than the bucket would be stuck for good. */
static void take_later_buckets(uint64_t *shortest, const struct plan *plan,
                               const struct fault_spec *fault)
{
    struct plan_link link = plan->links[fault->host];
    plan_change_rates(plan->experiment, fault->host, fault->up_bps, fault->down_bps, &link);
    take_shorter(shortest, &link);
    const struct plan_port *ports[] = { &link.host, &link.router };
    for (size_t i = 0; i < ARRAY_LENGTH(ports); i++)
        if (ports[i]->rate_bps > 0 && ports[i]->burst_bytes < *shortest)
            *shortest = ports[i]->burst_bytes;
}

uint64_t settings_segment_limit(const struct plan *plan)
{
    const struct experiment *experiment = plan->experiment;
    uint64_t limit = SEGMENT_USUAL_MAX;
    for (size_t i = 0; i < experiment->host_count; i++)
        take_shorter(&limit, &plan->links[i]);
    for (size_t i = 0; i < experiment->fault_count; i++)
        if (experiment->faults[i].kind == FAULT_LINK_RATE)
            take_later_buckets(&limit, plan, &experiment->faults[i]);
    if (limit == SEGMENT_USUAL_MAX)
        return 0;
    return limit > SEGMENT_LIMIT_LEAST ? limit : SEGMENT_LIMIT_LEAST;
}

void settings_limit_segments(FILE *batch, const struct plan_port *port, uint64_t limit)
{
    if (limit > 0)
        fprintf(batch, "link set dev %s gso_max_size %" PRIu64 "\n", port->interface, limit);
}

void settings_default_route(FILE *batch, const struct plan_link *link, const char *congestion)
{
    char gateway[INET_ADDRSTRLEN];
    fprintf(batch, "route add default via %s dev %s congctl %s\n",
            dotted(link->router.address, gateway), link->host.interface, congestion);
}

static bool has_netem(const struct plan_link *link)
{
    return link->delay_ns > 0 || link->loss > 0;
}

static const char *shaper_parent(const struct plan_link *link)
{
    return has_netem(link) ? "parent 10:1" : "root";
}

static void put_shaper(FILE *batch, const char *verb, const struct plan_port *port,
                       const struct plan_link *link)
{
    fprintf(batch,
            "qdisc %s dev %s %s handle 5: tbf rate %" PRIu64 "bit burst %" PRIu64 " limit %" PRIu64
            "\n",
            verb, port->interface, shaper_parent(link), port->rate_bps, port->burst_bytes,
            port->queue_bytes);
}

/* Mininet's own shaper is HTB with a queue of 1000 packets, each of which may be a 64 KiB
 * burst of segments. TBF has a queue bounded in bytes, and splits what is larger than its
 * bucket into frames. With netem it is netem's child: delay first, then the shaper, which
 * makes the same of a flow as the other way round. */
void settings_shape(FILE *batch, const struct plan_port *port, const struct plan_link *link)
{
    if (has_netem(link)) {
        fprintf(batch, "qdisc add dev %s root handle 10: netem limit %d", port->interface,
                NETEM_LIMIT_PACKETS);
        if (link->delay_ns > 0)
            fprintf(batch, " delay %" PRIu64 "ns", link->delay_ns);
        if (link->loss > 0)
            fprintf(batch, " loss %.6f%%", link->loss * 100);
        fputc('\n', batch);
    }
    if (port->rate_bps > 0)
        put_shaper(batch, "add", port, link);
}

void settings_reshape(FILE *batch, const struct plan_port *from, const struct plan_port *to,
                      const struct plan_link *link)
{
    if (from->rate_bps > 0 && to->rate_bps == 0)
        fprintf(batch, "qdisc del dev %s %s\n", to->interface, shaper_parent(link));
    else if (to->rate_bps > 0)
        put_shaper(batch, from->rate_bps > 0 ? "change" : "add", to, link);
}

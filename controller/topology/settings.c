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
    char own[INET_ADDRSTRLEN], other[INET_ADDRSTRLEN], subnet[INET_ADDRSTRLEN];
    char mac[MAC_TEXT_SIZE];
    dotted(port->address, own);
    fprintf(batch, "addr add %s/%d dev %s noprefixroute\n", own, PLAN_PREFIX_LENGTH,
            port->interface);
    fprintf(batch, "link set dev %s up\n", port->interface);
    fprintf(batch, "route add %s/%d dev %s scope link src %s congctl %s\n",
            dotted(subnet_of(port->address), subnet), PLAN_PREFIX_LENGTH, port->interface, own,
            congestion);
    fprintf(batch, "neigh add %s lladdr %s dev %s nud permanent\n", dotted(peer->address, other),
            settings_mac(peer->address, mac), port->interface);
}

/* A queue should take several segments; and two full frames are never too many. */
#define SEGMENTS_IN_QUEUE   4
#define SEGMENT_LIMIT_LEAST (2 * 1514)
#define SEGMENT_USUAL_MAX   65536

uint64_t settings_segment_limit(const struct plan *plan)
{
    uint64_t shortest = SEGMENTS_IN_QUEUE * SEGMENT_USUAL_MAX;
    for (size_t i = 0; i < plan->experiment->host_count; i++) {
        const struct plan_port *ports[] = { &plan->links[i].host, &plan->links[i].router };
        for (size_t k = 0; k < ARRAY_LENGTH(ports); k++)
            if (ports[k]->rate_bps > 0 && ports[k]->queue_bytes < shortest)
                shortest = ports[k]->queue_bytes;
    }
    uint64_t limit = shortest / SEGMENTS_IN_QUEUE;
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

/* Mininet's own shaper is HTB with a queue of 1000 packets, each of which may be a 64 KiB
 * burst of segments. TBF has a queue bounded in bytes, and splits what is larger than its
 * bucket into frames. With netem it is netem's child: delay first, then the shaper, which
 * makes the same of a flow as the other way round. */
void settings_shape(FILE *batch, const struct plan_port *port, const struct plan_link *link)
{
    bool netem = link->delay_ns > 0 || link->loss > 0;
    if (netem) {
        fprintf(batch, "qdisc add dev %s root handle 10: netem limit %d", port->interface,
                NETEM_LIMIT_PACKETS);
        if (link->delay_ns > 0)
            fprintf(batch, " delay %" PRIu64 "ns", link->delay_ns);
        if (link->loss > 0)
            fprintf(batch, " loss %.6f%%", link->loss * 100);
        fputc('\n', batch);
    }
    if (port->rate_bps > 0)
        fprintf(batch,
                "qdisc add dev %s %s handle 5: tbf rate %" PRIu64 "bit burst %" PRIu64
                " limit %" PRIu64 "\n",
                port->interface, netem ? "parent 10:1" : "root", port->rate_bps, port->burst_bytes,
                port->queue_bytes);
}

/* What the server tells peers beside blocks and work: digests, each other's addresses, and that it
 * is there. */
#include "labctl/event.h"
#include "lib/p2p_member.h"

/* Peers introduced in one message. */
#define PEERS_AT_ONCE 256

/* Peers are told of those that came no more often than this. */
#define INTRODUCE_NS 50000000ull

/* Before any block is handed out peers are told so many bytes of digests, all together, and each
 * of them of so many blocks at least: what fits the queue of any link. */
#define DIGESTS_FIRST_BYTES (48u << 10)
#define DIGESTS_FIRST_LEAST 64

bool p2p_takes_part(const struct p2p_member *member)
{
    return member->peer != P2P_NO_PEER && sched_knows(member->server->sched, member->peer);
}

/* A page of digests behind those that it was told, up to those of `until` blocks. */
static void send_digests(struct p2p_member *member, uint32_t until)
{
    struct blocks *blocks = &member->server->blocks;
    uint32_t most = wire_entries_max(WIRE_DIGESTS), left = until - member->digests;
    struct wire_message page = { .type = WIRE_DIGESTS,
                                 .block = member->digests,
                                 .count = left < most ? left : most,
                                 .words = blocks->digests[member->digests] };
    channel_send(&member->channel, &page);
    member->digests += page.count;
}

/* Of how many blocks a peer should know the digests by now. With few peers and blocks each knows
 * all from the beginning; but the table of a large file for many peers would keep the server's
 * uplink busy, or overflow it, before the first block is sent. Then each is told of up to four
 * times as many blocks as have been handed out: a digest is there long before its block. */
static uint32_t digests_due(const struct p2p_server *server)
{
    uint32_t first = DIGESTS_FIRST_BYTES / (WIRE_DIGEST_WORDS * 4) / server->node->args.clients;
    uint64_t due = 4 * (uint64_t)sched_fresh(server->sched) +
                   (first > DIGESTS_FIRST_LEAST ? first : DIGESTS_FIRST_LEAST);
    return due < server->blocks.count ? (uint32_t)due : server->blocks.count;
}

void p2p_tell_digests(struct p2p_member *member, uint32_t block)
{
    while (member->digests <= block)
        send_digests(member, digests_due(member->server));
}

/* A page as soon as the one before has gone: a table of a large file is not held in memory once
 * for each peer. When a peer knows what is due, it takes part; later it is told many at a time,
 * when half of its lead is gone. */
int p2p_keep_informed(struct p2p_member *member, struct lab_error *err)
{
    struct p2p_server *server = member->server;
    uint32_t due = digests_due(server);
    uint32_t lead = (due - sched_fresh(server->sched)) / 2;
    if (p2p_takes_part(member) && member->digests >= due - lead)
        return 0;
    channel_flush(&member->channel);
    while (member->digests < due && !channel_has_output(&member->channel)) {
        send_digests(member, due);
        channel_flush(&member->channel);
    }
    if (p2p_takes_part(member) || member->digests < due || !channel_is_open(&member->channel))
        return 0;
    member->gained_ns = member->heard_ns = event_now();
    return sched_take_part(server->sched, member->peer, err);
}

void p2p_send_peers(struct p2p_member *member)
{
    struct p2p_server *server = member->server;
    uint32_t words[PEERS_AT_ONCE * WIRE_PEER_WORDS];
    while (member->knows < sched_peers(server->sched)) {
        uint32_t count = 0, *word = words;
        for (; member->knows < sched_peers(server->sched) && count < PEERS_AT_ONCE;
             member->knows++) {
            struct p2p_member *other = server->peers[member->knows];
            if (!other || other == member)
                continue;
            *word++ = other->peer;
            *word++ = ntohl(other->channel.address.sin_addr.s_addr);
            *word++ = other->port;
            count++;
        }
        if (count)
            channel_send(
                &member->channel,
                &(struct wire_message){ .type = WIRE_PEERS, .count = count, .words = words });
    }
}

/* Introduce newcomers, so that the peers find each other even when the server dies; and let
 * everybody know now and then that it has not. Returns when to do so again. */
uint64_t p2p_say_signs(struct p2p_server *server, uint64_t now)
{
    bool sign = now >= server->sign_ns, newcomers = false;
    for (struct p2p_member *member = server->members; member; member = member->next) {
        if (member->peer == P2P_NO_PEER)
            continue;
        if (now >= server->introduce_ns && p2p_takes_part(member))
            p2p_send_peers(member);
        newcomers |= member->knows < sched_peers(server->sched);
        if (sign && !channel_has_output(&member->channel))
            channel_send(&member->channel, &(struct wire_message){ .type = WIRE_PEERS });
    }
    if (now >= server->introduce_ns)
        server->introduce_ns = now + INTRODUCE_NS;
    if (sign)
        server->sign_ns = now + P2P_SERVER_SIGN_NS;
    if (!server->members)
        return LOOP_NEVER;
    return newcomers ? server->introduce_ns : server->sign_ns;
}

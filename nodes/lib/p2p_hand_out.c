#include "labctl/event.h"
#include "lib/p2p_member.h"

/* "Pass this block on to these", the first `count` of server->share. */
static void send_share(struct p2p_member *member, uint32_t block, uint32_t count, bool answers)
{
    struct p2p_server *server = member->server;
    uint32_t most = wire_entries_max(WIRE_SHARE);
    for (uint32_t done = 0; done < count || answers; done += most, answers = false)
        channel_send(&member->channel,
                     &(struct wire_message){ .type = WIRE_SHARE,
                                             .block = block,
                                             .asks = answers,
                                             .count = count - done < most ? count - done : most,
                                             .words = server->share + done });
}

void p2p_member_sent(struct channel *channel)
{
    struct p2p_member *member = channel->owner;
    struct p2p_server *server = member->server;
    uint32_t block = sched_sending(server->sched, member->peer);
    uint64_t now = event_now();
    uplink_end(&server->uplink, &member->send, now);
    if (!member->awaits) {
        member->awaits = true;
        member->awaited = block;
        member->awaited_ns = now;
    }
    bool answers;
    uint32_t count =
        sched_sent(server->sched, member->peer, member->send.slow, server->share, &answers);
    p2p_send_peers(member);
    send_share(member, block, count, answers);
}

static void start_send(struct p2p_server *server, uint32_t block, uint32_t peer)
{
    struct p2p_member *member = server->peers[peer];
    uint64_t from = blocks_offset(&server->blocks, block);
    uint32_t length = blocks_length(&server->blocks, block);
    uplink_begin(&server->uplink, &member->send, length, event_now());
    p2p_tell_digests(member, block);
    channel_send(&member->channel,
                 &(struct wire_message){ .type = WIRE_FILE_PART, .block = block, .bytes = length });
    channel_send_file(&member->channel, server->file_fd, from, from + length);
    channel_flush(&member->channel);
}

/* How full is the interface? */
static void look_at_uplink(struct p2p_server *server, uint64_t now)
{
    uint64_t bytes = 0;
    if (!uplink_look_due(&server->uplink, now))
        return;
    for (struct p2p_member *member = server->members; member; member = member->next) {
        uint32_t leaving = member->send.leaving ? channel_leaving(&member->channel) : 0;
        member->send.leaving = member->send.active || leaving;
        bytes += leaving;
    }
    uplink_looked(&server->uplink, bytes, now);
}

static bool next_send(struct p2p_server *server, uint32_t *block, uint32_t *peer)
{
    look_at_uplink(server, event_now());
    return uplink_has_room(&server->uplink) && sched_next_send(server->sched, block, peer);
}

uint64_t p2p_hand_out(struct p2p_server *server, uint64_t now)
{
    uint32_t peer, block, count;
    while (next_send(server, &block, &peer))
        start_send(server, block, peer);
    while (sched_next_share(server->sched, &peer, &block, server->share, &count)) {
        p2p_send_peers(server->peers[peer]);
        send_share(server->peers[peer], block, count, true);
    }
    bool idle = uplink_has_room(&server->uplink);
    if (sched_next_recall(server->sched, idle, &peer, &count))
        channel_send(&server->peers[peer]->channel,
                     &(struct wire_message){ .type = WIRE_RECALL, .copies = count });
    return idle ? LOOP_NEVER : now + UPLINK_LOOK_NS;
}

#include "lib/p2p_member.h"

#include <string.h>
#include <sys/epoll.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"

/* How long those who have the file wait for expected peers that have not come. */
#define LATE_NS 10000000000ull

/* --- what peers say -------------------------------------------------------- */

/* Room for one more, before it has a number: all numbers are looked up. */
static int make_peer_room(struct p2p_server *server, struct lab_error *err)
{
    uint32_t count = sched_peers(server->sched);
    if (count < server->peer_room)
        return 0;
    uint32_t room = 2 * count + 16;
    struct p2p_member **peers = realloc(server->peers, room * sizeof(struct p2p_member *));
    server->peers = peers ? peers : server->peers;
    uint32_t *share = realloc(server->share, room * sizeof(*share));
    server->share = share ? share : server->share;
    if (!peers || !share)
        return lab_error_memory(err);
    server->peer_room = room;
    return 0;
}

/* "file length": the connection becomes a peer. */
static int take_length_ask(struct p2p_member *member, const struct wire_message *message,
                           struct lab_error *err)
{
    struct p2p_server *server = member->server;
    uint32_t number;
    if (member->peer != P2P_NO_PEER || message->port == 0 || message->port > UINT16_MAX)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "`file length` asked twice, or without a port");
    if (make_peer_room(server, err) || sched_join(server->sched, &number, err))
        return -1;
    member->peer = number;
    member->port = (uint16_t)message->port;
    server->peers[number] = member;
    server->open++;
    visit_asked(&member->visit, server->node, &member->channel);
    channel_send(&member->channel, &(struct wire_message){ .type = WIRE_FILE_LENGTH,
                                                           .bytes = server->blocks.file_bytes,
                                                           .block_size = server->blocks.block_size,
                                                           .round = server->blocks.round,
                                                           .rounds = server->blocks.rounds,
                                                           .blocks = server->blocks.count,
                                                           .peer = number,
                                                           .count = 1,
                                                           .words = server->table });
    return 0;
}

static bool is_block(const struct p2p_server *server, uint32_t block)
{
    return block < server->blocks.count;
}

static void log_distrust(struct p2p_member *member, uint32_t block, const char *accuser)
{
    struct event_writer *events = &member->server->node->events;
    event_begin(events, EVENT_DISTRUST, 0);
    event_string(events, "peer", member->channel.name);
    event_integer(events, "block", block);
    event_string(events, "by", accuser);
    event_end(events);
    node_say("%s sent block %u broken, says %s: it passes nothing on any more",
             member->channel.name, block, accuser);
}

/* "file part": a block that nobody brings, or one that came broken from message->peer. */
static int take_part_ask(struct p2p_member *member, const struct wire_message *message,
                         struct lab_error *err)
{
    struct sched *sched = member->server->sched;
    if (message->block == WIRE_ANY_BLOCK) {
        sched_ask(sched, member->peer);
        return 0;
    }
    if (!is_block(member->server, message->block))
        return lab_error_set(err, LAB_ERR_PROTOCOL, "block %u of %u was asked for", message->block,
                             member->server->blocks.count);
    if (message->peer != member->peer && sched_knows(sched, message->peer) &&
        sched_distrust(sched, message->peer))
        log_distrust(member->server->peers[message->peer], message->block, member->channel.name);
    if (message->block < sched_fresh(sched)) /* another one will come anyway */
        sched_refetch(sched, member->peer, message->block);
    return 0;
}

static int take_have(struct p2p_member *member, const struct wire_message *message,
                     struct lab_error *err)
{
    for (uint32_t i = 0; i < message->count; i++) {
        uint32_t block = wire_entry_word(message, i, 0);
        if (!is_block(member->server, block))
            return lab_error_set(err, LAB_ERR_PROTOCOL, "says it has block %u of %u", block,
                                 member->server->blocks.count);
        sched_have(member->server->sched, member->peer, block);
        p2p_watch_gain(member, block);
    }
    sched_load(member->server->sched, member->peer, message->copies, message->drain_us);
    return 0;
}

static int take_returned(struct p2p_member *member, const struct wire_message *message,
                         struct lab_error *err)
{
    struct sched *sched = member->server->sched;
    for (uint32_t i = 0; i < message->count; i++) {
        uint32_t block = wire_entry_word(message, i, 0), to = wire_entry_word(message, i, 1);
        if (!is_block(member->server, block) || to >= sched_peers(sched))
            return lab_error_set(err, LAB_ERR_PROTOCOL, "returned block %u for peer %u", block, to);
        if (sched_knows(sched, to))
            sched_returned(sched, member->peer, block, to);
    }
    sched_recall_answered(sched, member->peer);
    sched_load(sched, member->peer, message->copies, message->drain_us);
    return 0;
}

static int take_time_consume(struct p2p_member *member, const struct wire_message *message,
                             struct lab_error *err)
{
    struct event_writer *events = &member->server->node->events;
    if (member->reported)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a second `time consume`");
    member->reported = true;
    member->server->reported++;
    event_begin(events, EVENT_REPORT, 0);
    event_string(events, "peer", member->channel.name);
    event_real(events, "seconds", visit_seconds(message->nanoseconds));
    event_integer(events, "bytes", (int64_t)message->bytes);
    event_end(events);
    node_say("%s had %llu bytes after %.6f seconds", member->channel.name,
             (unsigned long long)message->bytes, visit_seconds(message->nanoseconds));
    return 0;
}

/* What only one says that knows the file's length. */
static int take_word(struct p2p_member *member, const struct wire_message *message,
                     struct lab_error *err)
{
    switch (message->type) {
    case WIRE_PART_ASK:
        return take_part_ask(member, message, err);
    case WIRE_HAVE:
        return take_have(member, message, err);
    case WIRE_RETURNED:
        return take_returned(member, message, err);
    default:
        return take_time_consume(member, message, err);
    }
}

static int member_message(struct channel *channel, const struct wire_message *message,
                          struct lab_error *err)
{
    struct p2p_member *member = channel->owner;
    member->heard_ns = event_now();
    if (message->type == WIRE_LENGTH_ASK)
        return take_length_ask(member, message, err);
    if (member->peer == P2P_NO_PEER || !sched_knows(member->server->sched, member->peer))
        return lab_error_set(err, LAB_ERR_PROTOCOL, "`%s` before the file's length is known",
                             wire_type_name(message->type));
    sched_speaks(member->server->sched, member->peer);
    int failed = take_word(member, message, err);
    member->worked |= !failed;
    return failed;
}

/* --- coming and going ------------------------------------------------------ */

static void forget_peer(struct p2p_member *member)
{
    struct p2p_server *server = member->server;
    uplink_abort(&server->uplink, &member->send);
    sched_leave(server->sched, member->peer);
    server->peers[member->peer] = NULL;
    server->open--;
    for (uint32_t i = 0; i < sched_peers(server->sched); i++)
        if (server->peers[i] && server->peers[i]->knows > member->peer)
            channel_send(&server->peers[i]->channel,
                         &(struct wire_message){ .type = WIRE_PEER_GONE, .peer = member->peer });
}

/* Whoever asks for the length and nothing else may be anybody who looked in. If it was one of
 * those who are expected, it will be missed, and whoever started it knows that it died. */
static bool is_lost(const struct p2p_member *member)
{
    return member->worked && !member->reported;
}

static void member_closed(struct channel *channel, const struct lab_error *reason)
{
    struct p2p_member *member = channel->owner;
    struct p2p_server *server = member->server;
    struct lab_error lost = LAB_ERROR_INIT;

    visit_end(&member->visit, server->node, channel,
              reason ? reason->message : "closed by the peer");
    if (member->peer != P2P_NO_PEER)
        forget_peer(member);
    if (is_lost(member)) {
        server->lost++;
        lab_error_set(&lost, LAB_ERR_NODE, "peer %s left before it had the file%s%s", channel->name,
                      reason ? ": " : "", reason ? reason->message : "");
        reason = &lost;
    }
    if (reason && !member->reported)
        node_report_error(server->node, reason);

    server->listener.open--;

    struct p2p_member **link = &server->members;
    while (*link != member)
        link = &(*link)->next;
    *link = member->next;
    member->next = server->closed;
    server->closed = member;
}

static const struct channel_ops member_ops = {
    .message = member_message,
    .sent = p2p_member_sent,
    .closed = member_closed,
};

void p2p_server_adopt(struct p2p_server *server, int fd, const struct sockaddr_in *from)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct p2p_member *member = calloc(1, sizeof(*member));
    if (!member) {
        close(fd);
        return;
    }
    member->server = server;
    member->peer = P2P_NO_PEER;
    member->rescued = WIRE_ANY_BLOCK;
    member->heard_ns = event_now();
    member->visit = (struct visit){ .number = ++server->accepted, .accepted_ns = member->heard_ns };
    net_tune_blocks(fd);
    net_watch_path(fd);
    if (channel_open(&member->channel, &server->node->loop, fd, from, WIRE_FROM_P2P_PEER,
                     &member_ops, member, &err)) {
        node_report_error(server->node, &err);
        free(member);
        return;
    }
    member->next = server->members;
    server->members = member;
    server->listener.open++;
    visit_begin(&member->visit, server->node, &member->channel);
}

static void take_over(void *server, int fd, const struct sockaddr_in *from)
{
    p2p_server_adopt(server, fd, from);
}

/* Those who are no peers yet are in the order in which they came, the last one first. */
static bool make_room(void *owner)
{
    struct p2p_server *server = owner;
    struct p2p_member *idle = NULL;
    struct lab_error err = LAB_ERROR_INIT;
    for (struct p2p_member *member = server->members; member; member = member->next)
        if (member->peer == P2P_NO_PEER)
            idle = member;
    if (!idle)
        return false;
    lab_error_set(&err, LAB_ERR_PROTOCOL, "it asked for nothing, and others came");
    channel_fail(&idle->channel, &err);
    return true;
}

static const struct listener_ops listener_ops = { .adopt = take_over, .make_room = make_room };

/* --- the whole ------------------------------------------------------------- */

static void free_list(struct p2p_member **list)
{
    while (*list) {
        struct p2p_member *next = (*list)->next;
        channel_close(&(*list)->channel);
        free(*list);
        *list = next;
    }
}

int p2p_server_open(struct p2p_server *server, struct node *node, struct lab_error *err)
{
    uint64_t bytes;
    *server = (struct p2p_server){ .node = node, .file_fd = -1, .listener.watch.fd = -1 };
    uplink_init(&server->uplink, UPLINK_WIDTH_SERVER);
    server->file_fd = node_open_file(node->args.file, &bytes, err);
    if (server->file_fd < 0)
        return -1;
    uint32_t peers = node->args.clients;
    uint32_t size = node->args.block_size ? node->args.block_size : blocks_size(bytes, peers);
    if (blocks_init(&server->blocks, bytes, size, peers, blocks_rounds(bytes, size, peers), err) ||
        blocks_digest_file(&server->blocks, server->file_fd, err))
        return -1;
    if (!blocks_digest_table(&server->blocks, server->table))
        return lab_error_memory(err);
    uplink_expect(&server->uplink, size);
    server->sched = sched_new(server->blocks.count, err);
    if (!server->sched)
        return -1;
    return listener_open(&server->listener, node, &listener_ops, server, err);
}

void p2p_server_close(struct p2p_server *server)
{
    free_list(&server->members);
    free_list(&server->closed);
    sched_free(server->sched);
    blocks_free(&server->blocks);
    free(server->share);
    free(server->peers);
    listener_close(&server->listener);
    if (server->file_fd >= 0)
        close(server->file_fd);
}

static bool all_have_it(const struct p2p_server *server)
{
    for (const struct p2p_member *member = server->members; member; member = member->next)
        if (member->peer != P2P_NO_PEER && !member->reported)
            return false;
    return server->reported + server->lost > 0;
}

/* Everybody has the file, or has left: tell those who still serve. Those who have not come
 * yet are waited for, but not for ever, since they may never come. */
static void end_if_over(struct p2p_server *server, uint64_t now)
{
    bool all_came = server->reported + server->lost >= server->node->args.clients;
    if (!all_have_it(server)) {
        server->done_ns = 0;
        return;
    }
    if (!server->done_ns)
        server->done_ns = now;
    if (!all_came && now - server->done_ns < LATE_NS)
        return;
    for (struct p2p_member *member = server->members; member; member = member->next) {
        if (member->peer != P2P_NO_PEER && !member->told_over)
            channel_send(&member->channel, &(struct wire_message){ .type = WIRE_OVER });
        member->told_over = true;
    }
    if (all_came && server->open == 0)
        server->node->loop.stop = true;
}

static void keep_all_informed(struct p2p_server *server)
{
    struct lab_error err = LAB_ERROR_INIT;
    for (struct p2p_member *member = server->members, *after; member; member = after) {
        after = member->next;
        if (member->peer != P2P_NO_PEER && p2p_keep_informed(member, &err))
            channel_fail(&member->channel, &err);
    }
}

uint64_t p2p_server_turn(void *owner)
{
    struct p2p_server *server = owner;
    uint64_t now = event_now(), next = p2p_watch_members(server, now),
             sign = p2p_say_signs(server, now),
             room = listener_turn(&server->listener, server->node);
    keep_all_informed(server);
    uint64_t look = p2p_hand_out(server, now);
    end_if_over(server, now);
    for (struct p2p_member *member = server->members, *after; member; member = after) {
        after = member->next;
        channel_flush(&member->channel);
    }
    free_list(&server->closed);
    node_flush(server->node);
    next = next < look ? next : look;
    next = next < sign ? next : sign;
    return next < room ? next : room;
}

int p2p_server_run(struct node *node, struct lab_error *err)
{
    struct p2p_server server;
    int status = p2p_server_open(&server, node, err);
    if (!status) {
        node_event_ready(node, true);
        status = loop_run(&node->loop, p2p_server_turn, &server, err);
    }
    if (!status && server.lost)
        status = lab_error_set(err, LAB_ERR_NODE, "%u of %u peers left before they had the file",
                               server.lost, node->args.clients);
    p2p_server_close(&server);
    return status;
}

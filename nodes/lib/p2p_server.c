#include "lib/p2p_server.h"

#include <string.h>
#include <sys/epoll.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"

#define NO_PEER UINT32_MAX

/* A peer should say that it has a block within this many times the patience there is with
 * a send; it tells of several at once, and the queues on the way may be full. */
#define ARRIVAL_FACTOR 2

/* Peers introduced in one message. */
#define PEERS_AT_ONCE 256

struct p2p_member {
    struct channel channel;
    struct p2p_member *next;
    struct p2p_server *server; /* borrowed */
    uint32_t connection;       /* counted from 1 */
    uint32_t peer;             /* number, or NO_PEER until it has asked for the length */
    uint16_t port;             /* where it listens */
    uint32_t digests;          /* of this many blocks it was told */
    uint32_t knows;            /* it was told of the peers below this number */
    uint64_t accepted_ns;
    struct uplink_send send;
    bool awaits;         /* it has not said yet that it has `awaited` */
    uint32_t awaited;    /* a block that was sent to it, */
    uint64_t awaited_ns; /* at this time */
    bool reported;
};

#define SECONDS(ns) ((double)(ns) / 1e9)

/* --- what peers say -------------------------------------------------------- */

static int remember_peer(struct p2p_member *member, struct lab_error *err)
{
    struct p2p_server *server = member->server;
    if (member->peer >= server->peer_room) {
        uint32_t room = 2 * member->peer + 16;
        struct p2p_member **peers = realloc(server->peers, room * sizeof(struct p2p_member *));
        server->peers = peers ? peers : server->peers;
        uint32_t *share = realloc(server->share, room * sizeof(*share));
        server->share = share ? share : server->share;
        if (!peers || !share)
            return lab_error_memory(err);
        server->peer_room = room;
    }
    server->peers[member->peer] = member;
    server->open++;
    return 0;
}

/* "file length": the connection becomes a peer. */
static int take_length_ask(struct p2p_member *member, const struct wire_message *message,
                           struct lab_error *err)
{
    struct p2p_server *server = member->server;
    uint32_t number;
    if (member->peer != NO_PEER || message->port == 0 || message->port > UINT16_MAX)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "`file length` asked twice, or without a port");
    if (sched_join(server->sched, &number, err))
        return -1;
    member->peer = number;
    member->port = (uint16_t)message->port;
    if (remember_peer(member, err))
        return -1;
    channel_send(&member->channel, &(struct wire_message){ .type = WIRE_FILE_LENGTH,
                                                           .bytes = server->blocks.file_bytes,
                                                           .block_size = server->blocks.block_size,
                                                           .blocks = server->blocks.count,
                                                           .peer = number });
    return 0;
}

static bool is_block(const struct p2p_server *server, uint32_t block)
{
    return block < server->blocks.count;
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
    if (message->peer != member->peer && sched_knows(sched, message->peer))
        sched_distrust(sched, message->peer);
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
        member->awaits &= block != member->awaited;
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
    event_real(events, "seconds", SECONDS(message->nanoseconds));
    event_integer(events, "bytes", (int64_t)message->bytes);
    event_end(events);
    node_say("%s had %llu bytes after %.6f seconds", member->channel.name,
             (unsigned long long)message->bytes, SECONDS(message->nanoseconds));
    return 0;
}

static int member_message(struct channel *channel, const struct wire_message *message,
                          struct lab_error *err)
{
    struct p2p_member *member = channel->owner;
    if (message->type == WIRE_LENGTH_ASK)
        return take_length_ask(member, message, err);
    if (member->peer == NO_PEER || !sched_knows(member->server->sched, member->peer))
        return lab_error_set(err, LAB_ERR_PROTOCOL, "`%s` before the file's length is known",
                             wire_type_name(message->type));
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

/* --- what peers are told --------------------------------------------------- */

static bool takes_part(const struct p2p_member *member)
{
    return member->peer != NO_PEER && sched_knows(member->server->sched, member->peer);
}

/* The digests of all blocks, a page as soon as the one before has gone: a table of a
 * large file is not held in memory once for each peer. Then the peer takes part. */
static int send_digests(struct p2p_member *member, struct lab_error *err)
{
    struct blocks *blocks = &member->server->blocks;
    uint32_t most = wire_entries_max(WIRE_DIGESTS);
    channel_flush(&member->channel);
    while (member->digests < blocks->count && !channel_has_output(&member->channel)) {
        uint32_t left = blocks->count - member->digests;
        struct wire_message page = { .type = WIRE_DIGESTS,
                                     .block = member->digests,
                                     .count = left < most ? left : most,
                                     .words = blocks->digests[member->digests] };
        channel_send(&member->channel, &page);
        channel_flush(&member->channel);
        member->digests += page.count;
    }
    if (member->digests < blocks->count || !channel_is_open(&member->channel))
        return 0;
    return sched_take_part(member->server->sched, member->peer, err);
}

/* Tell it of the peers that came since it was told last. */
static void send_peers(struct p2p_member *member)
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

static void member_sent(struct channel *channel)
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
    send_peers(member);
    send_share(member, block, count, answers);
}

static void start_send(struct p2p_server *server, uint32_t block, uint32_t peer)
{
    struct p2p_member *member = server->peers[peer];
    uint64_t from = blocks_offset(&server->blocks, block);
    uint32_t length = blocks_length(&server->blocks, block);
    uplink_begin(&server->uplink, &member->send, event_now());
    channel_send(&member->channel,
                 &(struct wire_message){ .type = WIRE_FILE_PART, .block = block, .bytes = length });
    channel_send_file(&member->channel, server->file_fd, from, from + length);
    channel_flush(&member->channel);
}

static void hand_out(struct p2p_server *server)
{
    uint32_t peer, block, count;
    while (uplink_has_room(&server->uplink) && sched_next_send(server->sched, &block, &peer))
        start_send(server, block, peer);
    while (sched_next_share(server->sched, &peer, &block, server->share, &count)) {
        send_peers(server->peers[peer]);
        send_share(server->peers[peer], block, count, true);
    }
    bool idle = uplink_has_room(&server->uplink);
    if (sched_next_recall(server->sched, idle, &peer, &count))
        channel_send(&server->peers[peer]->channel,
                     &(struct wire_message){ .type = WIRE_RECALL, .copies = count });
}

/* --- coming and going ------------------------------------------------------ */

static void log_close(struct p2p_member *member, const char *reason)
{
    struct channel *channel = &member->channel;
    struct event_writer *events = &member->server->node->events;
    event_begin(events, EVENT_CLOSE, 0);
    event_integer(events, "connection", member->connection);
    event_string(events, "peer", channel->name);
    event_integer(events, "bytes_sent", (int64_t)channel->bytes_sent);
    event_integer(events, "bytes_received", (int64_t)channel->bytes_received);
    event_string(events, "reason", reason);
    event_end(events);
    node_say("Connection from %s closed after %.6f seconds", channel->name,
             SECONDS(event_now() - member->accepted_ns));
}

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

static void member_closed(struct channel *channel, const struct lab_error *reason)
{
    struct p2p_member *member = channel->owner;
    struct p2p_server *server = member->server;
    struct lab_error lost = LAB_ERROR_INIT;

    log_close(member, reason ? reason->message : "closed by the peer");
    if (member->peer != NO_PEER) {
        forget_peer(member);
        if (!member->reported) {
            server->lost++;
            lab_error_set(&lost, LAB_ERR_NODE, "peer %s left before it had the file%s%s",
                          channel->name, reason ? ": " : "", reason ? reason->message : "");
            reason = &lost;
        }
    }
    if (reason && !member->reported)
        node_report_error(server->node, reason);

    struct p2p_member **link = &server->members;
    while (*link != member)
        link = &(*link)->next;
    *link = member->next;
    member->next = server->closed;
    server->closed = member;
}

static const struct channel_ops member_ops = {
    .message = member_message,
    .sent = member_sent,
    .closed = member_closed,
};

static void log_accept(struct p2p_member *member)
{
    struct event_writer *events = &member->server->node->events;
    event_begin(events, EVENT_ACCEPT, member->accepted_ns);
    event_integer(events, "connection", member->connection);
    event_string(events, "peer", member->channel.name);
    event_end(events);
    node_say("Accept new connection from %s", member->channel.name);
}

void p2p_server_adopt(struct p2p_server *server, int fd, const struct sockaddr_in *from)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct p2p_member *member = calloc(1, sizeof(*member));
    if (!member) {
        close(fd);
        return;
    }
    member->server = server;
    member->connection = ++server->accepted;
    member->peer = NO_PEER;
    member->accepted_ns = event_now();
    net_tune_blocks(fd);
    if (channel_open(&member->channel, &server->node->loop, fd, from, WIRE_FROM_P2P_PEER,
                     &member_ops, member, &err)) {
        node_report_error(server->node, &err);
        free(member);
        return;
    }
    member->next = server->members;
    server->members = member;
    log_accept(member);
}

static void listener_ready(struct watch *watch, uint32_t events)
{
    struct p2p_server *server =
        (struct p2p_server *)((char *)watch - offsetof(struct p2p_server, listener));
    struct sockaddr_in from;
    int fd;
    (void)events;
    while ((fd = net_accept(watch->fd, &from)) >= 0)
        p2p_server_adopt(server, fd, &from);
}

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
    *server = (struct p2p_server){ .node = node, .file_fd = -1, .listener = { .fd = -1 } };
    uplink_init(&server->uplink, UPLINK_WIDTH_SERVER);
    server->file_fd = node_open_file(node->args.file, &bytes, err);
    if (server->file_fd < 0 || blocks_init(&server->blocks, bytes, node->args.block_size, err) ||
        blocks_digest_file(&server->blocks, server->file_fd, err))
        return -1;
    server->sched = sched_new(server->blocks.count, err);
    if (!server->sched)
        return -1;
    server->listener.ready = listener_ready;
    server->listener.fd = net_listen((struct in_addr){ INADDR_ANY }, node->args.port, err);
    if (server->listener.fd < 0)
        return -1;
    return loop_add(&node->loop, &server->listener, EPOLLIN, err);
}

void p2p_server_close(struct p2p_server *server)
{
    free_list(&server->members);
    free_list(&server->closed);
    sched_free(server->sched);
    blocks_free(&server->blocks);
    free(server->share);
    free(server->peers);
    if (server->listener.fd >= 0)
        close(server->listener.fd);
    if (server->file_fd >= 0)
        close(server->file_fd);
}

/* Everybody has the file, or has left: tell those who still serve. */
static void end_if_over(struct p2p_server *server)
{
    if (server->reported + server->lost < server->node->args.clients)
        return;
    for (struct p2p_member *member = server->members; member && !server->over;
         member = member->next)
        if (member->peer != NO_PEER)
            channel_send(&member->channel, &(struct wire_message){ .type = WIRE_OVER });
    server->over = true;
    if (server->open == 0)
        server->node->loop.stop = true;
}

/* A block may also take long to arrive when the socket took it at once. */
static bool is_overdue(const struct p2p_member *member, uint64_t now)
{
    return member->awaits &&
           now - member->awaited_ns > ARRIVAL_FACTOR * uplink_patience(&member->server->uplink);
}

static uint64_t check_slow(struct p2p_server *server)
{
    uint64_t now = event_now();
    bool watching = false;
    for (struct p2p_member *member = server->members; member; member = member->next) {
        if (uplink_check(&server->uplink, &member->send, now))
            sched_slow(server->sched, member->peer, sched_sending(server->sched, member->peer));
        if (is_overdue(member, now)) {
            member->awaits = false;
            sched_slow(server->sched, member->peer, member->awaited);
        }
        watching |= member->awaits || (member->send.active && !member->send.slow);
    }
    return watching ? now + uplink_patience(&server->uplink) / 4 : LOOP_NEVER;
}

static void bring_in(struct p2p_server *server)
{
    struct lab_error err = LAB_ERROR_INIT;
    for (struct p2p_member *member = server->members, *after; member; member = after) {
        after = member->next;
        if (member->peer != NO_PEER && !takes_part(member) && send_digests(member, &err))
            channel_fail(&member->channel, &err);
    }
}

uint64_t p2p_server_turn(void *owner)
{
    struct p2p_server *server = owner;
    uint64_t next = check_slow(server);
    bring_in(server);
    hand_out(server);
    end_if_over(server);
    for (struct p2p_member *member = server->members, *after; member; member = after) {
        after = member->next;
        channel_flush(&member->channel);
    }
    free_list(&server->closed);
    node_flush(server->node);
    return next;
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

#include <arpa/inet.h>

#include "labctl/cleanup.h"
#include "labctl/event_writer.h"
#include "lib/p2p_parts.h"

static void return_copies(struct p2p_peer *peer, const uint32_t *words, uint32_t count)
{
    channel_send(p2p_server_channel(peer), &(struct wire_message){
                                               .type = WIRE_RETURNED,
                                               .copies = relay_waiting(&peer->relay),
                                               .drain_us = p2p_drain_us(peer),
                                               .count = count,
                                               .words = words,
                                           });
}

/* Asked for copies back: the newest, since they would have been passed on last. */
void p2p_give_back(struct p2p_peer *peer, uint32_t copies)
{
    uint32_t words[2 * 256], count = 0, to, block;
    if (copies > ARRAY_LENGTH(words) / 2)
        copies = ARRAY_LENGTH(words) / 2;
    while (count < copies && relay_take_back(&peer->relay, &to, &block)) {
        words[2 * count] = block;
        words[2 * count++ + 1] = to;
    }
    return_copies(peer, words, count);
}

/* The receiver cannot be reached: somebody else may. */
void p2p_give_up(struct neighbour *neighbour)
{
    struct p2p_peer *peer = neighbour->peer;
    uint32_t words[2 * 256], count = 0, block;
    while (relay_take_for(&peer->relay, neighbour->number, &block)) {
        words[2 * count] = block;
        words[2 * count++ + 1] = neighbour->number;
        if (count == ARRAY_LENGTH(words) / 2) {
            return_copies(peer, words, count);
            count = 0;
        }
    }
    if (count)
        return_copies(peer, words, count);
}

static void neighbour_sent(struct channel *channel)
{
    struct neighbour *neighbour = channel->owner;
    struct p2p_peer *peer = neighbour->peer;
    relay_sent(&peer->relay, neighbour->number, event_now());
}

static int neighbour_message(struct channel *channel, const struct wire_message *message,
                             struct lab_error *err)
{
    (void)channel, (void)message;
    return lab_error_set(err, LAB_ERR_PROTOCOL, "a message, where none is expected");
}

static void neighbour_closed(struct channel *channel, const struct lab_error *reason)
{
    struct neighbour *neighbour = channel->owner;
    if (reason && !neighbour->peer->finished)
        node_say("warning: %s", reason->message);
    neighbour->used = false;
    p2p_give_up(neighbour);
    p2p_neighbour_lost(neighbour);
}

static const struct channel_ops neighbour_ops = {
    .message = neighbour_message,
    .sent = neighbour_sent,
    .closed = neighbour_closed,
};

/* --- who there is ---------------------------------------------------------- */

struct neighbour *p2p_neighbour(struct p2p_peer *peer, uint32_t number)
{
    return number < peer->neighbour_room ? peer->neighbours[number] : NULL;
}

static struct sockaddr_in address_of(uint32_t ip, uint32_t port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr.s_addr = htonl(ip) };
}

int p2p_learn_peer(struct p2p_peer *peer, uint32_t number, uint32_t ip, uint32_t port,
                   bool from_server, struct lab_error *err)
{
    if (number >= WIRE_PEERS_MAX || port == 0 || port > UINT16_MAX)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "peer %u at port %u", number, port);
    struct neighbour *known = p2p_neighbour(peer, number);
    if (known && from_server && !known->used)
        known->address = address_of(ip, port);
    if (known)
        return 0;
    if (number >= peer->neighbour_room) {
        uint32_t room = 2 * number + 16;
        struct neighbour **all = realloc(peer->neighbours, room * sizeof(struct neighbour *));
        if (!all)
            return lab_error_memory(err);
        for (uint32_t i = peer->neighbour_room; i < room; i++)
            all[i] = NULL;
        peer->neighbours = all;
        peer->neighbour_room = room;
    }
    struct neighbour *neighbour = calloc(1, sizeof(*neighbour));
    if (!neighbour || !relay_know(&peer->relay, number)) {
        free(neighbour);
        return lab_error_memory(err);
    }
    neighbour->peer = peer;
    neighbour->number = number;
    neighbour->channel.watch.fd = -1;
    neighbour->address = address_of(ip, port);
    relay_there(&peer->relay, number);
    peer->neighbours[number] = neighbour;
    return 0;
}

int p2p_learn_peers(struct p2p_peer *peer, const struct wire_message *message,
                    struct lab_error *err)
{
    for (uint32_t i = 0; i < message->count; i++)
        if (p2p_learn_peer(peer, wire_entry_word(message, i, 0), wire_entry_word(message, i, 1),
                           wire_entry_word(message, i, 2), true, err))
            return -1;
    peer->introduced += message->count;
    return 0;
}

void p2p_forget_peer(struct p2p_peer *peer, uint32_t number)
{
    struct neighbour *neighbour = p2p_neighbour(peer, number);
    uint32_t block;
    if (!neighbour)
        return;
    p2p_neighbour_lost(neighbour);
    channel_close(&neighbour->channel);
    while (relay_take_for(&peer->relay, number, &block))
        ;
    relay_gone(&peer->relay, number);
    peer->neighbours[number] = NULL;
    neighbour->next = peer->gone;
    peer->gone = neighbour;
}

int p2p_take_share(struct p2p_peer *peer, const struct wire_message *message, struct lab_error *err)
{
    if (message->block >= peer->blocks.count || !p2p_has_block(peer, message->block))
        return lab_error_set(err, LAB_ERR_PROTOCOL, "told to share block %u, which is not here",
                             message->block);
    p2p_asks_answered(peer, message->asks);
    uint32_t bytes = blocks_length(&peer->blocks, message->block);
    relay_next_order(&peer->relay);
    for (uint32_t i = 0; i < message->count; i++) {
        uint32_t to = wire_entry_word(message, i, 0);
        if (p2p_neighbour(peer, to) && !relay_push(&peer->relay, to, message->block, bytes))
            return lab_error_memory(err);
    }
    return 0;
}

/* --- passing on ------------------------------------------------------------ */

bool p2p_connect_neighbour(struct neighbour *neighbour)
{
    struct p2p_peer *peer = neighbour->peer;
    struct lab_error err = LAB_ERROR_INIT;
    if (neighbour->used)
        return true;
    int fd = net_connect(peer->node->args.address, neighbour->address.sin_addr,
                         ntohs(neighbour->address.sin_port), &err);
    if (fd >= 0) {
        net_tune_blocks(fd);
        net_watch_path(fd);
    }
    if (fd < 0 || channel_open(&neighbour->channel, &peer->node->loop, fd, &neighbour->address, 0,
                               &neighbour_ops, neighbour, &err)) {
        node_say("warning: %s", err.message);
        return false;
    }
    neighbour->used = true;
    channel_send(&neighbour->channel, &(struct wire_message){ .type = WIRE_PEER_HELLO,
                                                              .peer = peer->relay.own,
                                                              .port = peer->node->args.port });
    return true;
}

static void start_send(struct p2p_peer *peer, uint32_t to, uint32_t block)
{
    struct neighbour *neighbour = peer->neighbours[to];
    uint64_t from = blocks_offset(&peer->blocks, block);
    uint32_t length = blocks_length(&peer->blocks, block);
    int fd = peer->output_fd;
    if (!p2p_connect_neighbour(neighbour)) {
        p2p_give_up(neighbour);
        p2p_neighbour_lost(neighbour);
        return;
    }
    int spoilt = peer->corrupting ? p2p_spoil(peer, to, block, &from) : -1;
    if (spoilt >= 0)
        fd = spoilt;
    channel_send(&neighbour->channel,
                 &(struct wire_message){ .type = WIRE_FILE_PART, .block = block, .bytes = length });
    channel_send_file(&neighbour->channel, fd, from, from + length);
    channel_flush(&neighbour->channel);
}

/* How full is the interface? */
static void look_at_uplink(struct p2p_peer *peer, uint64_t now)
{
    struct relay *relay = &peer->relay;
    uint64_t bytes = 0;
    if (!uplink_look_due(&relay->uplink, now) || !relay_waiting(relay))
        return;
    for (uint32_t i = 0; i < relay->count; i++) {
        struct uplink_send *send = &relay->queues[i].send;
        struct neighbour *neighbour = send->leaving ? p2p_neighbour(peer, i) : NULL;
        uint32_t leaving = neighbour ? channel_leaving(&neighbour->channel) : 0;
        send->leaving = send->active || leaving;
        bytes += leaving;
    }
    uplink_looked(&relay->uplink, bytes, now);
}

static bool next_to_pass_on(struct p2p_peer *peer, uint32_t *to, uint32_t *block)
{
    uint64_t now = event_now();
    look_at_uplink(peer, now);
    return relay_next(&peer->relay, now, to, block);
}

void p2p_pass_on(struct p2p_peer *peer)
{
    uint32_t to, block;
    while (next_to_pass_on(peer, &to, &block))
        start_send(peer, to, block);
}

uint32_t p2p_drain_us(const struct p2p_peer *peer)
{
    uint64_t us = uplink_drain_ns(&peer->relay.uplink, relay_waiting_bytes(&peer->relay)) / 1000;
    return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

void p2p_outbound_free(struct p2p_peer *peer)
{
    for (uint32_t i = 0; i < peer->neighbour_room; i++) {
        if (!peer->neighbours[i])
            continue;
        channel_close(&peer->neighbours[i]->channel);
        free(peer->neighbours[i]->holds);
        free(peer->neighbours[i]);
    }
    while (peer->gone) {
        struct neighbour *next = peer->gone->next;
        free(peer->gone->holds);
        free(peer->gone);
        peer->gone = next;
    }
    free(peer->neighbours);
    peer->neighbours = NULL;
    peer->neighbour_room = 0;
}

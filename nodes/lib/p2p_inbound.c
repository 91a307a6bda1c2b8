#include <arpa/inet.h>
#include <errno.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "lib/p2p_parts.h"

/* A block whose digest has not come yet. The server tells digests long before blocks, so what a
 * neighbour sends is thrown away, which happens next to never, and asked for behind the digest. */
static int begin_unknown(struct inbound *inbound, struct lab_error *err)
{
    struct p2p_peer *peer = inbound->peer;
    if (inbound == peer->server)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "block %u came before its digest",
                             inbound->block);
    p2p_ask(peer, inbound->block, peer->relay.own);
    return 0;
}

/* A block begins: take it unless it is here already. */
static int begin_block(struct inbound *inbound, const struct wire_message *message,
                       struct lab_error *err)
{
    struct p2p_peer *peer = inbound->peer;
    if (!peer->sharing || message->block >= peer->blocks.count)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "block %u of %u came", message->block,
                             peer->blocks.count);
    uint32_t expected = blocks_length(&peer->blocks, message->block);
    if (message->bytes != expected)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "block %u came with %llu bytes, expected %u",
                             message->block, (unsigned long long)message->bytes, expected);
    inbound->block = message->block;
    if (message->block >= peer->digests)
        return begin_unknown(inbound, err);
    if (p2p_has_block(peer, message->block))
        return 0;
    inbound->buffer = malloc(expected);
    if (!inbound->buffer)
        return lab_error_memory(err);
    inbound->channel.sink = inbound->buffer;
    digest_begin(inbound->digest);
    return 0;
}

static void note_life(struct inbound *inbound)
{
    if (inbound == inbound->peer->server)
        inbound->peer->server_at = event_now();
}

static int inbound_message(struct channel *channel, const struct wire_message *message,
                           struct lab_error *err)
{
    struct inbound *inbound = channel->owner;
    note_life(inbound);
    if (message->type == WIRE_FILE_PART)
        return begin_block(inbound, message, err);
    if (inbound == inbound->peer->server)
        return p2p_take_order(inbound->peer, message, err);
    return p2p_take_neighbour(inbound, message, err);
}

/* Digested while it is still in the cache. */
static void inbound_payload(struct channel *channel, size_t fresh)
{
    struct inbound *inbound = channel->owner;
    note_life(inbound);
    inbound->peer->arrived_at = event_now();
    if (inbound->buffer)
        digest_add(inbound->digest, channel->sink + channel->sink_used - fresh, fresh);
}

static bool digest_is_right(const struct inbound *inbound)
{
    uint32_t words[WIRE_DIGEST_WORDS];
    digest_end(inbound->digest, words);
    for (unsigned i = 0; i < WIRE_DIGEST_WORDS; i++)
        if (words[i] != inbound->peer->blocks.digests[inbound->block][i])
            return false;
    return true;
}

static int write_block(struct p2p_peer *peer, uint32_t block, const uint8_t *data,
                       struct lab_error *err)
{
    uint32_t length = blocks_length(&peer->blocks, block), done = 0;
    while (done < length) {
        ssize_t n = pwrite(peer->output_fd, data + done, length - done,
                           (off_t)(blocks_offset(&peer->blocks, block) + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return lab_error_errno(err, LAB_ERR_IO, errno, "cannot write to %s",
                                   peer->node->args.output);
        done += (uint32_t)n;
    }
    return 0;
}

static void log_block(struct inbound *inbound)
{
    struct p2p_peer *peer = inbound->peer;
    struct event_writer *events = &peer->node->events;
    char from[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &inbound->channel.address.sin_addr, from, sizeof(from));
    event_begin(events, EVENT_BLOCK, 0);
    event_integer(events, "block", inbound->block);
    event_integer(events, "bytes", blocks_length(&peer->blocks, inbound->block));
    event_string(events, "from", from);
    event_integer(events, "began", (int64_t)inbound->channel.began_ns);
    event_end(events);
}

static int inbound_part(struct channel *channel, struct lab_error *err)
{
    struct inbound *inbound = channel->owner;
    struct p2p_peer *peer = inbound->peer;
    cleanup_free uint8_t *buffer = steal_ptr(inbound->buffer);
    if (!buffer || p2p_has_block(peer, inbound->block))
        return 0; /* it came twice */
    if (!digest_is_right(inbound)) {
        p2p_refuse_block(peer, inbound);
        if (inbound == peer->server)
            return 0;
        return lab_error_set(err, LAB_ERR_CORRUPT, "block %u came broken from %s", inbound->block,
                             channel->name);
    }
    if (write_block(peer, inbound->block, buffer, err)) {
        p2p_fail(peer, err);
        return -1;
    }
    log_block(inbound);
    p2p_keep_block(peer, inbound->block);
    return 0;
}

static void server_lost(struct p2p_peer *peer, const struct lab_error *reason)
{
    struct lab_error lost = LAB_ERROR_INIT;
    if (peer->over) {
        peer->node->loop.stop = true;
        return;
    }
    lab_error_set(&lost, LAB_ERR_PROTOCOL, "the server closed the connection before the end");
    reason = reason ? reason : &lost;
    if (peer->sharing)
        p2p_go_alone(peer, reason);
    else
        p2p_fail(peer, reason);
}

/* A neighbour's connection may end at any time: what it did not bring comes another way. */
static void inbound_closed(struct channel *channel, const struct lab_error *reason)
{
    struct inbound *inbound = channel->owner;
    struct p2p_peer *peer = inbound->peer;
    if (inbound == peer->server) {
        server_lost(peer, reason); /* it stays until the end: others speak through it */
        return;
    }
    if (reason && !peer->finished)
        node_report_error(peer->node, reason);
    struct inbound **link = &peer->inbounds;
    while (*link != inbound)
        link = &(*link)->next;
    *link = inbound->next;
    peer->inbound_count--;
    inbound->next = peer->closed;
    peer->closed = inbound;
}

static void inbound_connected(struct channel *channel)
{
    struct inbound *inbound = channel->owner;
    if (inbound == inbound->peer->server)
        node_event_connect(inbound->peer->node, 1, channel->name);
}

static const struct channel_ops inbound_ops = {
    .message = inbound_message,
    .payload = inbound_payload,
    .part = inbound_part,
    .connected = inbound_connected,
    .closed = inbound_closed,
};

struct inbound *p2p_inbound_open(struct p2p_peer *peer, int fd, const struct sockaddr_in *from,
                                 unsigned senders, struct lab_error *err)
{
    cleanup_free struct inbound *inbound = calloc(1, sizeof(*inbound));
    struct digest_state *digest = digest_new();
    if (!inbound || !digest) {
        close(fd);
        digest_free(digest);
        lab_error_memory(err);
        return NULL;
    }
    inbound->peer = peer;
    inbound->from = NO_PEER;
    inbound->digest = digest;
    net_tune_stream(fd);
    net_watch_path(fd);
    if (channel_open(&inbound->channel, &peer->node->loop, fd, from, senders, &inbound_ops, inbound,
                     err)) {
        digest_free(digest);
        return NULL;
    }
    inbound->next = peer->inbounds;
    peer->inbound_count++;
    return peer->inbounds = steal_ptr(inbound);
}

/* They are in the order in which they came, the last one first. */
static struct inbound *longest_mute(const struct p2p_peer *peer)
{
    struct inbound *found = NULL;
    for (struct inbound *at = peer->inbounds; at; at = at->next)
        if (at != peer->server && at->from == NO_PEER)
            found = at;
    return found;
}

bool p2p_inbound_make_room(struct p2p_peer *peer)
{
    struct lab_error err = LAB_ERROR_INIT;
    if (peer->inbound_count < 2 * peer->introduced + P2P_STRANGERS_MAX)
        return true;
    struct inbound *mute = longest_mute(peer);
    if (!mute)
        return false;
    lab_error_set(&err, LAB_ERR_PROTOCOL, "%s said nothing, and others came", mute->channel.name);
    channel_fail(&mute->channel, &err);
    return true;
}

void p2p_inbound_free(struct inbound **list)
{
    while (*list) {
        struct inbound *next = (*list)->next;
        channel_close(&(*list)->channel);
        free((*list)->buffer);
        digest_free((*list)->digest);
        free(*list);
        *list = next;
    }
}

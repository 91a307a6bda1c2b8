#include "lib/p2p_peer.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/epoll.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "lib/p2p_member.h"
#include "lib/p2p_parts.h"

/* The server is told of new blocks together, since every segment that it is sent costs it an ACK;
 * but no later than this, or the more the more peers tell it, up to a limit. */
#define NEWS_LEAST_NS    20000000ull
#define NEWS_PER_PEER_NS 3500000ull
#define NEWS_MOST_NS     100000000ull

/* Asks not yet answered: at first, and the most. */
#define CREDIT_MIN 1
#define CREDIT_MAX 32

/* Silence that means that something is wrong: TCP repeats a lost segment in less. */
#define STALL_NS 2000000000ull

/* Answers vary: be ahead by this many times the usual. */
#define RESPONSES_AHEAD 2

/* Connections taken before the others have their turn. */
#define ACCEPT_BATCH 64

bool p2p_has_block(const struct p2p_peer *peer, uint32_t block)
{
    return peer->have[block / 8] >> block % 8 & 1;
}

struct channel *p2p_server_channel(struct p2p_peer *peer)
{
    return &peer->server->channel;
}

void p2p_fail(struct p2p_peer *peer, const struct lab_error *err)
{
    if (!peer->failure.code)
        peer->failure = *err;
    peer->node->loop.stop = true;
}

/* --- what the server says -------------------------------------------------- */

/* The file is whole: say so in the log, and to the server. */
static void finish(struct p2p_peer *peer)
{
    uint64_t now = event_now();
    peer->finished = true;
    node_event_bytes(peer->node, EVENT_FINISH, peer->held_bytes);
    node_flush(peer->node);
    node_say("received %llu bytes in %.6f seconds", (unsigned long long)peer->held_bytes,
             (double)(now - peer->begin_ns) / 1e9);
    channel_send(p2p_server_channel(peer), &(struct wire_message){
                                               .type = WIRE_TIME_CONSUME,
                                               .nanoseconds = now - peer->begin_ns,
                                               .bytes = peer->held_bytes,
                                           });
}

int p2p_begin_sharing(struct p2p_peer *peer, struct lab_error *err)
{
    peer->sharing = true;
    peer->arrived_at = event_now();
    peer->wanted = calloc(peer->blocks.count / 8 + 1, 1);
    if (!peer->wanted)
        return lab_error_memory(err);
    if (peer->blocks.count == 0)
        finish(peer);
    return loop_add(&peer->node->loop, &peer->listener, EPOLLIN, err);
}

static int take_file_length(struct p2p_peer *peer, const struct wire_message *message,
                            struct lab_error *err)
{
    struct event_writer *events = &peer->node->events;
    if (peer->started || message->bytes > INT64_MAX || message->block_size < WIRE_BLOCK_MIN ||
        message->block_size > WIRE_BLOCK_MAX || message->peer >= WIRE_PEERS_MAX)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a file of %llu bytes in blocks of %u",
                             (unsigned long long)message->bytes, message->block_size);
    if (blocks_init(&peer->blocks, message->bytes, message->block_size, message->round,
                    message->rounds, err)) {
        err->code = LAB_ERR_PROTOCOL; /* the server's mistake */
        return -1;
    }
    if (peer->blocks.count != message->blocks || message->count != 1)
        return lab_error_set(err, LAB_ERR_PROTOCOL,
                             "%u blocks and %u digests of all, expected %u and 1", message->blocks,
                             message->count, peer->blocks.count);
    for (unsigned k = 0; k < WIRE_DIGEST_WORDS; k++)
        peer->table[k] = wire_entry_word(message, 0, k);
    peer->started = true;
    peer->relay.own = message->peer;
    uplink_expect(&peer->relay.uplink, message->block_size);
    peer->have = calloc(peer->blocks.count / 8 + 1, 1);
    if (!peer->have || !relay_know(&peer->relay, message->peer))
        return lab_error_memory(err);
    event_begin(events, EVENT_LENGTH, 0);
    event_integer(events, "bytes", (int64_t)message->bytes);
    event_integer(events, "blocks", message->blocks);
    event_integer(events, "block_size", message->block_size);
    event_end(events);
    if (node_set_length(peer->output_fd, peer->node->args.output, message->bytes, err)) {
        p2p_fail(peer, err);
        return -1;
    }
    return message->blocks == 0 ? p2p_begin_sharing(peer, err) : 0;
}

static int take_over(struct p2p_peer *peer)
{
    peer->over = true;
    peer->node->loop.stop = true;
    return 0;
}

int p2p_take_order(struct p2p_peer *peer, const struct wire_message *message, struct lab_error *err)
{
    if (message->type == WIRE_FILE_LENGTH)
        return take_file_length(peer, message, err);
    if (!peer->started)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "`%s` before the file's length",
                             wire_type_name(message->type));
    switch (message->type) {
    case WIRE_DIGESTS:
        return p2p_take_digests(peer, message, err);
    case WIRE_PEERS:
        return p2p_learn_peers(peer, message, err);
    case WIRE_PEER_GONE:
        p2p_forget_peer(peer, message->peer);
        return 0;
    case WIRE_SHARE:
        return p2p_take_share(peer, message, err);
    case WIRE_RECALL:
        p2p_give_back(peer, message->copies);
        return 0;
    default:
        return take_over(peer);
    }
}

/* --- what the server is told ----------------------------------------------- */

static void tell_news(struct p2p_peer *peer)
{
    uint32_t most = wire_entries_max(WIRE_HAVE);
    uint32_t count = peer->news_count < most ? peer->news_count : most;
    channel_send(p2p_server_channel(peer), &(struct wire_message){
                                               .type = WIRE_HAVE,
                                               .copies = relay_waiting(&peer->relay),
                                               .drain_us = p2p_drain_us(peer),
                                               .count = count,
                                               .words = peer->news,
                                           });
    p2p_tell_neighbours(peer, peer->news, count);
    peer->news_count -= count;
    if (peer->news_count)
        memmove(peer->news, peer->news + count, peer->news_count * sizeof(*peer->news));
    peer->news_at = event_now();
}

void p2p_keep_block(struct p2p_peer *peer, uint32_t block)
{
    peer->have[block / 8] |= (uint8_t)(1u << block % 8);
    peer->held++;
    p2p_no_longer_wanted(peer, block);
    peer->held_bytes += blocks_length(&peer->blocks, block);
    if (peer->news_count == peer->news_room) {
        uint32_t room = peer->news_room ? 2 * peer->news_room : 64;
        uint32_t *news = realloc(peer->news, room * sizeof(*news));
        if (!news) {
            struct lab_error err = LAB_ERROR_INIT;
            lab_error_memory(&err);
            p2p_fail(peer, &err);
            return;
        }
        peer->news = news;
        peer->news_room = room;
    }
    peer->news[peer->news_count++] = block;
    node_event_progress(peer->node, peer->held_bytes);
    if (peer->held < peer->blocks.count)
        return;
    tell_news(peer);
    finish(peer);
}

void p2p_ask(struct p2p_peer *peer, uint32_t block, uint32_t sender)
{
    channel_send(p2p_server_channel(peer),
                 &(struct wire_message){ .type = WIRE_PART_ASK, .block = block, .peer = sender });
}

void p2p_refuse_block(struct p2p_peer *peer, struct inbound *inbound)
{
    struct event_writer *events = &peer->node->events;
    char from[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &inbound->channel.address.sin_addr, from, sizeof(from));
    event_begin(events, EVENT_BAD_BLOCK, 0);
    event_integer(events, "block", inbound->block);
    event_string(events, "from", from);
    event_end(events);
    node_say("block %u came broken from %s", inbound->block, inbound->channel.name);
    struct neighbour *from_whom = p2p_neighbour(peer, inbound->from);
    if (from_whom)
        from_whom->corrupt = true;
    p2p_ask(peer, inbound->block, inbound == peer->server ? peer->relay.own : inbound->from);
}

/* An uplink that ran dry while it waited for an answer should have asked earlier. */
void p2p_asks_answered(struct p2p_peer *peer, uint32_t asks)
{
    if (asks && peer->asked_at) {
        uint64_t took = event_now() - peer->asked_at;
        peer->response_ns = peer->response_ns ? (3 * peer->response_ns + took) / 4 : took;
        peer->asked_at = 0;
    }
    peer->asked -= asks < peer->asked ? asks : peer->asked;
    if (asks && peer->dry && peer->credit < CREDIT_MAX)
        peer->credit++;
    peer->dry = false;
}

/* Is there so little left to pass on that it may run out before an answer comes? Never
 * more than one block for everybody, however long answers take. */
static bool wants_work(const struct p2p_peer *peer)
{
    uint32_t receivers = relay_receivers(&peer->relay);
    uint32_t waiting = relay_waiting(&peer->relay);
    uint64_t drain_ns = p2p_drain_us(peer) * 1000ull;
    return waiting == 0 || (waiting < receivers && drain_ns < RESPONSES_AHEAD * peer->response_ns);
}

static void ask_for_work(struct p2p_peer *peer)
{
    while (peer->asked < peer->credit && wants_work(peer)) {
        if (!peer->asked)
            peer->asked_at = event_now();
        p2p_ask(peer, WIRE_ANY_BLOCK, peer->relay.own);
        peer->asked++;
    }
}

/* Nothing comes at all, though something should: whoever was to bring it may hang. Ask
 * the server for missing blocks by number; each time for twice as many, since a copy that
 * comes after all is sent for nothing. */
static void ask_when_stalled(struct p2p_peer *peer, uint64_t now)
{
    if (peer->finished || now < peer->arrived_at + STALL_NS)
        return;
    peer->arrived_at = now;
    peer->stalls = peer->stalls ? 2 * peer->stalls : 1;
    uint32_t left = peer->stalls;
    for (uint32_t block = 0; block < peer->blocks.count && left; block++) {
        if (p2p_has_block(peer, block))
            continue;
        p2p_ask(peer, block, peer->relay.own);
        left--;
    }
}

static uint64_t sooner(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* How long to wait with what there is to tell. */
static uint64_t news_interval(const struct p2p_peer *peer)
{
    uint64_t interval = relay_receivers(&peer->relay) * NEWS_PER_PEER_NS;
    if (!peer->news_count)
        return P2P_PEER_SIGN_NS;
    if (interval < NEWS_LEAST_NS)
        return NEWS_LEAST_NS;
    return interval < NEWS_MOST_NS ? interval : NEWS_MOST_NS;
}

/* News, or at least a sign of life. Returns when to do so again. */
static uint64_t tell_news_in_time(struct p2p_peer *peer, uint64_t now)
{
    if (now >= peer->news_at + news_interval(peer))
        tell_news(peer);
    return peer->news_at + news_interval(peer);
}

/* A server that gives no sign of life is as good as dead. Returns when it would be. */
static uint64_t check_server(struct p2p_peer *peer, uint64_t now)
{
    if (!channel_is_open(p2p_server_channel(peer)))
        return LOOP_NEVER;
    if (now > peer->server_at + P2P_SILENCE_NS) {
        struct lab_error err = LAB_ERROR_INIT;
        lab_error_set(&err, LAB_ERR_TIMEOUT, "the server said nothing for %llu s",
                      P2P_SILENCE_NS / 1000000000ull);
        channel_fail(p2p_server_channel(peer), &err);
        return now;
    }
    return peer->server_at + P2P_SILENCE_NS + 1;
}

static uint64_t turn_to_server(struct p2p_peer *peer, uint64_t now)
{
    ask_for_work(peer);
    peer->dry |= !peer->relay.uplink.counted && !relay_waiting(&peer->relay);
    ask_when_stalled(peer, now);
    return peer->finished ? LOOP_NEVER : peer->arrived_at + STALL_NS;
}

uint64_t p2p_peer_turn(void *owner)
{
    struct p2p_peer *peer = owner;
    uint64_t now = event_now(), next = LOOP_NEVER;
    p2p_inbound_free(&peer->closed);
    if (now > peer->turned_at + P2P_SERVER_SIGN_NS)
        peer->server_at = now; /* we were asleep ourselves */
    peer->turned_at = now;
    p2p_check_corrupt(peer);
    if (!peer->over)
        next = check_server(peer, now);
    if (!peer->sharing || peer->over)
        goto out;
    relay_check(&peer->relay, now);
    p2p_pass_on(peer);
    if (peer->alone)
        next = p2p_alone_turn(peer, now);
    else
        next = sooner(next, turn_to_server(peer, now));
    if (peer->relay.uplink.counted)
        next = sooner(next, now + uplink_patience(&peer->relay.uplink) / 4);
    if (relay_waiting(&peer->relay) && !uplink_has_room(&peer->relay.uplink))
        next = sooner(next, now + UPLINK_LOOK_NS);
    next = sooner(next, tell_news_in_time(peer, now));
    channel_flush(p2p_server_channel(peer));
out:
    node_flush(peer->node);
    return next;
}

/* --- the whole ------------------------------------------------------------- */

void p2p_peer_adopt(struct p2p_peer *peer, int fd, const struct sockaddr_in *from)
{
    struct lab_error err = LAB_ERROR_INIT;
    if (!p2p_inbound_make_room(peer))
        close(fd);
    else if (!p2p_inbound_open(peer, fd, from, WIRE_FROM_NEIGHBOUR, &err))
        node_report_error(peer->node, &err);
}

static void listener_ready(struct watch *watch, uint32_t events)
{
    struct p2p_peer *peer =
        (struct p2p_peer *)((char *)watch - offsetof(struct p2p_peer, listener));
    struct sockaddr_in from;
    int fd;
    (void)events;
    for (int i = 0; i < ACCEPT_BATCH && (fd = net_accept(watch->fd, &from)) >= 0; i++)
        p2p_peer_adopt(peer, fd, &from);
}

int p2p_peer_open(struct p2p_peer *peer, struct node *node, struct lab_error *err)
{
    *peer = (struct p2p_peer){ .node = node,
                               .output_fd = -1,
                               .credit = CREDIT_MIN,
                               .spoilt_fd = -1,
                               .listener = { .fd = -1, .ready = listener_ready } };
    relay_init(&peer->relay, 0, UPLINK_WIDTH_PEER);
    peer->output_fd = node_create_output(node->args.output, err);
    if (peer->output_fd < 0 ||
        node_reserve(peer->output_fd, node->args.output, node->args.reserve, err))
        return -1;
    peer->listener.fd = net_listen(node->args.address, node->args.port, err);
    return peer->listener.fd < 0 ? -1 : 0;
}

void p2p_peer_close(struct p2p_peer *peer)
{
    p2p_inbound_free(&peer->inbounds);
    p2p_inbound_free(&peer->closed);
    p2p_outbound_free(peer);
    relay_free(&peer->relay);
    blocks_free(&peer->blocks);
    free(peer->have);
    free(peer->wanted);
    free(peer->news);
    if (peer->listener.fd >= 0)
        close(peer->listener.fd);
    if (peer->output_fd >= 0)
        close(peer->output_fd);
    if (peer->spoilt_fd >= 0)
        close(peer->spoilt_fd);
}

int p2p_peer_join(struct p2p_peer *peer, int fd, const struct sockaddr_in *address,
                  struct lab_error *err)
{
    peer->server = p2p_inbound_open(peer, fd, address, WIRE_FROM_P2P_SERVER, err);
    if (!peer->server)
        return -1;
    peer->server_at = event_now();
    channel_send(p2p_server_channel(peer),
                 &(struct wire_message){ .type = WIRE_LENGTH_ASK, .port = peer->node->args.port });
    channel_flush(p2p_server_channel(peer));
    return 0;
}

static int take_part(struct p2p_peer *peer, struct lab_error *err)
{
    struct node *node = peer->node;
    struct sockaddr_in server = { .sin_family = AF_INET,
                                  .sin_port = htons(node->args.port),
                                  .sin_addr = node->args.server };
    if (node_pass_gate(node, &peer->begin_ns, err))
        return -1;
    int fd = net_connect(node->args.address, server.sin_addr, node->args.port, err);
    if (fd < 0 || p2p_peer_join(peer, fd, &server, err))
        return -1;
    if (loop_run(&node->loop, p2p_peer_turn, peer, err))
        return -1;
    if (!peer->over && peer->failure.code)
        *err = peer->failure;
    return peer->over || !peer->failure.code ? 0 : -1;
}

int p2p_peer_run(struct node *node, struct lab_error *err)
{
    struct p2p_peer peer;
    p2p_hear_corrupt_signal();
    int status = p2p_peer_open(&peer, node, err);
    if (!status)
        status = take_part(&peer, err);
    p2p_peer_close(&peer);
    return status;
}

/* Peers without their server. Each tells the others what it holds, and asks them for what it
 * lacks; every block is still judged by what the server said (p2p_digests.c).
 *
 *     server lost -> hold told to all -> (want asked, blocks come, have told) ...
 *         -> all that can be reached have the file: the end
 *         -> nobody who is left has some block: failure, said at once
 *
 * A peer whose server is there answers one that has lost it all the same. */
#include <arpa/inet.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "lib/p2p_member.h"
#include "lib/p2p_parts.h"

/* Before it is said that nobody has a block, nothing new was learnt for so long: what was
 * under way when the server died may still come. */
#define GRIEF_NS 1000000000ull

/* How often to look. */
#define LOOK_NS 100000000ull

#define BITS 32u

static bool bit(const uint8_t *bits, uint32_t i)
{
    return bits && bits[i / 8] >> i % 8 & 1;
}

static uint32_t bitmap_bytes(const struct p2p_peer *peer)
{
    return peer->blocks.count / 8 + 1;
}

bool p2p_is_reachable(const struct neighbour *neighbour)
{
    return neighbour && !neighbour->unreachable && !neighbour->corrupt;
}

static bool is_complete(const struct neighbour *neighbour)
{
    return neighbour->heard && neighbour->held == neighbour->peer->blocks.count;
}

static void changed(struct p2p_peer *peer)
{
    peer->changed_at = event_now();
    peer->weighed = false;
}

/* --- what is said ----------------------------------------------------------- */

static uint32_t held_word(const struct p2p_peer *peer, uint32_t first)
{
    uint32_t word = 0;
    for (uint32_t i = 0; i < BITS && first + i < peer->blocks.count; i++)
        word |= (uint32_t)p2p_has_block(peer, first + i) << i;
    return word;
}

/* Tell a neighbour all that we hold. */
static void tell_state(struct neighbour *neighbour)
{
    struct p2p_peer *peer = neighbour->peer;
    uint32_t words[1024], first = 0;
    if (!p2p_connect_neighbour(neighbour)) {
        p2p_give_up(neighbour);
        p2p_neighbour_lost(neighbour);
        return;
    }
    neighbour->told = true;
    do {
        uint32_t count = 0, from = first;
        for (; count < ARRAY_LENGTH(words) && first < peer->blocks.count; first += BITS)
            words[count++] = held_word(peer, first);
        channel_send(&neighbour->channel, &(struct wire_message){ .type = WIRE_HOLD,
                                                                  .block = from,
                                                                  .alone = peer->alone,
                                                                  .count = count,
                                                                  .words = words });
    } while (first < peer->blocks.count);
    channel_flush(&neighbour->channel);
}

void p2p_tell_neighbours(struct p2p_peer *peer, const uint32_t *blocks, uint32_t count)
{
    for (uint32_t i = 0; i < peer->neighbour_room && count; i++) {
        struct neighbour *neighbour = peer->neighbours[i];
        if (!neighbour || !neighbour->told || !neighbour->used)
            continue;
        channel_send(&neighbour->channel,
                     &(struct wire_message){ .type = WIRE_HAVE, .count = count, .words = blocks });
        channel_flush(&neighbour->channel);
    }
}

void p2p_go_alone(struct p2p_peer *peer, const struct lab_error *reason)
{
    struct event_writer *events = &peer->node->events;
    peer->alone = true;
    changed(peer);
    event_begin(events, EVENT_ALONE, 0);
    event_string(events, "reason", reason->message);
    event_integer(events, "bytes", (int64_t)peer->held_bytes);
    event_end(events);
    node_say("%s: going on with the other peers alone", reason->message);
    for (uint32_t i = 0; i < peer->neighbour_room; i++)
        if (peer->neighbours[i])
            tell_state(peer->neighbours[i]);
}

/* --- what is heard ---------------------------------------------------------- */

static void forget_wants(struct neighbour *neighbour)
{
    for (uint32_t i = 0; i < neighbour->want_count; i++)
        neighbour->peer->wanted[neighbour->wants[i] / 8] &=
            (uint8_t) ~(1u << neighbour->wants[i] % 8);
    neighbour->want_count = 0;
}

void p2p_neighbour_lost(struct neighbour *neighbour)
{
    forget_wants(neighbour);
    neighbour->unreachable = true;
    neighbour->told = false;
    changed(neighbour->peer);
}

void p2p_no_longer_wanted(struct p2p_peer *peer, uint32_t block)
{
    changed(peer);
    if (!bit(peer->wanted, block))
        return;
    peer->wanted[block / 8] &= (uint8_t) ~(1u << block % 8);
    for (uint32_t i = 0; i < peer->neighbour_room; i++) {
        struct neighbour *neighbour = peer->neighbours[i];
        for (uint32_t k = 0; neighbour && k < neighbour->want_count; k++) {
            if (neighbour->wants[k] != block)
                continue;
            neighbour->wants[k] = neighbour->wants[--neighbour->want_count];
            neighbour->wanted_at = event_now();
            neighbour->late = false;
            break;
        }
    }
}

static int note_held(struct neighbour *neighbour, uint32_t block, struct lab_error *err)
{
    const struct p2p_peer *peer = neighbour->peer;
    if (block >= peer->blocks.count)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a neighbour holds block %u of %u", block,
                             peer->blocks.count);
    if (!neighbour->holds) {
        neighbour->holds = calloc(bitmap_bytes(peer), 1);
        if (!neighbour->holds)
            return lab_error_memory(err);
    }
    neighbour->held += !bit(neighbour->holds, block);
    neighbour->holds[block / 8] |= (uint8_t)(1u << block % 8);
    return 0;
}

static int take_hold(struct neighbour *neighbour, const struct wire_message *message,
                     struct lab_error *err)
{
    for (uint32_t i = 0; i < message->count; i++) {
        uint32_t word = wire_entry_word(message, i, 0);
        for (uint32_t k = 0; k < BITS; k++)
            if (word >> k & 1 && note_held(neighbour, message->block + i * BITS + k, err))
                return -1;
    }
    neighbour->heard = true;
    neighbour->alone = message->alone;
    neighbour->unreachable = false;
    if (!neighbour->told)
        tell_state(neighbour);
    return 0;
}

static int take_have(struct neighbour *neighbour, const struct wire_message *message,
                     struct lab_error *err)
{
    for (uint32_t i = 0; i < message->count; i++)
        if (note_held(neighbour, wire_entry_word(message, i, 0), err))
            return -1;
    return 0;
}

static int take_want(struct neighbour *neighbour, const struct wire_message *message,
                     struct lab_error *err)
{
    struct p2p_peer *peer = neighbour->peer;
    relay_next_order(&peer->relay);
    for (uint32_t i = 0; i < message->count; i++) {
        uint32_t block = wire_entry_word(message, i, 0);
        if (block >= peer->blocks.count || !p2p_has_block(peer, block))
            return lab_error_set(err, LAB_ERR_PROTOCOL, "block %u is wanted, which is not here",
                                 block);
        if (!relay_has(&peer->relay, neighbour->number, block) &&
            !relay_push(&peer->relay, neighbour->number, block,
                        blocks_length(&peer->blocks, block)))
            return lab_error_memory(err);
    }
    return 0;
}

/* Who speaks: its number must belong to the address that it speaks from. */
static int take_hello(struct inbound *inbound, const struct wire_message *message,
                      struct lab_error *err)
{
    const struct in_addr from = inbound->channel.address.sin_addr;
    if (inbound->from != NO_PEER || message->peer == inbound->peer->relay.own ||
        p2p_learn_peer(inbound->peer, message->peer, ntohl(from.s_addr), message->port, false, err))
        return lab_error_set(err, LAB_ERR_PROTOCOL, "`peer hello` of peer %u", message->peer);
    if (p2p_neighbour(inbound->peer, message->peer)->address.sin_addr.s_addr != from.s_addr)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "says it is peer %u, which is elsewhere",
                             message->peer);
    inbound->from = message->peer;
    return 0;
}

/* What nobody here can answer, and a mere sign of life, say nothing of who has what. */
static bool is_news(const struct p2p_peer *peer, const struct wire_message *message)
{
    if (message->type == WIRE_DIGESTS_ASK)
        return peer->digests == peer->blocks.count;
    return message->type != WIRE_HAVE || message->count;
}

int p2p_take_neighbour(struct inbound *inbound, const struct wire_message *message,
                       struct lab_error *err)
{
    struct p2p_peer *peer = inbound->peer;
    if (!peer->sharing)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "`%s` before blocks are shared",
                             wire_type_name(message->type));
    if (message->type == WIRE_PEER_HELLO)
        return take_hello(inbound, message, err);
    struct neighbour *neighbour = p2p_neighbour(peer, inbound->from);
    if (!neighbour)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "`%s` of nobody known",
                             wire_type_name(message->type));
    if (is_news(peer, message))
        changed(peer);
    switch (message->type) {
    case WIRE_HOLD:
        return take_hold(neighbour, message, err);
    case WIRE_HAVE:
        return take_have(neighbour, message, err);
    case WIRE_DIGESTS_ASK:
        p2p_tell_digests_to(neighbour, message->block);
        return 0;
    case WIRE_DIGESTS:
        return p2p_take_hearsay(neighbour, message, err);
    default:
        return take_want(neighbour, message, err);
    }
}

/* --- asking ----------------------------------------------------------------- */

/* A block that this neighbour holds, that we lack, and that was not asked of anybody. Every
 * peer begins elsewhere, so that they can give each other what they got. */
static bool find_block(const struct neighbour *neighbour, uint32_t *block)
{
    const struct p2p_peer *peer = neighbour->peer;
    uint32_t bytes = bitmap_bytes(peer);
    uint32_t start = (uint32_t)((uint64_t)bytes * peer->relay.own / (peer->neighbour_room + 1));
    for (uint32_t i = 0; i < bytes; i++) {
        uint32_t at = (start + i) % bytes;
        unsigned good = neighbour->holds[at] & ~(peer->have[at] | peer->wanted[at]) & 0xffu;
        if (!good)
            continue;
        uint32_t first = 8 * at + (uint32_t)__builtin_ctz(good);
        if (first < peer->digests) {
            *block = first;
            return true;
        }
    }
    return false;
}

static void want(struct neighbour *neighbour, uint64_t now)
{
    struct p2p_peer *peer = neighbour->peer;
    uint32_t most = neighbour->late ? 1 : WANTS_AT_ONCE, before = neighbour->want_count, block;
    while (neighbour->want_count < most && find_block(neighbour, &block)) {
        neighbour->wants[neighbour->want_count++] = block;
        peer->wanted[block / 8] |= (uint8_t)(1u << block % 8);
    }
    uint32_t fresh = neighbour->want_count - before;
    if (!fresh)
        return;
    if (!before)
        neighbour->wanted_at = now;
    channel_send(&neighbour->channel, &(struct wire_message){ .type = WIRE_WANT,
                                                              .count = fresh,
                                                              .words = neighbour->wants + before });
    channel_flush(&neighbour->channel);
}

static void want_from_all(struct p2p_peer *peer, uint64_t now)
{
    for (uint32_t late = 0; late < 2; late++) { /* those who are not late come first */
        for (uint32_t i = 0; i < peer->neighbour_room && !peer->finished; i++) {
            struct neighbour *neighbour = peer->neighbours[i];
            if (!p2p_is_reachable(neighbour) || !neighbour->told || !neighbour->holds ||
                neighbour->late != late)
                continue;
            if (neighbour->want_count && now > neighbour->wanted_at + P2P_WANT_NS) {
                neighbour->late = true;
                forget_wants(neighbour);
            }
            want(neighbour, now);
        }
    }
}

/* --- the end ---------------------------------------------------------------- */

static bool others_are_done(const struct p2p_peer *peer)
{
    for (uint32_t i = 0; i < peer->neighbour_room; i++)
        if (p2p_is_reachable(peer->neighbours[i]) && !is_complete(peer->neighbours[i]))
            return false;
    return true;
}

/* Blocks that nobody has who is left; 0 as long as somebody may have them. */
static uint32_t count_lost(const struct p2p_peer *peer)
{
    uint32_t lost = 0;
    for (uint32_t i = 0; i < peer->neighbour_room; i++) {
        const struct neighbour *neighbour = peer->neighbours[i];
        if (p2p_is_reachable(neighbour) && !(neighbour->heard && neighbour->alone))
            return 0;
    }
    for (uint32_t at = 0; at < bitmap_bytes(peer); at++) {
        unsigned there = peer->have[at];
        for (uint32_t i = 0; i < peer->neighbour_room; i++)
            if (p2p_is_reachable(peer->neighbours[i]) && peer->neighbours[i]->holds)
                there |= peer->neighbours[i]->holds[at];
        for (uint32_t k = 0; k < 8; k++)
            lost += 8 * at + k < peer->blocks.count && !(there >> k & 1);
    }
    return lost;
}

static void weigh(struct p2p_peer *peer)
{
    struct lab_error err = LAB_ERROR_INIT;
    uint32_t lost = count_lost(peer);
    peer->weighed = true;
    if (!lost)
        return;
    lab_error_set(&err, LAB_ERR_NODE,
                  "the server is gone, and no peer that is left has %u of %u blocks", lost,
                  peer->blocks.count);
    p2p_fail(peer, &err);
}

static void end_silence(struct p2p_peer *peer)
{
    struct lab_error err = LAB_ERROR_INIT;
    if (peer->finished) {
        peer->over = peer->node->loop.stop = true; /* those who lack something do not ask */
        return;
    }
    lab_error_set(&err, LAB_ERR_TIMEOUT,
                  "the server is gone, and nothing came from other peers for %llu s; %u of %u "
                  "blocks are here",
                  P2P_SILENCE_NS / 1000000000ull, peer->held, peer->blocks.count);
    p2p_fail(peer, &err);
}

uint64_t p2p_alone_turn(struct p2p_peer *peer, uint64_t now)
{
    p2p_ask_digests(peer, now);
    want_from_all(peer, now);
    if (peer->finished && others_are_done(peer))
        peer->over = peer->node->loop.stop = true;
    else if (!peer->finished && !peer->weighed && now > peer->changed_at + GRIEF_NS)
        weigh(peer);
    else if (now > peer->changed_at + P2P_SILENCE_NS && now > peer->arrived_at + P2P_SILENCE_NS)
        end_silence(peer);
    return now + LOOK_NS;
}

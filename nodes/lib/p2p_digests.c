/* By what blocks are judged: the digests that the server tells, some time ahead of the blocks.
 *
 * A peer that stood still while others were told lacks some when the server dies. It asks a
 * neighbour that knows all, and believes what fits the digest of all digests, which the server told
 * with the file's length. */
#include <string.h>

#include "labctl/event.h"
#include "lib/p2p_parts.h"

/* Digests behind the first `*known` ones. */
static int add_digests(struct p2p_peer *peer, uint32_t *known, const struct wire_message *message,
                       struct lab_error *err)
{
    if (message->block != *known || !message->count || message->count > peer->blocks.count - *known)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "digests of %u blocks from %u on, expected %u",
                             message->count, message->block, *known);
    for (uint32_t i = 0; i < message->count; i++, ++*known)
        for (unsigned k = 0; k < WIRE_DIGEST_WORDS; k++)
            peer->blocks.digests[*known][k] = wire_entry_word(message, i, k);
    return 0;
}

int p2p_take_digests(struct p2p_peer *peer, const struct wire_message *message,
                     struct lab_error *err)
{
    if (add_digests(peer, &peer->digests, message, err))
        return -1;
    return peer->sharing ? 0 : p2p_begin_sharing(peer, err);
}

/* --- without the server ------------------------------------------------------ */

static void ask(struct p2p_peer *peer, struct neighbour *neighbour, uint64_t now)
{
    peer->informed_at = now;
    channel_send(&neighbour->channel,
                 &(struct wire_message){ .type = WIRE_DIGESTS_ASK, .block = peer->hearsay });
    channel_flush(&neighbour->channel);
}

void p2p_ask_digests(struct p2p_peer *peer, uint64_t now)
{
    struct neighbour *informant = p2p_neighbour(peer, peer->informant);
    bool waiting = peer->informed_at && now < peer->informed_at + P2P_WANT_NS;
    if (peer->digests == peer->blocks.count || (waiting && p2p_is_reachable(informant)))
        return;
    for (uint32_t i = 1; i <= peer->neighbour_room; i++) {
        uint32_t number = (peer->informant + i) % peer->neighbour_room;
        struct neighbour *neighbour = peer->neighbours[number];
        if (!p2p_is_reachable(neighbour) || !neighbour->told || !neighbour->heard)
            continue;
        if (number != peer->informant || !peer->informed_at)
            peer->hearsay = peer->digests;
        peer->informant = number;
        ask(peer, neighbour, now);
        return;
    }
}

/* A page for each ask, as asks come one by one. Who does not know all is no help. */
void p2p_tell_digests_to(struct neighbour *neighbour, uint32_t first)
{
    const struct p2p_peer *peer = neighbour->peer;
    uint32_t most = wire_entries_max(WIRE_DIGESTS);
    if (peer->digests < peer->blocks.count || first >= peer->blocks.count ||
        !p2p_connect_neighbour(neighbour))
        return;
    uint32_t left = peer->blocks.count - first;
    channel_send(&neighbour->channel,
                 &(struct wire_message){ .type = WIRE_DIGESTS,
                                         .block = first,
                                         .count = left < most ? left : most,
                                         .words = peer->blocks.digests[first] });
    channel_flush(&neighbour->channel);
}

static bool table_is_right(const struct p2p_peer *peer)
{
    uint32_t words[WIRE_DIGEST_WORDS];
    return blocks_digest_table(&peer->blocks, words) &&
           memcmp(words, peer->table, sizeof(words)) == 0;
}

int p2p_take_hearsay(struct neighbour *neighbour, const struct wire_message *message,
                     struct lab_error *err)
{
    struct p2p_peer *peer = neighbour->peer;
    bool asked = peer->informed_at && neighbour->number == peer->informant &&
                 message->block == peer->hearsay;
    if (!asked || peer->digests == peer->blocks.count)
        return 0; /* nobody asked, or it was slow and asked again */
    if (add_digests(peer, &peer->hearsay, message, err))
        return -1;
    if (peer->hearsay < peer->blocks.count) {
        ask(peer, neighbour, event_now());
    } else if (table_is_right(peer)) {
        peer->digests = peer->blocks.count;
    } else {
        neighbour->corrupt = true;
        return lab_error_set(err, LAB_ERR_CORRUPT, "digests that are not the server's");
    }
    return 0;
}

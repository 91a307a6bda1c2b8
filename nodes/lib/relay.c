#include "lib/relay.h"

#include <stdlib.h>
#include <string.h>

void relay_init(struct relay *relay, uint32_t own, uint32_t width)
{
    *relay = (struct relay){ .own = own };
    uplink_init(&relay->uplink, width);
}

void relay_free(struct relay *relay)
{
    for (uint32_t i = 0; i < relay->count; i++)
        free(relay->queues[i].entries);
    free(relay->queues);
    *relay = (struct relay){ 0 };
}

bool relay_know(struct relay *relay, uint32_t peer)
{
    if (peer < relay->count)
        return true;
    struct relay_queue *queues = realloc(relay->queues, (peer + 1) * sizeof(*queues));
    if (!queues)
        return false;
    memset(queues + relay->count, 0, (peer + 1 - relay->count) * sizeof(*queues));
    relay->queues = queues;
    relay->count = peer + 1;
    return true;
}

static struct relay_entry *entry_at(const struct relay_queue *queue, uint32_t i)
{
    return &queue->entries[(queue->first + i) % queue->room];
}

static bool grow(struct relay_queue *queue)
{
    uint32_t room = queue->room ? 2 * queue->room : 8;
    struct relay_entry *entries = malloc(room * sizeof(*entries));
    if (!entries)
        return false;
    for (uint32_t i = 0; i < queue->count; i++)
        entries[i] = *entry_at(queue, i);
    free(queue->entries);
    queue->entries = entries;
    queue->room = room;
    queue->first = 0;
    return true;
}

void relay_next_order(struct relay *relay)
{
    relay->orders++;
}

bool relay_push(struct relay *relay, uint32_t peer, uint32_t block, uint32_t bytes)
{
    if (!relay_know(relay, peer) || relay->queues[peer].gone)
        return false;
    struct relay_queue *queue = &relay->queues[peer];
    if (queue->count == queue->room && !grow(queue))
        return false;
    *entry_at(queue, queue->count++) = (struct relay_entry){ block, bytes, relay->orders };
    queue->bytes += bytes;
    return true;
}

/* The free receiver whose oldest block is the oldest of all; those next in number first,
 * so that the peers do not all turn to the same one. */
static struct relay_queue *oldest(struct relay *relay, bool slow)
{
    struct relay_queue *best = NULL;
    for (uint32_t i = 1; i <= relay->count; i++) {
        struct relay_queue *queue = &relay->queues[(relay->own + i) % relay->count];
        if (!queue->count || queue->send.active || queue->send.slow != slow)
            continue;
        if (!best || (int32_t)(entry_at(queue, 0)->order - entry_at(best, 0)->order) < 0)
            best = queue;
    }
    return best;
}

static void drop_first(struct relay_queue *queue)
{
    queue->bytes -= entry_at(queue, 0)->bytes;
    queue->first = (queue->first + 1) % queue->room;
    queue->count--;
}

bool relay_next(struct relay *relay, uint64_t now, uint32_t *peer, uint32_t *block)
{
    struct relay_queue *queue = oldest(relay, true);
    if (!queue && uplink_has_room(&relay->uplink))
        queue = oldest(relay, false);
    if (!queue)
        return false;
    *peer = (uint32_t)(queue - relay->queues);
    *block = queue->sending = entry_at(queue, 0)->block;
    uplink_begin(&relay->uplink, &queue->send, entry_at(queue, 0)->bytes, now);
    drop_first(queue);
    return true;
}

void relay_sent(struct relay *relay, uint32_t peer, uint64_t now)
{
    uplink_end(&relay->uplink, &relay->queues[peer].send, now);
}

bool relay_check(struct relay *relay, uint64_t now)
{
    bool marked = false;
    for (uint32_t i = 0; i < relay->count; i++)
        marked |= uplink_check(&relay->uplink, &relay->queues[i].send, now);
    return marked;
}

bool relay_take_back(struct relay *relay, uint32_t *peer, uint32_t *block)
{
    struct relay_queue *newest = NULL;
    for (uint32_t i = 0; i < relay->count; i++) {
        struct relay_queue *queue = &relay->queues[i];
        if (!queue->count || queue->send.slow)
            continue;
        if (!newest || (int32_t)(entry_at(queue, queue->count - 1)->order -
                                 entry_at(newest, newest->count - 1)->order) > 0)
            newest = queue;
    }
    if (!newest)
        return false;
    *peer = (uint32_t)(newest - relay->queues);
    *block = entry_at(newest, --newest->count)->block;
    newest->bytes -= entry_at(newest, newest->count)->bytes;
    return true;
}

bool relay_take_for(struct relay *relay, uint32_t peer, uint32_t *block)
{
    struct relay_queue *queue = &relay->queues[peer];
    if (queue->send.active) {
        *block = queue->sending;
        uplink_abort(&relay->uplink, &queue->send);
        return true;
    }
    if (!queue->count)
        return false;
    *block = entry_at(queue, 0)->block;
    drop_first(queue);
    return true;
}

bool relay_has(const struct relay *relay, uint32_t peer, uint32_t block)
{
    const struct relay_queue *queue = &relay->queues[peer];
    if (queue->send.active && queue->sending == block)
        return true;
    for (uint32_t i = 0; i < queue->count; i++)
        if (entry_at(queue, i)->block == block)
            return true;
    return false;
}

void relay_there(struct relay *relay, uint32_t peer)
{
    relay->queues[peer].gone = false;
}

void relay_gone(struct relay *relay, uint32_t peer)
{
    relay->queues[peer].gone = true;
}

uint32_t relay_waiting(const struct relay *relay)
{
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < relay->count; i++)
        if (!relay->queues[i].send.slow)
            waiting += relay->queues[i].count;
    return waiting;
}

uint64_t relay_waiting_bytes(const struct relay *relay)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < relay->count; i++)
        if (!relay->queues[i].send.slow)
            bytes += relay->queues[i].bytes;
    return bytes;
}

uint32_t relay_receivers(const struct relay *relay)
{
    uint32_t receivers = 0;
    for (uint32_t i = 0; i < relay->count; i++)
        receivers += i != relay->own && !relay->queues[i].gone;
    return receivers;
}

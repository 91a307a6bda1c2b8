/* Who brings which block to whom: the server's mind, without a socket or a clock.
 *
 * The unit is a copy: one block for one peer. Every copy has a source: nobody yet, the
 * server, a peer that holds the block (or is about to), or none needed any more because
 * the peer has it.
 *
 *   - Peers ask for work when they have little left to pass on. A fresh block (one that
 *     nobody brings yet) goes to a peer that asks; it passes the block on to all others.
 *     So each block leaves the server once, and fast uplinks get more blocks. When nobody
 *     asks, the peers' uplinks are the limit: the server gives blocks away unasked, and
 *     nobody is told to pass them on.
 *   - Copies without a source are the stock: those of such blocks, of peers that came late,
 *     of senders that left, and those that were given back. Peers that ask, hold the
 *     block and are not slow to receive make them, a part of the stock at a time, so that all
 *     end together; the server sends them when there is more than a block for every peer to
 *     choose from, or when no fresh block is left.
 *   - When an uplink idles and the stock is empty, copies not yet begun are recalled
 *     from the sender that needs longest for its own.
 *   - A peer that receives slowly is not waited for: it stops being the one to pass the
 *     block on, and the copies it was to make go to the stock. */
#ifndef NODES_SCHED_H
#define NODES_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "labctl/error.h"

struct sched;

/* A sched for `blocks` blocks. Free with sched_free(). NULL when out of memory. */
struct sched *sched_new(uint32_t blocks, struct lab_error *err);
void sched_free(struct sched *sched);

/* A peer has come: it gets a number, and is left alone until it takes part. Numbers are
 * not used again. */
int sched_join(struct sched *sched, uint32_t *peer, struct lab_error *err);
int sched_take_part(struct sched *sched, uint32_t peer, struct lab_error *err);
void sched_leave(struct sched *sched, uint32_t peer);

/* What peers say. Numbers out of range are the caller's to refuse (sched_knows). */
bool sched_knows(const struct sched *sched, uint32_t peer); /* takes part, has not left */
void sched_ask(struct sched *sched, uint32_t peer);
void sched_have(struct sched *sched, uint32_t peer, uint32_t block);
void sched_load(struct sched *sched, uint32_t peer, uint32_t copies, uint32_t drain_us);
void sched_returned(struct sched *sched, uint32_t peer, uint32_t block, uint32_t to);
void sched_recall_answered(struct sched *sched, uint32_t peer);
/* `peer` got `block` broken and needs it from the server. */
void sched_refetch(struct sched *sched, uint32_t peer, uint32_t block);
/* `peer` sent a broken block: it passes nothing on any more. Returns false when that was
 * known already. */
bool sched_distrust(struct sched *sched, uint32_t peer);

/* `peer` says nothing, though it should: what it was to pass on is for others to bring, and
 * nothing more is expected of it until it speaks. */
void sched_silent(struct sched *sched, uint32_t peer);
void sched_speaks(struct sched *sched, uint32_t peer);

/* Let the server send `peer` a block that another peer was to bring, at the next chance.
 * *block is which; false when there is none. */
bool sched_rescue(struct sched *sched, uint32_t peer, uint32_t *block);

/* The server's uplink has room: what to send to whom. False when there is nothing.
 * The peer is then busy until sched_sent(). */
bool sched_next_send(struct sched *sched, uint32_t *block, uint32_t *peer);

/* The block that is being sent to a busy peer. */
uint32_t sched_sending(const struct sched *sched, uint32_t peer);

/* `block` takes long to arrive at `peer`: do not count on it for passing it on. `again`: so did the
 * one before. */
void sched_slow(struct sched *sched, uint32_t peer, uint32_t block, bool again);

/* The send to `peer` is over. Writes the peers it is to pass the block on to (room for
 * sched_peers() numbers) and returns how many; *answers is whether it had asked. */
uint32_t sched_sent(struct sched *sched, uint32_t peer, bool slow, uint32_t *share, bool *answers);

/* Copies from the stock for a peer that asked: up to sched_peers() numbers in `share`.
 * False when there is nothing for anyone. */
bool sched_next_share(struct sched *sched, uint32_t *peer, uint32_t *block, uint32_t *share,
                      uint32_t *count);

/* Whom to ask for copies back, and how many. `idle`: the server's own uplink has room. */
bool sched_next_recall(struct sched *sched, bool idle, uint32_t *peer, uint32_t *copies);

/* Peers that ever came; numbers are below this. */
uint32_t sched_peers(const struct sched *sched);

/* Blocks that were handed out so far: those below this number. */
uint32_t sched_fresh(const struct sched *sched);

/* Copies that have no source. */
uint64_t sched_stock(const struct sched *sched);

#endif

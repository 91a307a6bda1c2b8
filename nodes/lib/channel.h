/* A connection that carries messages (wire.h) both ways, and ranges of a file.
 *
 *   receiving   header -> body -> [payload, straight to where its owner wants it]
 *   sending     queued messages, then at most one range of a file by sendfile, then
 *               the messages queued since
 *
 * Nothing blocks. What the other side sends is checked before it is stored: a header's
 * length bounds everything that follows. */
#ifndef NODES_CHANNEL_H
#define NODES_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "labctl/wire.h"
#include "lib/loop.h"
#include "lib/net.h"
#include "lib/telemetry.h"

struct channel;

/* What the owner of a channel is told. A call that returns -1 with err set ends the
 * channel: `closed` follows. */
struct channel_ops {
    /* A message is here. For a FILE_PART the owner sets channel->sink to where the
     * payload goes (`bytes` of room), or leaves it NULL to have it thrown away. */
    int (*message)(struct channel *channel, const struct wire_message *message,
                   struct lab_error *err);
    /* More payload has come: channel->sink_used grew by `fresh`. May be NULL. */
    void (*payload)(struct channel *channel, size_t fresh);
    /* The payload of a FILE_PART is complete. May be NULL when none can come. */
    int (*part)(struct channel *channel, struct lab_error *err);
    /* The range given to channel_send_file() has gone to the kernel. May be NULL. */
    void (*sent)(struct channel *channel);
    /* A connection that was being made is there. May be NULL. */
    void (*connected)(struct channel *channel);
    /* The connection is over, and its descriptor closed. `reason` is NULL when the other
     * side closed it between messages. Not called by channel_close(). */
    void (*closed)(struct channel *channel, const struct lab_error *reason);
};

struct channel {
    struct watch watch;
    struct loop *loop;             /* borrowed */
    const struct channel_ops *ops; /* borrowed */
    void *owner;                   /* borrowed; for ops */
    /* Set when what comes next is no message: called instead when there is something to
     * read. It reads watch.fd itself. */
    void (*raw)(struct channel *channel);
    unsigned senders;           /* enum wire_sender bits: who is at the other side */
    struct sockaddr_in address; /* of the other side */
    char name[NET_NAME_MAX];    /* the same as text */
    bool connecting;
    int errnum; /* when it broke, rather than was closed: what the system said of it */
    uint64_t bytes_sent, bytes_received;
    struct probe probe; /* of telemetry */

    /* receiving */
    uint8_t head[WIRE_HEADER_SIZE];
    struct wire_header header;
    uint8_t *body; /* owned */
    size_t body_room;
    size_t got;         /* of the header or the body */
    bool in_body;       /* else in the header */
    bool in_payload;    /* in neither */
    uint64_t began_ns;  /* when the first byte of this message came */
    uint8_t *sink;      /* borrowed from the owner, or NULL */
    uint32_t sink_used; /* payload bytes so far */
    int wake_bytes;     /* have to be there before the loop wakes for them */

    /* sending */
    uint8_t *out; /* owned */
    size_t out_room, out_used, out_sent;
    size_t out_before_file; /* bytes of `out` that go before the file's */
    int file_fd;            /* borrowed; -1 when no range is being sent */
    uint64_t file_at, file_end;
    bool broken; /* out of memory, or too much queued: ends at the next chance */
};

/* Most bytes of messages that may wait in a channel: a peer that does not read for so
 * long is lost. */
#define CHANNEL_OUT_MAX (4u << 20)

/* Take over a connected (or connecting) descriptor. On failure it is closed. */
int channel_open(struct channel *channel, struct loop *loop, int fd,
                 const struct sockaddr_in *address, unsigned senders, const struct channel_ops *ops,
                 void *owner, struct lab_error *err);

/* Close and free what it holds; the struct itself may not be freed before the loop's
 * next turn. Does nothing when it is closed already. */
void channel_close(struct channel *channel);

bool channel_is_open(const struct channel *channel);

/* Queue a message, to go out at the next chance (channel_flush, or the loop's). */
void channel_send(struct channel *channel, const struct wire_message *message);

/* Queue a range of a file behind the messages queued so far. One at a time: not while
 * channel_is_sending(). `fd` must stay open. */
void channel_send_file(struct channel *channel, int fd, uint64_t from, uint64_t to);

bool channel_is_sending(const struct channel *channel);

/* Bytes that the socket gave to the host's interface and that have not left it. */
uint32_t channel_leaving(const struct channel *channel);

/* Is there anything that the socket has not taken yet? */
bool channel_has_output(const struct channel *channel);

/* Write out what the socket takes. May call ops->sent and ops->closed. */
void channel_flush(struct channel *channel);

/* Call ops->closed with `err` and close. For owners that find a fault themselves. */
void channel_fail(struct channel *channel, const struct lab_error *err);

#endif

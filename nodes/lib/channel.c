#include "lib/channel.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "labctl/cleanup.h"
#include "labctl/event_writer.h"

/* What one channel may receive or send before the others have their turn. */
#define TURN_BYTES (1u << 20)

/* Payload that has to be there before the loop wakes for it: waking for every segment costs more
 * than the segment. Not so much that a slow sender seems to stand still. */
#define WAKE_BYTES (4 << 10)

/* Most messages are shorter than this. */
#define BODY_ROOM_MIN 64

/* Payload that nobody wants goes here. */
static uint8_t waste[64 << 10];

bool channel_is_open(const struct channel *channel)
{
    return channel->watch.fd >= 0;
}

bool channel_is_sending(const struct channel *channel)
{
    return channel->file_fd >= 0;
}

void channel_close(struct channel *channel)
{
    if (!channel_is_open(channel))
        return;
    telemetry_end(channel->loop->telemetry, &channel->probe);
    loop_remove(channel->loop, &channel->watch);
    close(channel->watch.fd);
    channel->watch.fd = -1;
    channel->file_fd = -1;
    free(channel->body);
    free(channel->out);
    channel->body = channel->out = NULL;
}

void channel_fail(struct channel *channel, const struct lab_error *err)
{
    if (!channel_is_open(channel))
        return;
    channel_close(channel);
    channel->ops->closed(channel, err);
}

/* --- receiving ------------------------------------------------------------ */

enum step {
    STEP_MORE,
    STEP_WAIT,   /* for the socket */
    STEP_CLOSED, /* by the other side, between messages */
    STEP_DEAF,   /* the other side takes nothing more; it may have said something before */
    STEP_FAILED, /* err says why */
};

/* Receive up to `want` bytes; *got is how many came. */
static enum step receive(struct channel *channel, uint8_t *at, size_t want, size_t *got,
                         struct lab_error *err)
{
    *got = 0;
    if (want == 0)
        return STEP_MORE;
    ssize_t n = recv(channel->watch.fd, at, want, 0);
    if (n > 0) {
        channel->bytes_received += (uint64_t)n;
        *got = (size_t)n;
        return STEP_MORE;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return STEP_WAIT;
    bool amid = channel->got || channel->in_body || channel->in_payload;
    if (n == 0 && !amid)
        return STEP_CLOSED;
    channel->errnum = n < 0 ? errno : ECONNRESET;
    if (n < 0)
        lab_error_errno(err, LAB_ERR_PROTOCOL, errno, "the connection to %s broke", channel->name);
    else
        lab_error_set(err, LAB_ERR_PROTOCOL, "%s closed the connection amid a message",
                      channel->name);
    return STEP_FAILED;
}

static enum step begin_body(struct channel *channel, struct lab_error *err)
{
    if (wire_decode_header(channel->head, channel->senders, &channel->header, err)) {
        lab_error_wrap(err, "from %s", channel->name);
        return STEP_FAILED;
    }
    if (!channel->body || channel->header.body > channel->body_room) {
        size_t room = channel->header.body > BODY_ROOM_MIN ? channel->header.body : BODY_ROOM_MIN;
        free(channel->body);
        channel->body = malloc(room);
        channel->body_room = channel->body ? room : 0;
        if (!channel->body) {
            lab_error_memory(err);
            return STEP_FAILED;
        }
    }
    channel->got = 0;
    channel->in_body = true;
    return STEP_MORE;
}

static enum step end_body(struct channel *channel, struct lab_error *err)
{
    struct wire_message message;
    channel->got = 0;
    channel->in_body = false;
    channel->sink = NULL;
    channel->sink_used = 0;
    channel->in_payload = channel->header.type == WIRE_FILE_PART;
    if (wire_decode_body(&channel->header, channel->body, &message, err) ||
        channel->ops->message(channel, &message, err)) {
        lab_error_wrap(err, "from %s", channel->name);
        return STEP_FAILED;
    }
    return STEP_MORE;
}

static void wake_for(struct channel *channel, uint32_t bytes)
{
    int wake = bytes < WAKE_BYTES ? (int)bytes : WAKE_BYTES;
    if (channel->wake_bytes == wake)
        return;
    channel->wake_bytes = wake;
    setsockopt(channel->watch.fd, SOL_SOCKET, SO_RCVLOWAT, &wake, sizeof(wake));
}

static enum step receive_payload(struct channel *channel, struct lab_error *err)
{
    uint32_t left = channel->header.payload - channel->sink_used;
    uint8_t *at = channel->sink ? channel->sink + channel->sink_used : waste;
    size_t want = channel->sink || left < sizeof(waste) ? left : sizeof(waste);
    size_t got;
    enum step step = receive(channel, at, want, &got, err);
    if (step == STEP_WAIT)
        wake_for(channel, left);
    if (step != STEP_MORE)
        return step;
    channel->sink_used += (uint32_t)got;
    if (channel->ops->payload && got)
        channel->ops->payload(channel, got);
    if (channel->sink_used < channel->header.payload)
        return STEP_MORE;
    wake_for(channel, 1);
    channel->in_payload = false;
    return channel->ops->part && channel->ops->part(channel, err) ? STEP_FAILED : STEP_MORE;
}

static enum step receive_step(struct channel *channel, struct lab_error *err)
{
    size_t got;
    if (channel->in_payload)
        return receive_payload(channel, err);
    size_t size = channel->in_body ? channel->header.body : WIRE_HEADER_SIZE;
    uint8_t *at = channel->in_body ? channel->body : channel->head;
    enum step step = receive(channel, at + channel->got, size - channel->got, &got, err);
    if (step != STEP_MORE)
        return step;
    if (!channel->in_body && channel->got == 0)
        channel->began_ns = event_now();
    channel->got += got;
    if (channel->got < size)
        return STEP_MORE;
    return channel->in_body ? end_body(channel, err) : begin_body(channel, err);
}

static void receive_all(struct channel *channel)
{
    struct lab_error err = LAB_ERROR_INIT;
    uint64_t until = channel->bytes_received + TURN_BYTES;
    enum step step = STEP_MORE;
    while (step == STEP_MORE && channel->bytes_received < until && !channel->raw) {
        step = receive_step(channel, &err);
        if (!channel_is_open(channel))
            return;
    }
    if (step == STEP_CLOSED || step == STEP_FAILED)
        channel_fail(channel, step == STEP_FAILED ? &err : NULL);
}

/* --- sending -------------------------------------------------------------- */

/* Make room for `more` bytes behind what is queued. */
static uint8_t *grow_out(struct channel *channel, size_t more)
{
    if (channel->out_sent == channel->out_used)
        channel->out_used = channel->out_sent = channel->out_before_file = 0;
    size_t need = channel->out_used + more;
    if (need > CHANNEL_OUT_MAX)
        return NULL;
    if (need > channel->out_room) {
        size_t room = need < 1024 ? 1024 : need * 2;
        uint8_t *out = realloc(channel->out, room);
        if (!out)
            return NULL;
        channel->out = out;
        channel->out_room = room;
    }
    return channel->out + channel->out_used;
}

void channel_send(struct channel *channel, const struct wire_message *message)
{
    if (!channel_is_open(channel))
        return;
    uint8_t *at = grow_out(channel, wire_encoded_size(message));
    if (!at) {
        channel->broken = true;
        return;
    }
    channel->out_used += wire_encode(message, at);
}

void channel_send_file(struct channel *channel, int fd, uint64_t from, uint64_t to)
{
    if (!channel_is_open(channel))
        return;
    channel->file_fd = fd;
    channel->file_at = from;
    channel->file_end = to;
    channel->out_before_file = channel->out_used;
}

/* Both return STEP_MORE when all is gone, and STEP_WAIT when the socket is full. */
static enum step send_messages(struct channel *channel, size_t until, bool more)
{
    while (channel->out_sent < until) {
        ssize_t n = send(channel->watch.fd, channel->out + channel->out_sent,
                         until - channel->out_sent, more ? MSG_MORE : 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return STEP_WAIT;
        if (n < 0)
            return STEP_DEAF;
        channel->out_sent += (size_t)n;
        channel->bytes_sent += (uint64_t)n;
    }
    return STEP_MORE;
}

static enum step send_range(struct channel *channel, struct lab_error *err)
{
    for (size_t turn = 0; channel->file_at < channel->file_end;) {
        uint64_t left = channel->file_end - channel->file_at;
        off_t at = (off_t)channel->file_at;
        if (turn >= TURN_BYTES)
            return STEP_WAIT;
        ssize_t n = sendfile(channel->watch.fd, channel->file_fd, &at,
                             left < TURN_BYTES ? (size_t)left : TURN_BYTES);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return STEP_WAIT;
        if (n < 0)
            return STEP_DEAF;
        if (n == 0) {
            lab_error_set(err, LAB_ERR_IO, "the file became shorter while it was being sent");
            return STEP_FAILED;
        }
        channel->file_at += (uint64_t)n;
        channel->bytes_sent += (uint64_t)n;
        turn += (size_t)n;
    }
    return STEP_MORE;
}

static enum step send_step(struct channel *channel, struct lab_error *err)
{
    if (channel->file_fd < 0)
        return send_messages(channel, channel->out_used, false);
    bool more = channel->file_at < channel->file_end;
    enum step step = send_messages(channel, channel->out_before_file, more);
    if (step == STEP_MORE)
        step = send_range(channel, err);
    if (step != STEP_MORE)
        return step;
    channel->file_fd = -1;
    if (channel->ops->sent)
        channel->ops->sent(channel);
    return STEP_MORE;
}

uint32_t channel_leaving(const struct channel *channel)
{
    uint32_t memory[SK_MEMINFO_VARS] = { 0 };
    socklen_t size = sizeof(memory);
    if (channel_is_open(channel) && !channel->connecting)
        getsockopt(channel->watch.fd, SOL_SOCKET, SO_MEMINFO, memory, &size);
    return memory[SK_MEMINFO_WMEM_ALLOC];
}

bool channel_has_output(const struct channel *channel)
{
    return channel->file_fd >= 0 || channel->out_sent < channel->out_used;
}

void channel_flush(struct channel *channel)
{
    struct lab_error err = LAB_ERROR_INIT;
    enum step step = STEP_MORE;
    if (!channel_is_open(channel) || channel->connecting)
        return;
    while (step == STEP_MORE && channel_has_output(channel)) {
        step = send_step(channel, &err);
        if (!channel_is_open(channel))
            return;
    }
    if (channel->broken && step != STEP_FAILED) {
        lab_error_set(&err, LAB_ERR_PROTOCOL, "%s does not read what it is sent", channel->name);
        step = STEP_FAILED;
    }
    if (step == STEP_FAILED) {
        channel_fail(channel, &err);
        return;
    }
    if (step == STEP_DEAF) {
        /* What it said before may still be unread; receiving will meet the end. */
        channel->file_fd = -1;
        channel->out_used = channel->out_sent = channel->out_before_file = 0;
    }
    loop_change(channel->loop, &channel->watch,
                EPOLLIN | (channel_has_output(channel) ? (uint32_t)EPOLLOUT : 0));
}

/* --- the loop's side ------------------------------------------------------ */

static void end_connecting(struct channel *channel)
{
    int error = net_socket_error(channel->watch.fd);
    if (error) {
        struct lab_error err = LAB_ERROR_INIT;
        channel->errnum = error;
        lab_error_errno(&err, LAB_ERR_NODE, error, "cannot connect to %s", channel->name);
        channel_fail(channel, &err);
        return;
    }
    channel->connecting = false;
    if (channel->ops->connected)
        channel->ops->connected(channel);
}

static void channel_ready(struct watch *watch, uint32_t events)
{
    struct channel *channel = (struct channel *)((char *)watch - offsetof(struct channel, watch));
    if (channel->connecting)
        end_connecting(channel);
    if (channel_is_open(channel) && events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
        if (channel->raw)
            channel->raw(channel);
        else
            receive_all(channel);
    }
    if (channel_is_open(channel) && events & EPOLLOUT)
        channel_flush(channel);
}

int channel_open(struct channel *channel, struct loop *loop, int fd,
                 const struct sockaddr_in *address, unsigned senders, const struct channel_ops *ops,
                 void *owner, struct lab_error *err)
{
    *channel = (struct channel){
        .watch = { .fd = fd, .ready = channel_ready },
        .loop = loop,
        .ops = ops,
        .owner = owner,
        .senders = senders,
        .address = *address,
        .file_fd = -1,
        .wake_bytes = 1,
    };
    struct sockaddr_in self;
    socklen_t length = sizeof(self);
    net_name(address, channel->name);
    loop->connections++;
    /* The first EPOLLOUT tells how it went, to who wants to know it even if it was at once. */
    channel->connecting = ops->connected || getpeername(fd, (struct sockaddr *)&self, &length) != 0;
    if (loop_add(loop, &channel->watch, EPOLLIN | (channel->connecting ? (uint32_t)EPOLLOUT : 0),
                 err)) {
        close(fd);
        channel->watch.fd = -1;
        return -1;
    }
    telemetry_begin(loop->telemetry, &channel->probe, loop->connections, fd, channel->name);
    return 0;
}

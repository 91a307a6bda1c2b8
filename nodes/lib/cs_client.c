#include "lib/cs_client.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"

/* The pipe between socket and file. Larger would not fit the caches; smaller costs
 * system calls. */
#define PIPE_BYTES (1 << 20)

/* Bytes taken before the loop looks for a signal. */
#define TURN_BYTES (16u << 20)

#define NAIVE_BYTES 4096

static void fail(struct cs_client *client)
{
    channel_close(&client->channel);
    client->node->loop.stop = true;
}

static void finish(struct cs_client *client)
{
    uint64_t now = event_now();
    node_event_bytes(client->node, EVENT_FINISH, client->got);
    node_flush(client->node);
    channel_send(&client->channel, &(struct wire_message){ .type = WIRE_REPORT,
                                                           .nanoseconds = now - client->begin_ns,
                                                           .bytes = client->got });
    channel_flush(&client->channel);
    client->done = true;
    client->node->loop.stop = true;
    node_say("received %llu bytes in %.6f seconds", (unsigned long long)client->got,
             (double)(now - client->begin_ns) / 1e9);
}

static int too_short(struct cs_client *client, int errnum)
{
    struct lab_error *err = &client->failure;
    unsigned long long got = client->got, length = client->length;
    if (errnum)
        return lab_error_errno(err, LAB_ERR_TRUNCATED, errnum,
                               "the connection broke after %llu of %llu bytes", got, length);
    return lab_error_set(err, LAB_ERR_TRUNCATED,
                         "the server closed the connection after %llu of %llu bytes", got, length);
}

static int write_failed(struct cs_client *client)
{
    return lab_error_errno(&client->failure, LAB_ERR_IO, errno, "cannot write to %s",
                           client->node->args.output);
}

/* From the pipe to the file, all of it. */
static int drain_pipe(struct cs_client *client, size_t held)
{
    while (held) {
        loff_t at = (loff_t)client->got;
        ssize_t n = splice(client->pipe_fds[0], NULL, client->output_fd, &at, held, SPLICE_F_MOVE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return write_failed(client);
        client->got += (uint64_t)n;
        held -= (size_t)n;
    }
    return 0;
}

/* Returns 1 when there may be more, 0 when the socket is empty, -1 on failure. */
static int receive_spliced(struct cs_client *client)
{
    uint64_t left = client->length - client->got;
    ssize_t n =
        splice(client->channel.watch.fd, NULL, client->pipe_fds[1], NULL,
               left < PIPE_BYTES ? (size_t)left : PIPE_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0)
        return too_short(client, n < 0 ? errno : 0);
    return drain_pipe(client, (size_t)n) ? -1 : 1;
}

static void client_receive(struct channel *channel)
{
    struct cs_client *client = channel->owner;
    uint64_t until = client->got + TURN_BYTES;
    int more = 1;
    while (more > 0 && client->got < client->length && client->got < until)
        more = receive_spliced(client);
    node_event_progress(client->node, client->got);
    if (more < 0)
        fail(client);
    else if (client->got == client->length)
        finish(client);
}

static void client_receive_naive(struct channel *channel)
{
    struct cs_client *client = channel->owner;
    char buffer[NAIVE_BYTES];
    ssize_t n = sizeof(buffer);
    while (n == sizeof(buffer)) {
        n = recv(channel->watch.fd, buffer, sizeof(buffer), 0);
        if (n > 0 && pwrite(client->output_fd, buffer, (size_t)n, (off_t)client->got) != n) {
            write_failed(client);
            fail(client);
            return;
        }
        client->got += n > 0 ? (uint64_t)n : 0;
    }
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        too_short(client, errno);
        fail(client);
    } else if (client->got || n == 0) {
        finish(client);
    }
}

static void log_length(struct cs_client *client)
{
    node_event_bytes(client->node, EVENT_LENGTH, client->length);
    node_flush(client->node);
}

/* LENGTH, the only message a client is sent. */
static int client_message(struct channel *channel, const struct wire_message *message,
                          struct lab_error *err)
{
    struct cs_client *client = channel->owner;
    bool naive = client->node->args.naive;
    client->length = message->bytes;
    log_length(client);
    if (client->length > INT64_MAX)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a file of %llu bytes",
                             (unsigned long long)client->length);
    if (!naive &&
        node_set_length(client->output_fd, client->node->args.output, client->length, err))
        return -1;
    channel_send(channel, &(struct wire_message){ .type = WIRE_REQUEST, .bytes = client->length });
    channel_flush(channel);
    channel->raw = naive ? client_receive_naive : client_receive;
    if (client->length == 0)
        finish(client);
    return 0;
}

static void client_closed(struct channel *channel, const struct lab_error *reason)
{
    struct cs_client *client = channel->owner;
    if (reason)
        client->failure = *reason;
    else
        lab_error_set(&client->failure, LAB_ERR_PROTOCOL,
                      "%s closed the connection before it told the file's length", channel->name);
    client->node->loop.stop = true;
}

static void client_connected(struct channel *channel)
{
    struct cs_client *client = channel->owner;
    node_event_connect(client->node, channel->name);
}

static const struct channel_ops client_ops = {
    .message = client_message,
    .connected = client_connected,
    .closed = client_closed,
};

int cs_client_open(struct cs_client *client, struct node *node, struct lab_error *err)
{
    *client = (struct cs_client){
        .node = node, .output_fd = -1, .pipe_fds = { -1, -1 }, .channel = { .watch = { .fd = -1 } }
    };
    client->output_fd = node_create_output(node->args.output, err);
    if (client->output_fd < 0)
        return -1;
    if (pipe2(client->pipe_fds, O_CLOEXEC))
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot make a pipe");
    /* May be refused when the user has many pipes; then it is merely slower. */
    fcntl(client->pipe_fds[1], F_SETPIPE_SZ, PIPE_BYTES);
    return 0;
}

int cs_client_join(struct cs_client *client, int fd, const struct sockaddr_in *address,
                   struct lab_error *err)
{
    net_tune_stream(fd);
    return channel_open(&client->channel, &client->node->loop, fd, address, WIRE_FROM_CS_SERVER,
                        &client_ops, client, err);
}

void cs_client_close(struct cs_client *client)
{
    int *owned[] = { &client->output_fd, &client->pipe_fds[0], &client->pipe_fds[1] };
    channel_close(&client->channel);
    for (size_t i = 0; i < ARRAY_LENGTH(owned); i++) {
        if (*owned[i] >= 0)
            close(*owned[i]);
        *owned[i] = -1;
    }
}

uint64_t cs_client_turn(void *client)
{
    node_flush(((struct cs_client *)client)->node);
    return LOOP_NEVER;
}

static int fetch(struct cs_client *client, struct lab_error *err)
{
    struct node *node = client->node;
    struct sockaddr_in server = { .sin_family = AF_INET,
                                  .sin_port = htons(node->args.port),
                                  .sin_addr = node->args.server };
    if (node_pass_gate(node, &client->begin_ns, err))
        return -1;
    int fd = net_connect((struct in_addr){ INADDR_ANY }, server.sin_addr, node->args.port, err);
    if (fd < 0 || cs_client_join(client, fd, &server, err) ||
        loop_run(&node->loop, cs_client_turn, client, err))
        return -1;
    if (!client->done && client->failure.code) {
        *err = client->failure;
        return -1;
    }
    return 0;
}

int cs_client_run(struct node *node, struct lab_error *err)
{
    struct cs_client client;
    int status = cs_client_open(&client, node, err);
    if (!status)
        status = fetch(&client, err);
    cs_client_close(&client);
    return status;
}

#include "lib/cs_client.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"

/* The pipe between socket and file. Larger would not fit the caches; smaller costs
 * system calls. */
#define PIPE_BYTES (1 << 20)

/* Bytes taken before the loop looks for a signal. */
#define TURN_BYTES (16u << 20)

#define NAIVE_BYTES 4096

/* Before a second connection, and at most before any other. */
#define PAUSE_FIRST_NS 100000000ull
#define PAUSE_LAST_NS  1000000000ull

/* --- connections that break ------------------------------------------------ */

/* It is over without the file; client->failure says why. */
static void fail(struct cs_client *client)
{
    channel_send(&client->channel,
                 &(struct wire_message){ .type = WIRE_LEAVE, .bytes = client->got });
    channel_flush(&client->channel);
    channel_close(&client->channel);
    client->connect_at = client->give_up_at = 0;
    client->node->loop.stop = true;
}

/* Tell of the connection that there was, and of what came of making another. */
static void give_up(struct cs_client *client)
{
    client->failure = client->latest;
    if (client->broken.code && client->give_up_at)
        lab_error_set(&client->failure, client->broken.code, "%.900s; then: %.900s",
                      client->broken.message, client->latest.message);
    fail(client);
}

static void log_retry(struct cs_client *client)
{
    struct event_writer *events = &client->node->events;
    event_begin(events, EVENT_RETRY, 0);
    event_integer(events, "bytes", (int64_t)client->got);
    event_string(events, "reason", client->latest.message);
    event_end(events);
    node_say("%s: trying again", client->latest.message);
}

/* The connection is over before the file was here, or could not be made; client->latest says
 * why. */
static void try_again(struct cs_client *client)
{
    uint64_t now = event_now();
    channel_close(&client->channel);
    if (client->node->args.naive || client->connections >= CS_CONNECTIONS_MAX) {
        give_up(client);
        return;
    }
    if (!client->give_up_at) {
        client->broken = client->latest;
        client->give_up_at = now + CS_CONNECT_PATIENCE_NS;
        client->pause_ns = PAUSE_FIRST_NS;
    }
    client->connect_at = now + client->pause_ns;
    client->pause_ns *= 2;
    if (client->pause_ns > PAUSE_LAST_NS)
        client->pause_ns = PAUSE_LAST_NS;
    log_retry(client);
}

static void connect_again(struct cs_client *client)
{
    struct lab_error err = LAB_ERROR_INIT;
    client->connect_at = 0;
    int fd = net_connect((struct in_addr){ INADDR_ANY }, client->server.sin_addr,
                         ntohs(client->server.sin_port), &err);
    if (fd >= 0 && cs_client_join(client, fd, &client->server, &err) == 0)
        return;
    client->connections += fd < 0;
    client->latest = err;
    try_again(client);
}

/* --- the bytes ------------------------------------------------------------- */

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

/* Sets client->latest. */
static int too_short(struct cs_client *client, int errnum)
{
    struct lab_error *err = &client->latest;
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
    if (more < 0 && client->failure.code)
        fail(client);
    else if (more < 0)
        try_again(client);
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
        try_again(client);
    } else if (client->got || n == 0) {
        finish(client);
    }
}

/* --- the connection -------------------------------------------------------- */

static int take_length(struct cs_client *client, uint64_t length, struct lab_error *err)
{
    const struct node_args *args = &client->node->args;
    if (client->has_length && client->length != length)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a file of %llu bytes, which had %llu before",
                             (unsigned long long)length, (unsigned long long)client->length);
    if (client->has_length)
        return 0;
    client->length = length;
    client->has_length = true;
    node_event_bytes(client->node, EVENT_LENGTH, length);
    node_flush(client->node);
    if (length > INT64_MAX)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a file of %llu bytes",
                             (unsigned long long)length);
    return args->naive ? 0 : node_set_length(client->output_fd, args->output, length, err);
}

/* LENGTH, the only message a client is sent. */
static int client_message(struct channel *channel, const struct wire_message *message,
                          struct lab_error *err)
{
    struct cs_client *client = channel->owner;
    if (take_length(client, message->bytes, err))
        return -1;
    channel_send(channel, &(struct wire_message){ .type = WIRE_REQUEST,
                                                  .client = client->number,
                                                  .offset = client->got,
                                                  .bytes = client->length - client->got });
    channel_flush(channel);
    channel->raw = client->node->args.naive ? client_receive_naive : client_receive;
    if (client->got == client->length)
        finish(client);
    return 0;
}

/* Called until LENGTH has come; what follows it does not go through the channel. */
static void client_closed(struct channel *channel, const struct lab_error *reason)
{
    struct cs_client *client = channel->owner;
    if (reason)
        client->latest = *reason;
    else
        lab_error_set(&client->latest, LAB_ERR_PROTOCOL,
                      "%s closed the connection before it told the file's length", channel->name);
    bool server_is_gone = channel->errnum == ECONNREFUSED;
    bool server_is_wrong = reason && channel->errnum == 0;
    if (server_is_gone || server_is_wrong)
        give_up(client);
    else
        try_again(client);
}

static void client_connected(struct channel *channel)
{
    struct cs_client *client = channel->owner;
    client->give_up_at = 0;
    node_event_connect(client->node, client->connections, channel->name);
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
    if (client->output_fd < 0 ||
        node_reserve(client->output_fd, node->args.output, node->args.reserve, err))
        return -1;
    if (pipe2(client->pipe_fds, O_CLOEXEC))
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot make a pipe");
    /* May be refused when the user has many pipes; then it is merely slower. */
    fcntl(client->pipe_fds[1], F_SETPIPE_SZ, PIPE_BYTES);
    if (getrandom(&client->number, sizeof(client->number), 0) != sizeof(client->number))
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot choose a number");
    return 0;
}

int cs_client_join(struct cs_client *client, int fd, const struct sockaddr_in *address,
                   struct lab_error *err)
{
    client->server = *address;
    client->connections++;
    net_tune_stream(fd);
    net_watch_path(fd);
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

uint64_t cs_client_turn(void *owner)
{
    struct cs_client *client = owner;
    uint64_t now = event_now();
    if (client->connect_at && now >= client->connect_at)
        connect_again(client);
    if (client->give_up_at && now >= client->give_up_at) {
        lab_error_set(&client->latest, LAB_ERR_TIMEOUT,
                      "no connection to the server for %g seconds",
                      (double)CS_CONNECT_PATIENCE_NS / 1e9);
        give_up(client);
    }
    node_flush(client->node);
    if (client->connect_at)
        return client->connect_at;
    return client->give_up_at ? client->give_up_at : LOOP_NEVER;
}

static int fetch(struct cs_client *client, struct lab_error *err)
{
    struct node *node = client->node;
    client->server = (struct sockaddr_in){ .sin_family = AF_INET,
                                           .sin_port = htons(node->args.port),
                                           .sin_addr = node->args.server };
    if (node_pass_gate(node, &client->begin_ns, err))
        return -1;
    client->give_up_at = event_now() + CS_CONNECT_PATIENCE_NS;
    client->pause_ns = PAUSE_FIRST_NS;
    connect_again(client);
    if (loop_run(&node->loop, cs_client_turn, client, err))
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

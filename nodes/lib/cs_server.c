#include "lib/cs_server.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"

struct cs_connection {
    struct channel channel;
    struct cs_connection *next;
    struct cs_server *server; /* borrowed */
    uint32_t number;          /* counted from 1 */
    uint64_t accepted_ns;
    bool asked;
    bool reported;
};

#define SECONDS(ns) ((double)(ns) / 1e9)

static int take_request(struct cs_connection *connection, const struct wire_message *message,
                        struct lab_error *err)
{
    struct cs_server *server = connection->server;
    uint64_t length = server->file_bytes;
    if (connection->asked)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a second request");
    if (message->offset > length || message->bytes > length - message->offset)
        return lab_error_set(err, LAB_ERR_PROTOCOL,
                             "a request for %llu bytes at %llu of a file of %llu",
                             (unsigned long long)message->bytes,
                             (unsigned long long)message->offset, (unsigned long long)length);
    connection->asked = true;
    channel_send_file(&connection->channel, server->file_fd, message->offset,
                      message->offset + message->bytes);
    channel_flush(&connection->channel);
    return 0;
}

static int take_report(struct cs_connection *connection, const struct wire_message *message,
                       struct lab_error *err)
{
    const char *name = connection->channel.name;
    struct event_writer *events = &connection->server->node->events;
    if (!connection->asked || connection->reported)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a report out of turn");
    connection->reported = true;
    event_begin(events, EVENT_REPORT, 0);
    event_string(events, "peer", name);
    event_real(events, "seconds", SECONDS(message->nanoseconds));
    event_integer(events, "bytes", (int64_t)message->bytes);
    event_end(events);
    node_say("%s had %llu bytes after %.6f seconds", name, (unsigned long long)message->bytes,
             SECONDS(message->nanoseconds));
    return 0;
}

static int connection_message(struct channel *channel, const struct wire_message *message,
                              struct lab_error *err)
{
    return message->type == WIRE_REQUEST ? take_request(channel->owner, message, err)
                                         : take_report(channel->owner, message, err);
}

static void log_close(struct cs_connection *connection, const char *reason)
{
    struct channel *channel = &connection->channel;
    struct event_writer *events = &connection->server->node->events;
    event_begin(events, EVENT_CLOSE, 0);
    event_integer(events, "connection", connection->number);
    event_string(events, "peer", channel->name);
    event_integer(events, "bytes_sent", (int64_t)channel->bytes_sent);
    event_integer(events, "bytes_received", (int64_t)channel->bytes_received);
    event_string(events, "reason", reason);
    event_end(events);
    node_say("Connection from %s closed after %.6f seconds", channel->name,
             SECONDS(event_now() - connection->accepted_ns));
}

static void connection_closed(struct channel *channel, const struct lab_error *reason)
{
    struct cs_connection *connection = channel->owner;
    struct cs_server *server = connection->server;
    struct lab_error lost = LAB_ERROR_INIT;

    log_close(connection, reason ? reason->message : "closed by the client");
    if (connection->reported) {
        server->reported++;
    } else if (connection->asked) {
        server->lost++;
        lab_error_set(&lost, LAB_ERR_NODE, "client %s left before it had the file", channel->name);
        reason = &lost;
    }
    if (reason && !connection->reported)
        node_report_error(server->node, reason);

    struct cs_connection **link = &server->connections;
    while (*link != connection)
        link = &(*link)->next;
    *link = connection->next;
    connection->next = server->closed;
    server->closed = connection;
}

static const struct channel_ops connection_ops = {
    .message = connection_message,
    .closed = connection_closed,
};

static void log_accept(struct cs_connection *connection)
{
    struct event_writer *events = &connection->server->node->events;
    event_begin(events, EVENT_ACCEPT, connection->accepted_ns);
    event_integer(events, "connection", connection->number);
    event_string(events, "peer", connection->channel.name);
    event_end(events);
    node_say("Accept new connection from %s", connection->channel.name);
}

void cs_server_adopt(struct cs_server *server, int fd, const struct sockaddr_in *from)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct cs_connection *connection = calloc(1, sizeof(*connection));
    if (!connection) {
        close(fd);
        return;
    }
    connection->server = server;
    connection->number = ++server->accepted;
    connection->accepted_ns = event_now();
    net_tune_stream(fd);
    if (channel_open(&connection->channel, &server->node->loop, fd, from, WIRE_FROM_CS_CLIENT,
                     &connection_ops, connection, &err)) {
        node_report_error(server->node, &err);
        free(connection);
        return;
    }
    connection->next = server->connections;
    server->connections = connection;
    log_accept(connection);
    channel_send(&connection->channel,
                 &(struct wire_message){ .type = WIRE_LENGTH, .bytes = server->file_bytes });
    channel_flush(&connection->channel);
}

static void listener_ready(struct watch *watch, uint32_t events)
{
    struct cs_server *server =
        (struct cs_server *)((char *)watch - offsetof(struct cs_server, listener));
    struct sockaddr_in from;
    int fd;
    (void)events;
    while ((fd = net_accept(watch->fd, &from)) >= 0)
        cs_server_adopt(server, fd, &from);
}

static void free_list(struct cs_connection **list)
{
    while (*list) {
        struct cs_connection *next = (*list)->next;
        channel_close(&(*list)->channel);
        free(*list);
        *list = next;
    }
}

int cs_server_open(struct cs_server *server, struct node *node, struct lab_error *err)
{
    *server = (struct cs_server){ .node = node, .file_fd = -1, .listener = { .fd = -1 } };
    server->file_fd = node_open_file(node->args.file, &server->file_bytes, err);
    if (server->file_fd < 0)
        return -1;
    posix_fadvise(server->file_fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    server->listener.ready = listener_ready;
    server->listener.fd = net_listen((struct in_addr){ INADDR_ANY }, node->args.port, err);
    if (server->listener.fd < 0)
        return -1;
    return loop_add(&node->loop, &server->listener, EPOLLIN, err);
}

void cs_server_close(struct cs_server *server)
{
    free_list(&server->connections);
    free_list(&server->closed);
    if (server->listener.fd >= 0)
        close(server->listener.fd);
    if (server->file_fd >= 0)
        close(server->file_fd);
}

uint64_t cs_server_turn(void *owner)
{
    struct cs_server *server = owner;
    free_list(&server->closed);
    node_flush(server->node);
    if (server->reported + server->lost >= server->node->args.clients)
        server->node->loop.stop = true;
    return LOOP_NEVER;
}

int cs_server_run(struct node *node, struct lab_error *err)
{
    struct cs_server server;
    int status = cs_server_open(&server, node, err);
    if (!status) {
        node_event_ready(node, true);
        status = loop_run(&node->loop, cs_server_turn, &server, err);
    }
    if (!status && server.lost)
        status = lab_error_set(err, LAB_ERR_NODE, "%u of %u clients left before they had the file",
                               server.lost, node->args.clients);
    cs_server_close(&server);
    return status;
}

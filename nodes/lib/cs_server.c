#include "lib/cs_server.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"

struct cs_connection {
    struct channel channel;
    struct cs_connection *next;
    struct cs_server *server; /* borrowed */
    struct cs_party *party;   /* who it is, once it has asked; borrowed from the server */
    struct visit visit;
    bool reported, leaving;
};

/* A client. */
struct cs_party {
    uint64_t number;                  /* chosen by itself */
    struct cs_connection *connection; /* the present one, or NULL */
    uint64_t away_until;              /* without a connection: when it is lost; 0: it is over */
    char name[NET_NAME_MAX];
};

#define IDLE_CHECK_NS 1000000000ull

/* --- who asks -------------------------------------------------------------- */

static struct cs_party *find_party(const struct cs_server *server, uint64_t number)
{
    for (uint32_t i = 0; i < server->party_count; i++)
        if (server->parties[i].number == number)
            return &server->parties[i];
    return NULL;
}

static void log_resume(const struct cs_connection *connection, uint64_t offset)
{
    struct event_writer *events = &connection->server->node->events;
    event_begin(events, EVENT_RESUME, 0);
    event_integer(events, "connection", connection->visit.number);
    event_string(events, "peer", connection->channel.name);
    event_integer(events, "bytes", (int64_t)offset);
    event_end(events);
    node_say("%s goes on from byte %llu", connection->channel.name, (unsigned long long)offset);
}

/* A client comes again. Its earlier connection may be open still: this side need not know
 * that it broke. */
static int come_back(struct cs_connection *connection, struct cs_party *party, uint64_t offset,
                     struct lab_error *err)
{
    struct cs_connection *before = party->connection;
    if (before) {
        struct lab_error replaced = LAB_ERROR_INIT;
        lab_error_set(&replaced, LAB_ERR_NODE, "the client came by another connection");
        channel_fail(&before->channel, &replaced);
    }
    if (!party->away_until)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a request of a client that was done");
    party->away_until = 0;
    connection->server->away--;
    log_resume(connection, offset);
    return 0;
}

static int identify(struct cs_connection *connection, const struct wire_message *message,
                    struct lab_error *err)
{
    struct cs_server *server = connection->server;
    struct cs_party *party = find_party(server, message->client);
    if (party && come_back(connection, party, message->offset, err))
        return -1;
    if (!party && server->party_count == server->node->args.clients)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "one more client than the %u expected",
                             server->party_count);
    if (!party)
        party = &server->parties[server->party_count++];
    party->number = message->client;
    party->connection = connection;
    memcpy(party->name, connection->channel.name, sizeof(party->name));
    connection->party = party;
    visit_asked(&connection->visit, server->node, &connection->channel);
    return 0;
}

/* --- what clients say ------------------------------------------------------ */

static int take_request(struct cs_connection *connection, const struct wire_message *message,
                        struct lab_error *err)
{
    struct cs_server *server = connection->server;
    uint64_t length = server->file_bytes;
    if (connection->party)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a second request");
    if (message->offset > length || message->bytes > length - message->offset)
        return lab_error_set(err, LAB_ERR_PROTOCOL,
                             "a request for %llu bytes at %llu of a file of %llu",
                             (unsigned long long)message->bytes,
                             (unsigned long long)message->offset, (unsigned long long)length);
    if (identify(connection, message, err))
        return -1;
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
    if (!connection->party || connection->reported || connection->leaving)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a report out of turn");
    connection->reported = true;
    event_begin(events, EVENT_REPORT, 0);
    event_string(events, "peer", name);
    event_real(events, "seconds", visit_seconds(message->nanoseconds));
    event_integer(events, "bytes", (int64_t)message->bytes);
    event_end(events);
    node_say("%s had %llu bytes after %.6f seconds", name, (unsigned long long)message->bytes,
             visit_seconds(message->nanoseconds));
    return 0;
}

static int take_leave(struct cs_connection *connection, const struct wire_message *message,
                      struct lab_error *err)
{
    if (!connection->party || connection->reported || connection->leaving)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a leave out of turn");
    connection->leaving = true;
    node_say("%s gives up with %llu bytes", connection->channel.name,
             (unsigned long long)message->bytes);
    return 0;
}

static int connection_message(struct channel *channel, const struct wire_message *message,
                              struct lab_error *err)
{
    struct cs_connection *connection = channel->owner;
    if (message->type == WIRE_REQUEST)
        return take_request(connection, message, err);
    return message->type == WIRE_REPORT ? take_report(connection, message, err)
                                        : take_leave(connection, message, err);
}

/* --- coming and going ------------------------------------------------------ */

static void lose(struct cs_server *server, struct cs_party *party, const char *why)
{
    struct lab_error lost = LAB_ERROR_INIT;
    party->away_until = 0;
    server->lost++;
    lab_error_set(&lost, LAB_ERR_NODE, "client %s left before it had the file%s", party->name, why);
    node_report_error(server->node, &lost);
}

/* The connection of a client that is known is over: is the client? */
static void part(struct cs_connection *connection)
{
    struct cs_server *server = connection->server;
    struct cs_party *party = connection->party;
    party->connection = NULL;
    if (connection->reported) {
        server->reported++;
    } else if (connection->leaving) {
        lose(server, party, "");
    } else {
        party->away_until = event_now() + CS_RETURN_NS;
        server->away++;
        node_say("%s is gone without the whole file, and has %g seconds to come back", party->name,
                 visit_seconds(CS_RETURN_NS));
    }
}

static void connection_closed(struct channel *channel, const struct lab_error *reason)
{
    struct cs_connection *connection = channel->owner;
    struct cs_server *server = connection->server;

    visit_end(&connection->visit, server->node, channel,
              reason ? reason->message : "closed by the client");
    if (reason && !connection->reported)
        node_report_error(server->node, reason);
    if (connection->party)
        part(connection);
    server->listener.open--;

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

void cs_server_adopt(struct cs_server *server, int fd, const struct sockaddr_in *from)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct cs_connection *connection = calloc(1, sizeof(*connection));
    if (!connection) {
        close(fd);
        return;
    }
    connection->server = server;
    connection->visit = (struct visit){ .number = ++server->accepted, .accepted_ns = event_now() };
    net_tune_stream(fd);
    net_watch_path(fd);
    if (channel_open(&connection->channel, &server->node->loop, fd, from, WIRE_FROM_CS_CLIENT,
                     &connection_ops, connection, &err)) {
        node_report_error(server->node, &err);
        free(connection);
        return;
    }
    connection->next = server->connections;
    server->connections = connection;
    server->listener.open++;
    visit_begin(&connection->visit, server->node, &connection->channel);
    channel_send(&connection->channel,
                 &(struct wire_message){ .type = WIRE_LENGTH, .bytes = server->file_bytes });
    channel_flush(&connection->channel);
}

static void take_over(void *server, int fd, const struct sockaddr_in *from)
{
    cs_server_adopt(server, fd, from);
}

/* The connection that has asked for nothing for the longest time: they are in the order in
 * which they came, the last one first. */
static struct cs_connection *longest_idle(const struct cs_server *server)
{
    struct cs_connection *found = NULL;
    for (struct cs_connection *at = server->connections; at; at = at->next)
        if (!at->party)
            found = at;
    return found;
}

static bool make_room(void *owner)
{
    struct cs_server *server = owner;
    struct cs_connection *idle = longest_idle(server);
    struct lab_error err = LAB_ERROR_INIT;
    if (!idle)
        return false;
    lab_error_set(&err, LAB_ERR_PROTOCOL, "it asked for nothing, and others came");
    channel_fail(&idle->channel, &err);
    return true;
}

static const struct listener_ops listener_ops = { .adopt = take_over, .make_room = make_room };

/* Close those that have been idle for too long. */
static uint64_t close_idle(struct cs_server *server)
{
    uint64_t now = event_now();
    struct cs_connection *idle;
    if (now < server->idle_check_at)
        return server->idle_check_at;
    while ((idle = longest_idle(server)) && now >= idle->visit.accepted_ns + CS_IDLE_NS) {
        struct lab_error err = LAB_ERROR_INIT;
        lab_error_set(&err, LAB_ERR_PROTOCOL, "it asked for nothing for %g seconds",
                      visit_seconds(CS_IDLE_NS));
        channel_fail(&idle->channel, &err);
    }
    server->idle_check_at = now + IDLE_CHECK_NS;
    return idle ? server->idle_check_at : LOOP_NEVER;
}

/* Give up those that have been away for too long. */
static uint64_t lose_away(struct cs_server *server)
{
    uint64_t now = event_now(), next = LOOP_NEVER;
    for (uint32_t i = 0; server->away && i < server->party_count; i++) {
        struct cs_party *party = &server->parties[i];
        if (party->away_until && party->away_until <= now) {
            server->away--;
            lose(server, party, ", and did not come back");
        } else if (party->away_until && party->away_until < next) {
            next = party->away_until;
        }
    }
    return next;
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
    *server = (struct cs_server){ .node = node, .file_fd = -1, .listener.watch.fd = -1 };
    server->file_fd = node_open_file(node->args.file, &server->file_bytes, err);
    if (server->file_fd < 0)
        return -1;
    posix_fadvise(server->file_fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    server->parties = calloc(node->args.clients, sizeof(*server->parties));
    if (!server->parties)
        return lab_error_memory(err);
    return listener_open(&server->listener, node, &listener_ops, server, err);
}

void cs_server_close(struct cs_server *server)
{
    free_list(&server->connections);
    free_list(&server->closed);
    listener_close(&server->listener);
    free(server->parties);
    if (server->file_fd >= 0)
        close(server->file_fd);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t cs_server_turn(void *owner)
{
    struct cs_server *server = owner;
    uint64_t next = listener_turn(&server->listener, server->node);
    next = sooner(next, close_idle(server));
    next = sooner(next, lose_away(server));
    free_list(&server->closed);
    node_flush(server->node);
    if (server->reported + server->lost >= server->node->args.clients)
        server->node->loop.stop = true;
    return next;
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

/* The server of the client/server protocol: sends the file to whoever asks.
 *
 * A connection:
 *
 *     accepted -- LENGTH is sent --> idle -- REQUEST --> sending -- REPORT --> reported
 *
 * one that breaks the order, or stays idle, is closed; the others never notice. A client,
 * which is known by the number it chose, and may come by several connections in turn:
 *
 *     fetching -- REPORT, and the connection ends -------------> reported
 *        |  ^---- REQUEST on another connection ----.
 *        '------- the connection ends -----------> away -- CS_RETURN_NS --> lost
 *        '------- LEAVE, and the connection ends ------------------------> lost */
#ifndef NODES_CS_SERVER_H
#define NODES_CS_SERVER_H

#include "lib/channel.h"
#include "lib/listener.h"
#include "lib/node.h"
#include "lib/visit.h"

/* How long a client whose connection broke may stay away: longer than it tries to come back
 * (CS_CONNECT_PATIENCE_NS) and than it may take to notice (NET_PATH_PATIENCE_MS). */
#define CS_RETURN_NS 25000000000ull

/* How long a connection may ask for nothing. */
#define CS_IDLE_NS 30000000000ull

struct cs_connection;
struct cs_party;

struct cs_server {
    struct node *node; /* borrowed */
    int file_fd;       /* owned */
    uint64_t file_bytes;
    struct listener listener;
    uint32_t accepted;        /* connections so far */
    uint32_t reported;        /* clients that said when they had the file, and closed */
    uint32_t lost;            /* clients that asked for it and will not come back */
    struct cs_party *parties; /* owned: the clients that have asked, node->args.clients at most */
    uint32_t party_count, away;
    uint64_t idle_check_at;
    struct cs_connection *connections, *closed;
};

/* Open the file and listen. Returns 0, or -1 with err set. Close in either case. */
int cs_server_open(struct cs_server *server, struct node *node, struct lab_error *err);
void cs_server_close(struct cs_server *server);

/* Serve a connection. `fd` is taken over. */
void cs_server_adopt(struct cs_server *server, int fd, const struct sockaddr_in *from);

/* To be called between the loop's batches; tells the loop to stop when all is done. Returns
 * when it has to be called again. */
uint64_t cs_server_turn(void *server);

/* The whole program: serve until every client has reported and closed, or is lost. */
int cs_server_run(struct node *node, struct lab_error *err);

#endif
